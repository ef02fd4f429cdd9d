//! The end of sessions: deadline, idle timeout, and the effect of core's own commands on both.

use std::time::Duration;
use support::{args, eventually, within, Conn, Events, Server};

#[test]
fn each_option_sets_its_deadline_and_the_key_s_own_expiry() {
    let server = Server::start();
    let mut c = server.conn();
    let at = c.now() + 500_000;
    for (option, value, wanted) in [
        ("EX", 100, None),
        ("PX", 100_000, None),
        ("EXAT", at / 1000, Some(at / 1000 * 1000)),
        ("PXAT", at, Some(at)),
    ] {
        let key = c
            .ok(&args!["SESSION.SET", "s:*", "1", option, value])
            .text();
        let info = c.ok(&["SESSION.INFO", &key]);
        let wanted = wanted.unwrap_or(info.field("created").int() + 100_000);
        assert_eq!(info.field("deadline").int(), wanted, "{option}");
        assert_eq!(c.ok(&["PEXPIRETIME", &key]).int(), wanted, "{option}");
        assert!(info.field("idle").is_nil());
    }
    let key = c.ok(&["SESSION.SET", "s:*", "1", "PERSIST"]).text();
    assert!(c.ok(&["SESSION.INFO", &key]).field("deadline").is_nil());
    assert!(c.ok(&["SESSION.INFO", &key]).field("ttl").is_nil());
    assert_eq!(c.ok(&["PTTL", &key]).int(), -1);
}

#[test]
fn what_is_not_given_at_creation_comes_from_the_settings() {
    let server = Server::start();
    let mut c = server.conn();
    let info = |c: &mut Conn| {
        let key = c.ok(&["SESSION.SET", "s:*", "1"]).text();
        let info = c.ok(&["SESSION.INFO", &key]);
        let created = info.field("created").int();
        let deadline = info.field("deadline");
        let life = (!deadline.is_nil()).then(|| deadline.int() - created);
        let idle = info.field("idle");
        (life, (!idle.is_nil()).then(|| idle.int()))
    };
    assert_eq!(info(&mut c), (Some(21_600_000), None));
    c.ok(&["CONFIG", "SET", "session.ttl", "0"]);
    assert_eq!(info(&mut c), (None, None));
    c.ok(&["CONFIG", "SET", "session.idle-timeout", "1800"]);
    assert_eq!(info(&mut c), (None, Some(1_800_000)));
    c.ok(&["CONFIG", "SET", "session.ttl", "60"]);
    assert_eq!(info(&mut c), (Some(60_000), Some(1_800_000)));
}

#[test]
fn the_key_expires_at_the_sooner_of_the_two_ends() {
    let server = Server::start();
    let mut c = server.conn();
    let key = c
        .ok(&["SESSION.SET", "s:*", "1", "EX", "1000", "PIDLE", "500000"])
        .text();
    let info = c.ok(&["SESSION.INFO", &key]);
    let idle_end = info.field("accessed").int() + 500_000;
    assert_eq!(c.ok(&["PEXPIRETIME", &key]).int(), idle_end);
    c.ok(&["SESSION.TOUCH", &key, "PX", "300000"]);
    let info = c.ok(&["SESSION.INFO", &key]);
    assert_eq!(
        c.ok(&["PEXPIRETIME", &key]).int(),
        info.field("deadline").int()
    );
}

#[test]
fn a_session_lives_to_its_last_millisecond_and_no_longer() {
    let server = Server::start();
    let mut c = server.conn();
    // The active expiry of Redis 8.0 and later (redis/redis#13591) may delete a key, of any type, in the
    // last millisecond of its life. Lookups find the key until that millisecond is over.
    c.ok(&["DEBUG", "SET-ACTIVE-EXPIRE", "0"]);
    for option in ["PX", "PIDLE"] {
        for _ in 0..5 {
            let (key, end) = within(|ms| {
                let key = c.ok(&args!["SESSION.SET", "s:*", "1", "PERSIST"]).text();
                c.ok(&args!["SESSION.TOUCH", key, option, ms]);
                let end = c.ok(&["PEXPIRETIME", &key]).int();
                (end > 0).then_some((key, end)) // negative if the key has expired already
            });
            // The time of each read lies between those before and after it. NOTOUCH: no access.
            loop {
                let before = c.now();
                let there = !c.ok(&["SESSION.GET", &key, "NOTOUCH"]).is_nil();
                let after = c.now();
                if after <= end {
                    assert!(there, "{option}: gone {} ms early", end - after);
                } else if before > end {
                    assert!(!there, "{option}: there {} ms late", before - end);
                    break;
                }
            }
            assert_eq!(c.ok(&["EXISTS", &key]).int(), 0);
        }
    }
}

#[test]
fn expiry_is_redis_s_own_event() {
    let server = Server::start();
    let mut c = server.conn();
    let mut events = Events::keyevents(&server);
    c.ok(&["SESSION.SET", "k", "1", "NX", "PX", "30"]);
    let event = events.wait_for(|e| e.message == "k" && e.channel.ends_with(":expired"));
    assert_eq!(event.channel, "__keyevent@0__:expired");
}

#[test]
fn reads_push_the_idle_end_out_and_notouch_does_not() {
    let server = Server::start();
    let mut c = server.conn();
    // Reads go on for two and a half idle timeouts. If a busy machine leaves too much time between
    // two of them, the sessions may end, and the attempt does not count.
    within(|idle| {
        let begin = c.now();
        for key in ["read", "verified", "peeked"] {
            c.ok(&["DEL", key]);
            c.ok(&args![
                "SESSION.SET",
                key,
                1,
                "NX",
                "PIDLE",
                idle,
                "PERSIST"
            ]);
        }
        let mut last = begin;
        while last < begin + idle * 5 / 2 {
            std::thread::sleep(Duration::from_millis(idle as u64 / 8));
            c.ok(&["SESSION.GET", "peeked", "NOTOUCH"]);
            c.ok(&["SESSION.VERIFY", "peeked", "NOTOUCH"]);
            c.ok(&["SESSION.INFO", "peeked"]);
            let before = c.now();
            let alive = [
                !c.ok(&["SESSION.GET", "read"]).is_nil(),
                !c.ok(&["SESSION.VERIFY", "verified"]).is_nil(),
            ];
            // An access is recorded to a tenth of the timeout.
            let gap = c.now() - last;
            if gap > idle * 9 / 10 {
                return None;
            }
            assert_eq!(alive, [true; 2], "at most {gap} ms after the last read");
            last = before;
        }
        assert!(c.ok(&["SESSION.GET", "peeked"]).is_nil());
        Some(())
    });
}

#[test]
fn no_access_moves_the_deadline() {
    let server = Server::setup().module_arg("touch-interval-ms 0").start();
    let mut c = server.conn();
    // The idle timeout would end the session first, until accesses have moved that beyond the deadline.
    c.ok(&args![
        "SESSION.SET",
        "k",
        1,
        "NX",
        "PX",
        600_050,
        "PIDLE",
        600_000
    ]);
    let deadline = c.ok(&["SESSION.INFO", "k"]).field("deadline").int();
    let mut beyond = 0;
    while beyond < 10 {
        c.tick();
        c.ok(&["SESSION.GET", "k"]);
        assert_eq!(c.ok(&["SESSION.TOUCH", "k"]).int(), 1);
        let info = c.ok(&["SESSION.INFO", "k"]);
        assert_eq!(info.field("deadline").int(), deadline);
        let idle_end = info.field("accessed").int() + 600_000;
        assert_eq!(c.ok(&["PEXPIRETIME", "k"]).int(), idle_end.min(deadline));
        beyond += i32::from(idle_end > deadline);
    }
    // The session ends at its deadline.
    let deadline = within(|ms| {
        c.ok(&args![
            "SESSION.SET",
            "short",
            1,
            "NX",
            "PX",
            ms,
            "PIDLE",
            600_000
        ]);
        let info = c.ok(&["SESSION.INFO", "short"]);
        (!info.is_nil()).then(|| info.field("deadline").int())
    });
    loop {
        let before = c.now();
        if c.ok(&["SESSION.GET", "short"]).is_nil() {
            break;
        }
        assert!(before <= deadline, "{} ms late", before - deadline);
        assert!(c.ok(&["SESSION.TOUCH", "short"]).int() <= 1);
    }
    assert!(c.now() > deadline);
}

#[test]
fn accesses_are_recorded_at_most_once_in_the_interval() {
    let server = Server::start();
    let mut c = server.conn();
    // An interval longer than the test can take.
    c.ok(&["CONFIG", "SET", "session.touch-interval-ms", "1000000"]);
    c.ok(&["SESSION.SET", "k", "1", "NX", "IDLE", "100000"]);
    let recorded = |c: &mut Conn| -> (u64, u64) {
        let info = c.ok(&["INFO", "session"]).text();
        let field = |name: &str| {
            let line = info.lines().find_map(|l| l.strip_prefix(name)).unwrap();
            line.trim().parse().unwrap()
        };
        (
            field("session_accesses_recorded:"),
            field("session_accesses_not_recorded:"),
        )
    };
    for _ in 0..100 {
        c.ok(&["SESSION.GET", "k"]);
    }
    assert_eq!(recorded(&mut c), (0, 100));
    c.ok(&["CONFIG", "SET", "session.touch-interval-ms", "0"]);
    for _ in 0..10 {
        c.tick();
        c.ok(&["SESSION.GET", "k"]);
    }
    assert_eq!(recorded(&mut c), (10, 100));
    c.ok(&["SESSION.SET", "plain", "1", "NX"]);
    c.tick();
    c.ok(&["SESSION.GET", "plain"]);
    assert_eq!(recorded(&mut c), (10, 100), "no idle timeout, no record");
}

#[test]
fn core_commands_can_shorten_a_life_but_not_stretch_it() {
    let server = Server::start();
    let mut c = server.conn();
    let life = c.set_session_outlived_by_key("k", &[]);
    for stretch in [
        &["EXPIRE", "k", "1000"][..],
        &["PEXPIREAT", "k", "9999999999999"],
    ] {
        assert_eq!(c.ok(stretch).int(), 1);
    }
    let info = c.ok(&["SESSION.INFO", "k"]);
    assert!(info.is_nil() || info.field("ttl").int() <= life);
    let copy = c.ok(&["DUMP", "k"]);
    c.ok(&args!["RESTORE", "restored", 0, copy.bytes()]);
    eventually("the session ends", || c.ok(&["SESSION.GET", "k"]).is_nil());
    assert_eq!(
        c.ok(&["EXISTS", "k"]).int(),
        1,
        "EXPIRE holds the key, which is dead"
    );
    for dead in ["k", "restored"] {
        assert!(c.ok(&["SESSION.GET", dead]).is_nil());
        assert!(c.ok(&["SESSION.VERIFY", dead]).is_nil());
        assert!(c.ok(&["SESSION.INFO", dead]).is_nil());
        assert_eq!(c.ok(&["SESSION.TOUCH", dead]).int(), 0);
        assert!(c.err(&["SESSION.SET", dead, "2"]).starts_with("NOSESSION "));
    }
    assert_eq!(
        c.ok(&["SESSION.DEL", "restored"]).int(),
        0,
        "the session was not live"
    );
    assert_eq!(
        c.ok(&["EXISTS", "restored"]).int(),
        0,
        "its key is deleted all the same"
    );
    assert_eq!(
        c.ok(&["SESSION.SET", "k", "3", "NX"]).text(),
        "k",
        "NX takes the key of a dead session"
    );

    c.ok(&["SESSION.SET", "short", "1", "NX", "EX", "1000"]);
    c.ok(&["PEXPIRE", "short", "40"]);
    let info = c.ok(&["SESSION.INFO", "short"]);
    assert!(info.is_nil() || info.field("ttl").int() <= 40);
    eventually("core's expiry", || c.ok(&["SESSION.GET", "short"]).is_nil());
}

#[test]
fn max_ttl_is_a_limit_from_creation_or_authentication() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["CONFIG", "SET", "session.max-ttl", "1000"]);
    let life = |c: &mut Conn, key: &str| {
        let info = c.ok(&["SESSION.INFO", key]);
        info.field("deadline").int() - info.field("created").int()
    };
    for tail in [
        &[][..],
        &["EX", "10000"],
        &["PERSIST"],
        &["PXAT", "9999999999999"],
    ] {
        let key = c
            .ok(&[&["SESSION.SET", "s:*", "1"][..], tail].concat())
            .text();
        assert_eq!(life(&mut c, &key), 1_000_000, "{tail:?}");
        c.tick();
        c.ok(&["SESSION.TOUCH", &key, "PERSIST"]);
        assert_eq!(life(&mut c, &key), 1_000_000);
        let before = c.now();
        c.ok(&["SESSION.TOUCH", &key, "EX", "700"]);
        let deadline = c.ok(&["SESSION.INFO", &key]).field("deadline").int();
        assert!((before + 700_000..=c.now() + 700_000).contains(&deadline));
    }
    let key = c.ok(&["SESSION.SET", "s:*", "1"]).text();
    c.ok(&["CONFIG", "SET", "session.max-ttl", "1"]);
    assert_eq!(
        life(&mut c, &key),
        1_000_000,
        "a limit holds for deadlines that are set later"
    );
    let created = c.ok(&["SESSION.INFO", &key]).field("created").int();
    c.wait_until_after(created + 1000);
    assert_eq!(
        c.err(&["SESSION.TOUCH", &key, "EX", "5"]),
        "ERR invalid expire time in 'session.touch' command",
        "every deadline within the limit has passed"
    );
    assert_eq!(c.ok(&["SESSION.TOUCH", &key]).int(), 1);
}
