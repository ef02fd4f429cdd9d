//! SESSION.TOUCH, and the errors of all options that set a timeout.

use support::{Conn, Server};

#[test]
fn a_time_that_is_not_to_come_is_core_s_error() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "k", "1", "NX"]);
    let past = c.now() - 1;
    let max = i64::MAX.to_string();
    let past_s = (past / 1000).to_string();
    let past = past.to_string();
    for (option, value) in [
        ("EX", "0"),
        ("EX", "-1"),
        ("EX", &max),
        ("PX", "0"),
        ("PX", "-5"),
        ("PX", &max),
        ("EXAT", "0"),
        ("EXAT", &past_s),
        ("EXAT", "-7"),
        ("EXAT", &max),
        ("PXAT", "0"),
        ("PXAT", &past),
        ("IDLE", "-1"),
        ("IDLE", &max),
        ("PIDLE", "-1"),
        ("PIDLE", &max),
    ] {
        assert_eq!(
            c.err(&["SESSION.SET", "k", "2", option, value]),
            "ERR invalid expire time in 'session.set' command",
            "{option} {value}"
        );
        assert_eq!(
            c.err(&["SESSION.TOUCH", "k", option, value]),
            "ERR invalid expire time in 'session.touch' command",
            "{option} {value}"
        );
    }
    for (option, value) in [
        ("EX", "1.5"),
        ("PX", ""),
        ("EXAT", "9223372036854775808"),
        ("IDLE", "x"),
    ] {
        assert_eq!(
            c.err(&["SESSION.SET", "k", "2", option, value]),
            "ERR value is not an integer or out of range"
        );
    }
    assert_eq!(c.ok(&["SESSION.GET", "k"]).text(), "1");
    // As with core's SET, numbers are checked before the key is looked at.
    for command in [
        &["SESSION.SET", "k", "2", "NX", "EX", "x"][..],
        &["SESSION.SET", "none", "2", "EX", "x"],
        &["SESSION.SET", "none", "2", "IFVERSION", "x"],
        &["SESSION.TOUCH", "none", "PX", "x"],
        &["SESSION.PATCH", "none", "{}", "PX", "x"],
        &["SESSION.PATCH", "none", "{}", "IFVERSION", "x"],
        &["SESSION.ROTATE", "none", "s:*", "PX", "x"],
    ] {
        assert_eq!(
            c.err(command),
            "ERR value is not an integer or out of range"
        );
    }
}

#[test]
fn touch_changes_the_timeouts_that_are_named() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "k", "1", "NX", "EX", "1000", "IDLE", "500"]);
    let fields = |c: &mut Conn| {
        let info = c.ok(&["SESSION.INFO", "k"]);
        (info.field("deadline"), info.field("idle"))
    };
    let (deadline, idle) = fields(&mut c);
    assert_eq!(c.ok(&["SESSION.TOUCH", "k", "IDLE", "700"]).int(), 1);
    assert_eq!(
        (fields(&mut c).0, fields(&mut c).1.int()),
        (deadline, 700_000)
    );
    assert_eq!(c.ok(&["SESSION.TOUCH", "k", "PERSIST"]).int(), 1);
    assert!(fields(&mut c).0.is_nil());
    assert_eq!(c.ok(&["SESSION.TOUCH", "k", "IDLE", "0"]).int(), 1);
    assert!(fields(&mut c).1.is_nil());
    assert_eq!(c.ok(&["PTTL", "k"]).int(), -1);
    assert_eq!(idle.int(), 500_000);
    c.ok(&["SESSION.TOUCH", "k", "PX", "600000", "PIDLE", "300000"]);
    let end = c.ok(&["SESSION.INFO", "k"]).field("accessed").int() + 300_000;
    assert_eq!(c.ok(&["PEXPIRETIME", "k"]).int(), end);
}

#[test]
fn touch_replies_0_for_nothing_and_refuses_other_types_and_syntax() {
    let server = Server::start();
    let mut c = server.conn();
    assert_eq!(c.ok(&["SESSION.TOUCH", "none"]).int(), 0);
    assert_eq!(c.ok(&["EXISTS", "none"]).int(), 0);
    c.ok(&["SET", "text", "x"]);
    assert!(c.err(&["SESSION.TOUCH", "text"]).starts_with("WRONGTYPE "));
    c.ok(&["SESSION.SET", "k", "1", "NX"]);
    for tail in [
        &["NX"][..],
        &["EX"],
        &["EX", "1", "PX", "1"],
        &["PERSIST", "PERSIST"],
        &["junk"],
    ] {
        assert_eq!(
            c.err(&[&["SESSION.TOUCH", "k"][..], tail].concat()),
            "ERR syntax error"
        );
    }
    assert_eq!(
        c.err(&["SESSION.TOUCH"]),
        "ERR wrong number of arguments for 'session.touch' command"
    );
}
