//! After thousands of random commands, some of which fail, a replica and a server that loads the
//! primary's AOF agree with the primary in every field.

use std::fs;
use std::time::Duration;
use support::{args, eventually, in_time, say, Conn, Random, Server, Stream, Value};

const COMMANDS: usize = 6000;
const KEYS: usize = 40;
/// Graces are up to `SHORT_GRACE_MS`, or longer than the test takes.
const SHORT_GRACE_MS: usize = 1000;
const LONG_GRACE_MS: usize = 5_000_000;

fn key(random: &mut Random) -> String {
    match random.below(KEYS + 2) {
        n if n < KEYS => format!("k{n}"),
        KEYS => "text".into(), // of another type, mostly
        _ => format!("bound:{}", random.below(3)),
    }
}

fn data(random: &mut Random) -> String {
    match random.below(8) {
        0 => "[1,2]".into(),
        1 => "{\"n\":\"not a number\"}".into(),
        2 => "{\"n\":".into(), // no JSON
        3 => format!("{{\"n\":1,\"x\":\"{}\"}}", "x".repeat(random.below(3000))),
        4 | 5 => structured(random),
        _ => format!("{{\"n\":{}}}", random.below(3)), // often the same bytes again
    }
}

/// Data of which a patch changes a small part.
fn structured(random: &mut Random) -> String {
    let list: Vec<_> = (0..random.below(40)).map(|n| format!("[{n}]")).collect();
    let space = *random.pick(&["", " ", "\n  "]);
    let list = list.join(&format!(",{space}"));
    let escaped = *random.pick(&["a", "\\u0061"]);
    format!(
        r#"{{{space}"n":1,"list":{space}[{list}],{space}"deep":{{"{escaped}":{{"b":1}},"c":"]}}"}}, "x":"{}"}}"#,
        "\u{e9}\\\"".repeat(random.below(60))
    )
}

fn expiry(random: &mut Random, command: &mut Vec<Vec<u8>>) {
    match random.below(12) {
        0 => command.extend(args!["EX", 1 + random.below(10_000)]),
        1 => command.extend(args!["PX", 1 + random.below(300)]),
        2 => command.extend(args!["PXAT", 4_000_000_000_000_u64]),
        3 => command.extend(args!["PERSIST"]),
        4 => command.extend(args!["EX", 0]),
        _ => {}
    }
    match random.below(8) {
        0 => command.extend(args!["IDLE", random.below(3) * 3000]),
        1 => command.extend(args!["PIDLE", 20 + random.below(2000)]),
        _ => {}
    }
}

fn set(random: &mut Random) -> Vec<Vec<u8>> {
    let kind = random.below(10);
    let name = match kind {
        0..=1 => "made:*".into(),
        _ => key(random),
    };
    let mut command = args!["SESSION.SET", name, data(random)].to_vec();
    if kind == 5 && random.once_in(3) {
        command[0] = b"SESSION.IMPORT".to_vec();
        command.extend(args!["CREATED", 1000]);
        if random.once_in(2) {
            command.extend(args!["USER", "user1", "AUTHENTICATED", 2000]);
        }
        expiry(random, &mut command);
        return command;
    }
    match kind {
        0..=1 if random.once_in(2) => command.extend(args!["TOKEN"]),
        2..=5 => command.extend(args!["NX"]),
        6 => command.extend(args!["IFVERSION", 1 + random.below(3)]),
        _ => {}
    }
    if kind <= 5 && random.once_in(2) {
        command.extend(args!["USER", format!("user{}", random.below(3))]);
        if random.once_in(3) {
            command.extend(args!["MAXSESSIONS", random.below(6)]);
        }
    }
    if random.once_in(4) {
        command.extend(args!["SCHEMA", format!("s{}", random.below(4))]);
    }
    expiry(random, &mut command);
    command
}

fn patch(random: &mut Random) -> String {
    match random.below(12) {
        0 => format!(
            r#"[{{"op":"add","path":"/m","value":{}}}]"#,
            random.below(3)
        ),
        1 => r#"[{"op":"remove","path":"/m"}]"#.into(),
        2 => r#"[{"op":"move","from":"/n","path":"/m"}]"#.into(),
        3 => r#"{"n":null}"#.into(),
        4 => "{".into(),
        5 => r#"{"deep":{"a":null,"c":{"d":[{"e":null}]}}}"#.into(),
        6 => format!(r#"{{"deep":{{"a":{{"b":{}}}}}}}"#, random.below(300)),
        7 => format!(r#"{{"x":null,"n":{},"y":"new"}}"#, random.below(3)),
        8 => r#"[{"op":"add","path":"/list/1","value":{}}]"#.into(),
        _ => format!(r#"{{"p{}":[{}]}}"#, random.below(4), random.below(3)),
    }
}

fn change(random: &mut Random) -> Vec<Vec<u8>> {
    let name = key(random);
    match random.below(4) {
        0 => match random.once_in(2) {
            true => args!["SESSION.POP", name, "/m", format!("/p{}", random.below(4))].to_vec(),
            false => args!["SESSION.POP", name, "/list/0", "/deep/a/b", "/list/3"].to_vec(),
        },
        1 => {
            let mut command = match random.once_in(4) {
                true => args!["SESSION.ROTATE", name, key(random), "NX"].to_vec(),
                false => args!["SESSION.ROTATE", name, "made:*"].to_vec(),
            };
            match random.below(4) {
                0 => command.extend(args!["USER", format!("user{}", random.below(3))]),
                1 => command.extend(args!["USER", "user0", "MAXSESSIONS", 3]),
                _ => {
                    let longer = *random.pick(&[0, LONG_GRACE_MS]);
                    let grace = 1 + random.below(SHORT_GRACE_MS) + longer;
                    command.extend(args!["GRACE", grace]);
                }
            }
            if random.once_in(3) {
                command.extend(args!["PATCH", patch(random)]);
            }
            if random.once_in(4) {
                command.extend(args!["SCHEMA", format!("s{}", random.below(4))]);
            }
            expiry(random, &mut command);
            command
        }
        _ => {
            let mut command = args!["SESSION.PATCH", name, patch(random)].to_vec();
            if random.once_in(4) {
                command.extend(args!["IFVERSION", 1 + random.below(4)]);
            }
            if random.once_in(4) {
                command.extend(args!["SCHEMA", format!("s{}", random.below(4))]);
            }
            expiry(random, &mut command);
            command
        }
    }
}

fn schema(random: &mut Random) -> Vec<Vec<u8>> {
    let name = format!("s{}", random.below(4));
    if random.once_in(3) {
        return args!["SESSION.SCHEMA", "DEL", name, "s9"].to_vec();
    }
    let texts = [
        "true",
        r#"{"type":"object"}"#,
        r#"{"type":"object","properties":{"n":{"type":"integer"}}}"#,
        r#"{"type":7}"#,
    ];
    let mut command = args!["SESSION.SCHEMA", "SET", name, random.pick(&texts)].to_vec();
    match random.below(5) {
        0 => command.extend(args!["PREFIX", "bound:"]),
        1 => command.extend(args!["ASSERTFORMAT"]),
        2 => command.extend(args!["NX"]),
        _ => {}
    }
    command
}

fn revoke(random: &mut Random) -> Vec<Vec<u8>> {
    let mut command = args!["SESSION.REVOKE", format!("user{}", random.below(3))].to_vec();
    match random.below(8) {
        0 => {}
        1 => command.extend(args!["EXCEPT", key(random)]),
        2 => return args!["SESSION.LIST", "user0", "WITHINFO"].to_vec(),
        _ => command.extend(args!["ONLY", key(random), key(random)]),
    }
    command
}

fn command(random: &mut Random) -> Vec<Vec<u8>> {
    let (a, b) = (key(random), key(random));
    match random.below(52) {
        50.. => revoke(random),
        40.. => change(random),
        0..=13 => set(random),
        14..=16 => {
            let mut command = args!["SESSION.TOUCH", a].to_vec();
            expiry(random, &mut command);
            command
        }
        17..=18 => args!["SESSION.GET", a].to_vec(),
        19..=20 => args![
            "SESSION.GET",
            a,
            "FIELDS",
            2,
            "accessed",
            "ttl",
            "PATH",
            "/n"
        ]
        .to_vec(),
        21..=22 => args!["SESSION.VERIFY", a].to_vec(),
        23 => args!["SESSION.VERIFY", a, "SCHEMA", "s0", "FRESH", 100].to_vec(),
        24..=25 => args!["SESSION.DEL", a, b].to_vec(),
        26..=27 => schema(random),
        28 => args!["PEXPIRE", a, 1 + random.below(5000)].to_vec(),
        29 => args!["EXPIRE", a, 10_000].to_vec(),
        30 => args!["PERSIST", a].to_vec(),
        31 => args!["COPY", a, b, "REPLACE"].to_vec(),
        32 => args!["COPY", a, b].to_vec(),
        33 => args!["RENAME", a, b].to_vec(),
        34 => args!["RENAMENX", a, b].to_vec(),
        35 => args!["MOVE", a, 1].to_vec(),
        36 => match random.once_in(4) {
            true => args!["SET", "text", "x"].to_vec(),
            false => args!["DEL", a].to_vec(),
        },
        37 => match random.once_in(20) {
            true => args!["SWAPDB", 0, 1].to_vec(),
            false => args!["SESSION.INFO", a].to_vec(),
        },
        38 => {
            let script = "redis.call('SESSION.SET', KEYS[1], '{}', 'NX') \
                          redis.pcall('SESSION.TOUCH', KEYS[2]) \
                          return redis.call('SESSION.GET', KEYS[2])";
            args!["EVAL", script, 2, a, b].to_vec()
        }
        _ => match random.once_in(60) {
            true => args!["FLUSHDB"].to_vec(),
            false => args!["UNLINK", a].to_vec(),
        },
    }
}

/// Restores the DUMP of one key at another.
fn restore(c: &mut Conn, random: &mut Random) {
    let dump = c.ok(&args!["DUMP", key(random)]);
    if !dump.is_nil() {
        c.cmd(&args!["RESTORE", key(random), 0, dump.bytes(), "REPLACE"]);
    }
}

/// A key that ends sooner than this, in ms, might end while the servers are compared.
const SOON_MS: i64 = 1_000_000;

/// Deletes what would expire while the servers are compared, so that nothing depends on when each
/// of them is read.
fn settle(server: &Server) {
    // Short graces end. PERSIST and EXPIRE can keep an alias's key beyond its grace, whose end no
    // command shows.
    std::thread::sleep(Duration::from_millis(SHORT_GRACE_MS as u64));
    let mut c = server.conn();
    for db in [0, 1] {
        c.ok(&args!["SELECT", db]);
        for key in c.ok(&["KEYS", "*"]).items() {
            // After PERSIST the session's own end differs from the key's.
            let info = c.cmd(&args!["SESSION.INFO", key.bytes()]);
            let own = match &info {
                Value::Array(_) => info.field("ttl"),
                _ => Value::Nil,
            };
            let soon = |left: i64| (0..SOON_MS).contains(&left);
            let key_ends = soon(c.ok(&args!["PTTL", key.bytes()]).int());
            if key_ends || (own != Value::Nil && soon(own.int())) {
                c.ok(&args!["DEL", key.bytes()]);
            }
        }
        eventually("what has expired is gone", || {
            c.ok(&["DBSIZE"]).int() == c.ok(&["KEYS", "*"]).items().len() as i64
        });
    }
}

#[test]
fn primary_replica_and_aof_agree_after_a_random_load() {
    let mut random = Random::seeded();
    let primary = Server::setup()
        .config("appendonly yes")
        .config("repl-diskless-sync yes")
        .module_arg("touch-interval-ms 0")
        .module_arg("max-grace-ms 10000000")
        .start();
    let replica = primary.replica();
    let last = replica.replica();
    let mut stream = Stream::of(&primary);
    let mut c = primary.conn();
    let (mut failed, mut nil, mut transactions) = (0, 0, 0);
    for n in 0..COMMANDS / 20 {
        let mut batch: Vec<_> = (0..20).map(|_| command(&mut random)).collect();
        if random.once_in(6) {
            batch.insert(5, args!["MULTI"].to_vec());
            batch.insert(12, args!["EXEC"].to_vec());
            transactions += 1;
        }
        for reply in c.pipeline(&batch) {
            failed += usize::from(reply.error().is_some());
            nil += usize::from(reply == Value::Nil);
            let line = reply.error().unwrap_or_default();
            assert!(!line.contains("internal"), "{line}");
        }
        restore(&mut c, &mut random);
        if n == COMMANDS / 40 {
            c.ok(&["BGREWRITEAOF"]);
        }
    }
    settle(&primary);
    replica.wait_for_sync(&primary);
    let wanted = primary.snapshot();
    let agrees = in_time(|| (replica.digest() == wanted.digest).then_some(()));
    replica.snapshot().assert_is(&wanted); // and shows what differs
    assert!(agrees.is_some(), "the replica agrees");
    last.wait_for_sync(&replica);
    last.snapshot().assert_is(&wanted);
    for replica in [&replica, &last] {
        let errors = replica.info("stats", "unexpected_error_replies");
        assert_eq!(errors, "0", "{}", replica.log());
    }
    let names = stream.names();
    let splices = names.iter().filter(|name| *name == "SESSION._SPLICE");
    assert!(splices.count() > 20, "a poor mix");
    let sessions = primary.info("session", "session_sessions");
    eventually("what was replaced is freed", || {
        replica.info("session", "session_sessions") == sessions
    });
    say(&format!(
        "{COMMANDS} commands, {transactions} transactions; {failed} failed, {nil} found nothing; \
         {} keys and {} schemas are left",
        wanted.keys.len(),
        wanted.schema_count()
    ));
    let share = failed * 100 / COMMANDS;
    assert!((10..70).contains(&share), "{share} % failed: a poor mix");

    // Another server loads the primary's AOF.
    let mut other = Server::setup()
        .config("appendonly yes")
        .module_arg("max-grace-ms 10000000")
        .start();
    other.kill9();
    let (from, to) = (
        primary.dir().join("appendonlydir"),
        other.dir().join("appendonlydir"),
    );
    fs::remove_dir_all(&to).unwrap();
    fs::create_dir(&to).unwrap();
    primary.ok(&["CONFIG", "SET", "appendfsync", "always"]);
    primary.ok(&["SET", "last", "x"]);
    primary.ok(&["DEL", "last"]);
    primary.wait_for_rewrite(); // a rewrite replaces the files
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
    other.start_again();
    other.snapshot().assert_is(&wanted);

    // The replica loads its own AOF.
    replica.ok(&["REPLICAOF", "NO", "ONE"]);
    replica.ok(&["DEBUG", "LOADAOF"]);
    replica.snapshot().assert_is(&wanted);
}
