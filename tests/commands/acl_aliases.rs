//! An alias leads on where the caller may run the same command on the successor. Refusals of keys that
//! nobody named are in the ACL log.

use super::acl_by_command::{start, user};
use support::{Conn, Server, Value};

/// A command that follows an alias, with its arguments after the key.
const FOLLOWERS: [&[&str]; 8] = [
    &["SESSION.VERIFY"],
    &["SESSION.GET"],
    &["SESSION.INFO"],
    &["SESSION.TOUCH"],
    &["SESSION.SET", r#"{"n":2}"#],
    &["SESSION.PATCH", r#"{"m":1}"#],
    &["SESSION.POP", "/n"],
    &["SESSION.DEL"],
];

/// Makes a session under a key b:… that the alias a:old leads to.
fn rotate(server: &Server) -> String {
    server.ok(&["FLUSHALL", "SYNC"]);
    server.ok(&["SESSION.SET", "a:old", r#"{"n":1}"#, "NX", "USER", "ada"]);
    server
        .ok(&["SESSION.ROTATE", "a:old", "b:*", "GRACE", "600000"])
        .text()
}

#[test]
fn an_alias_leads_on_where_the_caller_may_run_the_same_command() {
    let server = start();
    for (i, follower) in FOLLOWERS.iter().enumerate() {
        let (name, more) = follower.split_first().expect("a name");
        let call = [&[name, "a:old"], more].concat();
        let plus = |name: &str| format!("+{}", name.to_lowercase());
        // The main selector may do all on a:*, the second one only this on b:*.
        let with = |second: &str| {
            let second = format!("(~b:* {second})");
            user(&server, "s", &["~a:*", "+@all", &second])
        };
        let other = FOLLOWERS[(i + 1) % FOLLOWERS.len()][0];
        for second in ["+get +set +del", &plus(other)] {
            let key = rotate(&server);
            let before = server.ok(&["DEBUG", "DIGEST-VALUE", "a:old", &key]);
            let error = with(second).err(&call);
            let start = "NOPERM No permissions to access a key: the session was rotated";
            assert!(error.starts_with(start), "{name} with {second}: {error}");
            let after = server.ok(&["DEBUG", "DIGEST-VALUE", "a:old", &key]);
            assert_eq!(before, after, "{name} with {second}");
        }
        rotate(&server);
        let reply = with(&plus(name)).cmd(&call);
        assert!(
            reply.error().is_none() && !reply.is_nil(),
            "{name}: {reply}"
        );
        assert_ne!(reply, Value::Int(0), "{name}");
        // In a transaction and in a script, too.
        rotate(&server);
        let mut s = with(&plus(other));
        s.ok(&["MULTI"]);
        s.ok(&call);
        let done = s.ok(&["EXEC"]);
        let error = done.items()[0]
            .error()
            .unwrap_or_else(|| panic!("{name}: {done}"));
        assert!(error.starts_with("NOPERM "), "{name}: {error}");
        let script = ["EVAL", "return redis.call(unpack(ARGV))", "0"];
        let error = s.err(&[&script, &call[..]].concat());
        assert!(error.starts_with("NOPERM "), "{name}: {error}");
    }
}

/// A write needs permission to write alone, as for a key that is named.
#[test]
fn an_alias_needs_of_its_successor_what_the_command_needs_of_a_named_key() {
    let server = start();
    for follower in FOLLOWERS {
        let (name, more) = follower.split_first().expect("a name");
        for pattern in ["%R~b:*", "%W~b:*"] {
            let named = [&[name, "b:named"], more].concat();
            let through = [&[name, "a:old"], more].concat();
            rotate(&server);
            server.ok(&["SESSION.SET", "b:named", r#"{"n":1}"#, "NX"]);
            let mut s = user(&server, "s", &["~a:*", pattern, "+@all"]);
            let (named, through) = (s.cmd(&named), s.cmd(&through));
            let refused = |reply: &Value| reply.error().map(|line| line.starts_with("NOPERM "));
            assert_eq!(refused(&through), refused(&named), "{name} {pattern}");
        }
    }
}

fn log_of(server: &Server) -> Vec<[String; 5]> {
    let fields = ["count", "reason", "context", "object", "username"];
    let text = |value: Value| match value {
        Value::Int(n) => n.to_string(),
        other => other.text(),
    };
    let log = server.ok(&["ACL", "LOG"]);
    let entries = log.items().iter();
    entries
        .map(|entry| fields.map(|field| text(entry.field(field))))
        .collect()
}

#[test]
fn refusals_are_in_the_acl_log_at_most_one_for_a_call() {
    let server = start();
    let key = rotate(&server);
    let rules = ["~a:*", "+@all", "(~b:1 +get)"];
    let mut s = user(&server, "s", &rules);
    let expect = |c: &mut Conn, command: &[&str], reason: &str, object: &str| {
        server.ok(&["ACL", "LOG", "RESET"]);
        let reply = c.cmd(command);
        let wanted = ["1", reason, "module", object, "s"].map(String::from);
        assert_eq!(log_of(&server), [wanted], "{command:?}: {reply}");
    };
    for follower in FOLLOWERS {
        let (name, more) = follower.split_first().expect("a name");
        expect(&mut s, &[&[name, "a:old"], more].concat(), "key", &key);
    }
    server.ok(&["FLUSHALL", "SYNC"]);
    for n in 0..20 {
        let key = format!("b:{n}");
        server.ok(&["SESSION.SET", &key, "{}", "NX", "USER", "eve"]);
    }
    let login = [
        "SESSION.SET",
        "a:1",
        "{}",
        "NX",
        "USER",
        "eve",
        "MAXSESSIONS",
        "1",
    ];
    for command in [
        &["SESSION.LIST", "eve"][..],
        &["SESSION.REVOKE", "eve"],
        &["SESSION.REVOKE", "eve", "ONLY", "b:7", "b:8"],
        &login,
    ] {
        server.ok(&["ACL", "LOG", "RESET"]);
        s.cmd(command);
        let log = log_of(&server);
        let [entry] = &log[..] else {
            panic!("{command:?}: {log:?}")
        };
        assert_eq!(entry[..3], ["1", "key", "module"], "{command:?}");
        assert!(entry[3].starts_with("b:"), "{command:?}: {log:?}");
    }
    // The command is named where the caller may run it on no key at all.
    let mut s = user(&server, "s", &["~*", "+session.list", "+session.revoke"]);
    expect(&mut s, &["SESSION.LIST", "eve"], "command", "session.info");
    expect(&mut s, &["SESSION.REVOKE", "eve"], "command", "session.del");
    // What is allowed is not logged.
    let mut all = user(&server, "all", &["~*", "+@all"]);
    server.ok(&["ACL", "LOG", "RESET"]);
    all.ok(&["SESSION.LIST", "eve"]);
    all.ok(&["SESSION.REVOKE", "eve"]);
    assert_eq!(log_of(&server), Vec::<[String; 5]>::new());
}

#[test]
fn a_refusal_in_a_script_is_logged_as_its_caller_s() {
    let server = start();
    let mut s = user(&server, "s", &["~a:*", "+@all"]);
    server.ok(&["ACL", "LOG", "RESET"]);
    let script = ["EVAL", "return redis.call(unpack(ARGV))", "0"];
    let list = [&script[..], &["SESSION.LIST", "ada"]].concat();
    assert_eq!(s.ok(&list).items().len(), 2);
    let log = log_of(&server);
    assert_eq!(log.len(), 1, "{log:?}");
    assert_eq!((&log[0][1][..], &log[0][4][..]), ("key", "s"));
}
