//! Tests of `tests/support`, on which all other tests rely, with servers without the module.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime};
use support::cluster_map::slot_of;
use support::process::answers;
use support::setup::module_path;
use support::{args, Conn, Events, Monitor, Server, Setup, Value};

fn plain() -> Setup {
    Server::setup().without_module()
}

#[test]
fn replies_are_what_the_server_sent() {
    let server = plain().start();
    let mut c = server.conn();
    assert!(c.ok(&args!["SET", "k", [0u8, 255, b'\r', b'\n']]).is_ok());
    assert_eq!(c.ok(&["GET", "k"]).bytes(), [0, 255, b'\r', b'\n']);
    assert_eq!(
        c.err(&["GET"]),
        "ERR wrong number of arguments for 'get' command"
    );
    assert_eq!(
        c.err(&["LPUSH", "k", "x"]),
        "WRONGTYPE Operation against a key holding the wrong kind of value"
    );
    assert!(c.cmd(&["GET", "none"]).is_nil());
    assert_eq!(c.ok(&args!["INCRBY", "n", 42]).int(), 42);
    let big = vec![b'x'; 3 << 20];
    c.ok(&args!["SET", "big", big]);
    assert!(c.ok(&["GET", "big"]).bytes() == big);

    let fields = |c: &mut Conn| {
        c.ok(&["HSET", "h", "a", "1"]);
        c.ok(&["HGETALL", "h"]).field("a").text()
    };
    let mut c3 = server.conn3();
    assert_eq!((fields(&mut c), fields(&mut c3)), ("1".into(), "1".into()));
    assert!(matches!(c3.ok(&["HGETALL", "h"]), Value::Map(_)));
    assert!(c3.cmd(&["GET", "none"]).is_nil());
    assert_eq!(
        c3.ok(&["DEBUG", "PROTOCOL", "double"]),
        Value::Double("3.141".parse().unwrap())
    );
    assert_eq!(c3.ok(&["DEBUG", "PROTOCOL", "true"]), Value::Bool(true));
    assert_eq!(
        c3.ok(&["DEBUG", "PROTOCOL", "verbatim"]).text(),
        "This is a verbatim\nstring"
    );
    assert_eq!(c3.ok(&["DEBUG", "PROTOCOL", "set"]).items().len(), 3);
    assert!(matches!(
        c3.ok(&["DEBUG", "PROTOCOL", "attrib"]),
        Value::Bulk(_)
    ));
    assert!(matches!(
        c3.ok(&["DEBUG", "PROTOCOL", "bignum"]),
        Value::BigNumber(_)
    ));

    let replies = c.pipeline(&[args!["INCR", "p"], args!["INCR", "k"], args!["INCR", "p"]]);
    assert_eq!((replies[0].int(), replies[2].int()), (1, 2));
    assert!(replies[1]
        .error()
        .is_some_and(|line| line.starts_with("ERR ")));
}

#[test]
fn a_server_dies_with_its_guard() {
    let server = plain().start();
    let (port, pid, dir) = (server.port(), server.pid(), server.dir().to_owned());
    assert!(answers(port, pid));
    drop(server);
    assert!(!answers(port, pid), "the server has outlived its guard");
    assert!(!dir.exists());

    let panicking = std::thread::spawn(|| {
        let server = plain().start();
        let process = (server.port(), server.pid());
        std::panic::panic_any(process); // no message, but the server's log is printed
    });
    let (port, pid) = *panicking
        .join()
        .expect_err("it panics")
        .downcast::<(u16, u32)>()
        .expect("the port and the process");
    assert!(
        !answers(port, pid),
        "the server has outlived a test that failed"
    );
}

#[test]
fn a_server_starts_again_where_it_was() {
    let mut server = plain()
        .config("appendonly yes")
        .config("appendfsync always")
        .start();
    let (port, pid) = (server.port(), server.pid());
    server.ok(&["SET", "k", "1"]);
    server.kill9();
    assert!(!server.is_running() && !answers(port, pid));
    server.start_again();
    assert_eq!(
        (server.port(), server.ok(&["GET", "k"]).text()),
        (port, "1".into())
    );
    let before = server.digest();
    server.restart();
    assert!(server.is_running());
    assert_eq!(server.digest(), before);
}

#[test]
fn a_server_that_cannot_start_says_why() {
    let why = plain()
        .config("no-such-setting 1")
        .try_start()
        .err()
        .expect("an error");
    assert!(why.contains("no-such-setting"), "{why}");
    let why = plain()
        .program("/nonexistent/redis-server")
        .try_start()
        .err()
        .expect("an error");
    assert!(why.contains("install it, or set REDIS_SERVER"), "{why}");
}

#[test]
fn the_module_is_no_older_than_its_source() {
    fn newest(path: &Path) -> SystemTime {
        let own = path
            .metadata()
            .and_then(|meta| meta.modified())
            .expect("a time");
        let Ok(entries) = path.read_dir() else {
            return own;
        };
        entries
            .map(|entry| newest(&entry.expect("an entry").path()))
            .max()
            .unwrap_or(own)
    }
    if std::env::var_os("REDIS_SESSION_MODULE").is_some() {
        return; // the caller has chosen a module
    }
    let module = module_path();
    assert!(module.exists(), "no module at {}", module.display());
    let source = newest(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")));
    assert!(newest(&module) >= source, "{} is stale", module.display());
}

#[test]
fn a_replica_has_it_all() {
    let primary = plain().start();
    primary.ok(&["SET", "before", "1"]);
    let replica = primary.replica();
    assert_eq!(replica.ok(&["GET", "before"]).text(), "1");
    for i in 0..1000 {
        primary.ok(&args!["SET", format!("k{i}"), i]);
    }
    replica.wait_for_sync(&primary);
    assert_eq!(replica.ok(&["DBSIZE"]).int(), 1001);
    assert_eq!(replica.digest(), primary.digest());
    assert!(replica.err(&["SET", "k", "1"]).starts_with("READONLY "));
}

#[test]
fn slots_are_those_that_the_server_gives() {
    let node = plain().cluster().start();
    for key in [
        "", "foo", "{a}b", "x{a}y{b}", "{}a", "{}{a}", "{{a}}b", "}{a", "a{b", "{a}{b}",
    ] {
        let slot = node.ok(&["CLUSTER", "KEYSLOT", key]).int();
        assert_eq!(i64::from(slot_of(key)), slot, "{key}");
    }
}

#[test]
fn events_come_in_order_and_all() {
    let server = plain().start();
    let mut events = Events::keyevents(&server);
    assert_eq!(events.lines(), [""; 0]);
    server.ok(&["SET", "k", "1"]);
    server.ok(&["EXPIRE", "k", "100"]);
    server.ok(&["DEL", "k"]);
    assert_eq!(events.lines(), ["set k", "expire k", "del k"]);
    server.ok(&["SET", "k", "1", "PX", "1"]);
    let expired = events.wait_for(|e| e.channel.ends_with(":expired"));
    assert_eq!(
        (expired.channel.as_str(), expired.message.as_str()),
        ("__keyevent@0__:expired", "k")
    );

    let mut of_key = Events::of_key(&server, "one");
    server.ok(&["MSET", "one", "1", "two", "2"]);
    assert_eq!(of_key.lines(), ["one set"]);
}

#[test]
fn client_tracking_and_monitor() {
    let server = plain().start();
    let mut c = server.conn3();
    c.ok(&["CLIENT", "TRACKING", "ON"]);
    c.ok(&["GET", "k"]);
    assert!(c.pushes().is_empty());
    let mut monitor = Monitor::of(&server);
    server.ok(&["SET", "k", "secret"]);
    let pushes = c.pushes();
    assert_eq!(pushes.len(), 1);
    assert_eq!(
        (pushes[0][0].text(), pushes[0][1].texts()),
        ("invalidate".into(), vec!["k".into()])
    );
    let lines = monitor.so_far();
    assert!(
        lines
            .iter()
            .any(|line| line.ends_with(r#""SET" "k" "secret""#)),
        "{lines:?}"
    );
}

#[test]
fn versions_and_deadlines() {
    let server = plain().start();
    let version = server.server_version();
    assert!(
        version >= (7, 0, 0),
        "{version:?}: the tests need Redis 7.0, or Valkey"
    );
    assert_eq!(
        server.is_valkey(),
        server
            .ok(&["INFO", "server"])
            .text()
            .contains("valkey_version")
    );
    let mut c = server.conn();
    c.send(&["BLPOP", "nothing", "0"]).expect("sent");
    assert_eq!(c.reply_by(Instant::now() + Duration::from_millis(20)), None);
    server.ok(&["LPUSH", "nothing", "something"]);
    assert_eq!(c.reply().texts(), ["nothing", "something"]);
}
