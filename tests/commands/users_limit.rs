//! LIMIT of SESSION.LIST and SESSION.REVOKE, for users with few sessions and with many: the index keeps
//! the times of accesses only for those.

use super::users::{list, made};
use support::{args, eventually, Conn, Server, Value};

/// More sessions than the index keeps in one block.
pub const MANY: usize = 50;

/// Makes sessions of ada's, each accessed later than the one before. Returns the keys, the last
/// accessed first.
#[track_caller]
pub fn fill(c: &mut Conn, count: usize) -> Vec<String> {
    for n in 0..count {
        made(c, &format!("k{n:03}"), "ada");
        c.tick();
    }
    list(c, "ada")
}

#[track_caller]
fn first(c: &mut Conn, count: usize) -> Vec<String> {
    c.ok(&args!["SESSION.LIST", "ada", "LIMIT", count]).texts()
}

#[test]
fn list_shows_no_more_than_the_limit_the_most_recently_accessed() {
    for count in [0, 1, 7, MANY] {
        let server = Server::setup().module_arg("touch-interval-ms 0").start();
        let mut c = server.conn();
        let all = fill(&mut c, count);
        assert_eq!(all.len(), count);
        for limit in [1, 2, 7, MANY - 1, MANY, 1000] {
            assert_eq!(
                first(&mut c, limit),
                all[..limit.min(count)],
                "{limit} of {count}"
            );
        }
        assert_eq!(
            c.ok(&["SESSION.LIST", "ada", "LIMIT", "9223372036854775807"])
                .texts(),
            all
        );
    }
}

#[test]
fn each_kind_of_access_changes_what_comes_first() {
    let server = Server::setup()
        .module_arg("touch-interval-ms 0")
        .module_arg("max-grace-ms 600000")
        .start();
    let mut c = server.conn();
    let all = fill(&mut c, MANY);
    let commands = [
        &["SESSION.TOUCH", "k001"][..],
        &["SESSION.GET", "k002"],
        &["SESSION.VERIFY", "k003"],
        &["SESSION.SET", "k004", "{\"n\":1}"],
        &["SESSION.SET", "k005", "{}"],
        &["SESSION.PATCH", "k006", "{\"n\":1}"],
        &["SESSION.POP", "k007", "/none"],
        &["SESSION.SET", "fresh", "{}", "NX", "USER", "ada"],
    ];
    let mut wanted = all;
    for command in commands {
        c.tick();
        c.ok(command);
        let key = command[1];
        wanted.retain(|listed| listed != key);
        wanted.insert(0, key.into());
        assert_eq!(first(&mut c, 3), wanted[..3], "{command:?}");
    }
    c.tick();
    let rotated = c
        .ok(&["SESSION.ROTATE", "k008", "s:*", "GRACE", "600000"])
        .text();
    assert_eq!(first(&mut c, 1), [&rotated[..]]);
    c.tick();
    c.ok(&["SESSION.TOUCH", "k009"]);
    c.tick();
    c.ok(&["SESSION.TOUCH", "k008"]); // a superseded ID
    assert_eq!(first(&mut c, 2), [&rotated[..], "k009"]);
}

#[test]
fn core_s_commands_and_loads_keep_the_order() {
    let server = Server::start();
    let mut c = server.conn();
    fill(&mut c, MANY);
    let check = |c: &mut Conn, what: &str| {
        let all = list(c, "ada");
        for limit in [1, 5, 20] {
            assert_eq!(first(c, limit), all[..limit], "{what}");
        }
        all
    };
    c.ok(&["RENAME", "k049", "renamed"]);
    assert_eq!(check(&mut c, "RENAME")[0], "renamed");
    c.ok(&["COPY", "renamed", "copied"]);
    assert_eq!(check(&mut c, "COPY")[..2], ["copied", "renamed"]);
    c.ok(&["COPY", "k000", "copied", "REPLACE"]);
    assert_eq!(check(&mut c, "COPY REPLACE")[0], "renamed");
    let dump = c.ok(&["DUMP", "renamed"]);
    c.ok(&args!["RESTORE", "k001", 0, dump.bytes(), "REPLACE"]);
    assert_eq!(check(&mut c, "RESTORE")[..2], ["k001", "renamed"]);
    c.ok(&["MOVE", "k001", "1"]);
    assert_eq!(check(&mut c, "MOVE")[0], "renamed");
    c.ok(&["DEBUG", "RELOAD"]);
    c.ok(&["SELECT", "0"]); // Valkey 8.1 leaves the client in the database that was loaded last.
    check(&mut c, "DEBUG RELOAD");
    c.ok(&["SESSION.TOUCH", "k002"]);
    assert_eq!(check(&mut c, "TOUCH")[0], "k002");
    c.ok(&["SWAPDB", "0", "2"]);
    c.ok(&["SELECT", "2"]);
    c.tick();
    c.ok(&["SESSION.TOUCH", "k003"]);
    assert_eq!(check(&mut c, "SWAPDB")[..2], ["k003", "k002"]);
}

#[test]
fn a_replica_has_the_same_order() {
    let primary = Server::setup().module_arg("touch-interval-ms 0").start();
    let replica = primary.replica();
    let (mut c, mut r) = (primary.conn(), replica.conn());
    fill(&mut c, MANY);
    for key in ["k010", "k020", "k015"] {
        c.ok(&["SESSION.GET", key]);
        c.tick();
        c.ok(&["SESSION.TOUCH", &key.replace("k0", "k00")[..4]]);
        c.tick();
        c.ok(&["SESSION.PATCH", &key.replace("k0", "k03")[..4], "{\"n\":1}"]);
        c.tick();
    }
    replica.wait_for_sync(&primary);
    let all = list(&mut c, "ada");
    for limit in [1, 4, 10, 40] {
        assert_eq!(first(&mut c, limit), all[..limit]);
        assert_eq!(first(&mut r, limit), all[..limit]);
    }
}

#[test]
fn list_takes_limit_with_its_other_options_in_any_order() {
    let server = Server::start();
    for mut c in [server.conn(), server.conn3()] {
        c.ok(&["FLUSHALL"]);
        c.ok(&["SESSION.SET", "a", "{\"n\":1}", "NX", "USER", "ada"]);
        c.tick();
        c.ok(&["SESSION.SET", "b", "{\"n\":2}", "NX", "USER", "ada"]);
        for options in [
            &["LIMIT", "1", "WITHINFO", "PATH", "/n"][..],
            &["withinfo", "limit", "1", "path", "/n"],
        ] {
            let reply = c.ok(&[&["SESSION.LIST", "ada"], options].concat());
            assert_eq!(reply.items().len(), 1);
            let entry = reply.items()[0].items();
            assert_eq!((entry.len(), entry[0].text()), (3, "b".into()));
            assert_eq!(entry[1].field("user").text(), "ada");
            assert_eq!(entry[2].text(), "2");
        }
    }
}

#[test]
fn sessions_that_have_ended_take_no_place_in_the_limit() {
    let server = Server::start();
    let mut c = server.conn();
    fill(&mut c, MANY);
    for n in 0..20 {
        c.set_session_outlived_by_key(&format!("dead{n}"), &["USER", "ada"]);
    }
    eventually("they have ended", || list(&mut c, "ada").len() == MANY);
    let all = list(&mut c, "ada");
    assert_eq!(
        first(&mut c, 3),
        all[..3],
        "the ended ones were accessed later"
    );
    assert_eq!(first(&mut c, 3).len(), 3);
}

#[test]
fn a_limit_is_a_number_of_one_or_more() {
    let server = Server::start();
    let mut c = server.conn();
    made(&mut c, "a", "ada");
    for command in ["SESSION.LIST", "SESSION.REVOKE"] {
        for n in ["0", "-1"] {
            let line = c.err(&[command, "ada", "LIMIT", n]);
            assert_eq!(line, "ERR LIMIT must be 1 or more");
        }
        for n in ["x", "1.5", "", "9223372036854775808"] {
            let line = c.err(&[command, "ada", "LIMIT", n]);
            assert_eq!(line, "ERR value is not an integer or out of range");
        }
        for wrong in [
            &["LIMIT"][..],
            &["LIMIT", "1", "LIMIT", "1"],
            &["LIMIT", "1", "2"],
            &["LIMIT", "1", "EXCEPT"],
        ] {
            let line = c.err(&[&[command, "ada"], wrong].concat());
            assert_eq!(line, "ERR syntax error", "{command} {wrong:?}");
        }
    }
    assert_eq!(list(&mut c, "ada"), ["a"]);
}

#[test]
fn limits_work_in_transactions_and_scripts() {
    let server = Server::start();
    let mut c = server.conn();
    fill(&mut c, MANY);
    c.ok(&["MULTI"]);
    c.ok(&["SESSION.REVOKE", "ada", "LIMIT", "2"]);
    c.ok(&["SESSION.LIST", "ada", "LIMIT", "1"]);
    let replies = c.ok(&["EXEC"]);
    assert_eq!(replies.items()[0], Value::Int(2));
    assert_eq!(replies.items()[1].texts(), ["k049"]);
    let script = "return {redis.call('SESSION.REVOKE', 'ada', 'LIMIT', 1), \
                  redis.call('SESSION.LIST', 'ada', 'LIMIT', 2)}";
    let replies = c.ok(&["EVAL", script, "0"]);
    assert_eq!(replies.items()[0].int(), 1);
    assert_eq!(replies.items()[1].texts(), ["k049", "k048"]);
    assert_eq!(list(&mut c, "ada").len(), MANY - 3);
}

#[test]
fn limits_count_only_sessions_that_the_caller_may_use() {
    let server = Server::start();
    let mut c = server.conn();
    for n in 0..10 {
        made(&mut c, &format!("web:{n}"), "ada");
        c.tick();
    }
    for n in 0..MANY {
        made(&mut c, &format!("app:{n}"), "ada");
    }
    c.ok(&["ACL", "SETUSER", "web", "on", "nopass", "+@all", "~web:*"]);
    let mut web = server.conn();
    web.ok(&["AUTH", "web", "any"]);
    assert_eq!(first(&mut web, 3), ["web:9", "web:8", "web:7"]);
    assert_eq!(web.ok(&["SESSION.REVOKE", "ada", "LIMIT", "2"]).int(), 2);
    assert_eq!(first(&mut web, 100).last().unwrap(), "web:2");
    assert_eq!(list(&mut c, "ada").len(), MANY + 8);
}
