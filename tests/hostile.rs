//! Hostile input through a real server: every command with arguments that are missing, doubled,
//! out of order or not what they should be; hostile JSON; hostile schemas.
//!
//! A failed command says why in one printable line, and has changed nothing. No time is asserted,
//! since machines differ: the slowest of each kind is printed, as the server measured it.

#[path = "hostile/mutation.rs"]
mod mutation;
#[path = "hostile/schemas.rs"]
mod schemas;
mod support;
#[path = "hostile/texts.rs"]
mod texts;

use std::collections::BTreeMap;
use support::{args, say, Conn, Random, Server, Value};

type Command = Vec<Vec<u8>>;

/// A valid call of each command, options and all. `k` and `k2` are sessions of the user `ada`.
const EXAMPLES: &[&str] = &[
    r#"SESSION.SET s:* {"n":1} EX 100 IDLE 50 SCHEMA object USER ada TOKEN"#,
    r#"SESSION.SET k {"n":2} IFVERSION 1 PX 100000 PIDLE 50000 SCHEMA object"#,
    r#"SESSION.SET new {} NX EXAT 4000000000 USER ada"#,
    r#"SESSION.SET k {"n":3} PXAT 4000000000000"#,
    r#"SESSION.SET k {"n":4} PERSIST IDLE 0"#,
    "SESSION.GET k NOTOUCH WITHINFO",
    "SESSION.VERIFY k SCHEMA object SCHEMA any FRESH 3600 NOTOUCH WITHINFO",
    "SESSION.GET k WITHINFO PATH /n /a/0",
    r#"SESSION.PATCH k {"n":3} IFVERSION 1 EX 100 IDLE 10"#,
    r#"SESSION.PATCH k [{"op":"replace","path":"/n","value":[]}] PERSIST"#,
    "SESSION.POP k /n /none",
    r#"SESSION.ROTATE k s:* TOKEN GRACE 500 PATCH {"a":1} EX 100 SCHEMA object"#,
    "SESSION.TOUCH k EX 100 IDLE 10",
    "SESSION.TOUCH k PXAT 4000000000000 PIDLE 9000",
    "SESSION.DEL k k2 none",
    "SESSION.INFO k",
    r#"SESSION.SCHEMA SET new {"type":"object"} ASSERTFORMAT NX PREFIX shop:"#,
    "SESSION.SCHEMA GET object",
    "SESSION.SCHEMA DEL object any none",
    "SESSION.SCHEMA LIST",
    "SESSION.SCHEMA HELP",
    r#"SESSION.SET s:* {} USER ada MAXSESSIONS 2"#,
    "SESSION.ROTATE k s:* USER ada MAXSESSIONS 2",
    "SESSION.LIST ada WITHINFO PATH /n",
    "SESSION.REVOKE ada EXCEPT k",
    "SESSION.REVOKE ada ONLY k k2",
];

/// Calls that no client may make.
const INTERNAL: &[&str] = &[
    "SESSION._PUT k bytes session.set",
    "SESSION._TOUCH k 1764000000000 -1 -1",
    "SESSION._SCHEMA object {} 0 p:",
    "SESSION._REGISTRY bytes",
];

/// What no hostile command has a reason to change.
const BYSTANDERS: [&str; 4] = ["by:1", "by:2", "by:3", "by:text"];

fn split(example: &str) -> Command {
    example
        .split(' ')
        .map(|word| word.as_bytes().to_vec())
        .collect()
}

/// How many words name the command.
fn words(command: &Command) -> usize {
    if command[0] == b"SESSION.SCHEMA" {
        2
    } else {
        1
    }
}

/// Puts all back to where each command starts from.
fn reset(c: &mut Conn) {
    // A schema that a command made may have taken the prefix of what is set here.
    for schema in c.ok(&["SESSION.SCHEMA", "LIST"]).items() {
        c.ok(&args![
            "SESSION.SCHEMA",
            "DEL",
            schema.field("name").bytes()
        ]);
    }
    let object = r#"{"type":"object"}"#;
    let far = "4000000000";
    let commands = [
        // The count of sessions in INFO goes down as they are freed: by SYNC at once.
        args!["FLUSHALL", "SYNC"].to_vec(),
        args!["SESSION.SCHEMA", "SET", "any", "true"].to_vec(),
        args!["SESSION.SCHEMA", "SET", "object", object].to_vec(),
        args!["SESSION.SCHEMA", "SET", "by", object, "PREFIX", "by:"].to_vec(),
    ];
    c.pipeline(&commands)
        .iter()
        .for_each(|reply| assert!(reply.is_ok(), "{reply}"));
    let sessions = [
        ("k", "object", "ada"),
        ("k2", "any", "ada"),
        ("by:1", "by", "bob"),
        ("by:2", "by", "eve"),
        ("by:3", "by", "bob"),
    ];
    let set = |(key, schema, user): (&str, &str, &str)| {
        let data = r#"{"n":0,"a":[1]}"#;
        args![
            "SESSION.SET",
            key,
            data,
            "NX",
            "SCHEMA",
            schema,
            "USER",
            user,
            "EXAT",
            far
        ]
        .to_vec()
    };
    let replies = c.pipeline(&sessions.map(set));
    replies
        .iter()
        .for_each(|reply| assert!(reply.error().is_none(), "{reply}"));
    c.ok(&["SET", "by:text", "text"]);
}

/// What a failed command must leave alone, and what any command must.
#[derive(Debug, PartialEq)]
struct State {
    all: Vec<Value>,
    bystanders: Value,
}

fn probes() -> Vec<Command> {
    let bystanders = [&["DEBUG", "DIGEST-VALUE"][..], &BYSTANDERS].concat();
    [
        &["DEBUG", "DIGEST"][..],
        &["PEXPIRETIME", "k"],
        &["INFO", "persistence"],
        &["INFO", "session"],
        &bystanders,
    ]
    .iter()
    .map(|probe| probe.iter().map(|word| word.as_bytes().to_vec()).collect())
    .collect()
}

fn state(replies: &[Value]) -> State {
    let [digest, expire, persistence, session, bystanders] = replies else {
        panic!("{replies:?}")
    };
    let line = |info: &Value, field: &str| {
        let text = info.text();
        let found = text.lines().find(|line| line.starts_with(field));
        Value::Simple(found.expect(field).to_owned())
    };
    let all = vec![
        digest.clone(),
        expire.clone(),
        // Counts what would be replicated.
        line(persistence, "rdb_changes_since_last_save:"),
        line(session, "session_schemas_digest:"),
        line(session, "session_sessions:"),
    ];
    let bystanders = bystanders.clone();
    State { all, bystanders }
}

/// One line of printable ASCII, a code in front.
fn check_error(line: &str, command: &Command) {
    let code = line.split(' ').next().unwrap_or_default();
    let good = code.len() > 1
        && code.bytes().all(|byte| byte.is_ascii_uppercase())
        && line.len() > code.len() + 1
        && line.len() < 4000
        && line.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    assert!(good, "{}: {line:?}", support::resp::shown(command));
}

/// How a command reaches the server.
#[derive(Clone, Copy)]
enum Way {
    Plain,
    Multi,
    Lua,
}

struct Hostile<'s> {
    server: &'s Server,
    c: Conn,
    before: State,
    sent: usize,
    failed: usize,
    codes: BTreeMap<String, usize>,
}

impl<'s> Hostile<'s> {
    fn new(server: &'s Server, c: Conn) -> Self {
        let before = State {
            all: Vec::new(),
            bystanders: Value::Nil,
        };
        let (sent, failed, codes) = (0, 0, BTreeMap::new());
        let mut hostile = Hostile {
            server,
            c,
            before,
            sent,
            failed,
            codes,
        };
        hostile.reset();
        hostile
    }

    fn reset(&mut self) {
        reset(&mut self.c);
        self.before = state(&self.c.pipeline(&probes()));
    }

    /// Sends one command, and checks all that holds for any. Gives the error, if it is one.
    fn send(&mut self, command: &Command, way: Way) -> Option<String> {
        let mut batch = match way {
            Way::Plain => vec![command.clone()],
            Way::Multi => vec![
                args!["MULTI"].to_vec(),
                command.clone(),
                args!["EXEC"].to_vec(),
            ],
            Way::Lua => {
                let script = "return redis.pcall(unpack(ARGV))";
                let head = args!["EVAL", script, "0"].to_vec();
                vec![[head, command.clone()].concat()]
            }
        };
        let own = batch.len();
        batch.extend(probes());
        let mut replies = self.c.pipeline(&batch);
        let after = state(&replies.split_off(own));
        let shown = support::resp::shown(command);
        assert_eq!(after.bystanders, self.before.bystanders, "{shown}");
        let reply = match (way, &replies[..]) {
            (Way::Multi, [_, queued, Value::Array(done)]) => {
                assert_eq!(*queued, Value::Simple("QUEUED".into()), "{shown}");
                done[0].clone()
            }
            // Refused before it was queued, and so was all.
            (Way::Multi, [_, refused, aborted]) => {
                assert!(aborted.error().is_some(), "{shown}");
                refused.clone()
            }
            _ => replies[0].clone(),
        };
        self.sent += 1;
        let Value::Error(line) = reply else {
            self.reset();
            return None;
        };
        check_error(&line, command);
        assert_eq!(
            after, self.before,
            "{shown} failed with {line}, and changed something"
        );
        self.failed += 1;
        let code = line.split(' ').next().unwrap_or_default();
        *self.codes.entry(code.to_owned()).or_default() += 1;
        Some(line)
    }

    fn say(&self, what: &str) {
        say(&format!(
            "{what}: {} sent, {} failed: {:?}",
            self.sent, self.failed, self.codes
        ));
        assert!(
            !self.server.log().contains("panicked"),
            "a command panicked"
        );
    }
}

#[test]
fn every_command_has_an_example_here_and_it_works() {
    let server = Server::start();
    let mut c = server.conn();
    let list = c
        .ok(&["COMMAND", "LIST", "FILTERBY", "PATTERN", "session.*"])
        .texts();
    assert!(list.len() >= 10, "{list:?}");
    let examples = [EXAMPLES, INTERNAL].concat();
    for command in list.iter().filter(|name| *name != "session.schema") {
        let begin = command.replace('|', " ");
        let is_it = |example: &&&str| {
            let example = example.to_lowercase();
            example == begin || example.starts_with(&format!("{begin} "))
        };
        assert!(
            examples.iter().any(|example| is_it(&example)),
            "no example of {command}"
        );
    }
    let mut hostile = Hostile::new(&server, server.conn());
    for example in EXAMPLES {
        for way in [Way::Plain, Way::Multi, Way::Lua] {
            let error = hostile.send(&split(example), way);
            assert_eq!(error, None, "{example}");
        }
    }
    for example in INTERNAL {
        for way in [Way::Plain, Way::Multi, Way::Lua] {
            let error = hostile.send(&split(example), way);
            assert!(
                error.is_some_and(|line| line.starts_with("ERR ")),
                "{example}"
            );
        }
    }
}

#[test]
fn mutilated_commands_fail_with_a_code_and_change_nothing() {
    let mut server = Server::start();
    let mut hostile = Hostile::new(&server, server.conn());
    for example in [EXAMPLES, INTERNAL].concat() {
        let command = split(example);
        for (n, mutant) in mutation::all(&command, words(&command)).iter().enumerate() {
            hostile.send(mutant, Way::Plain);
            match n % 14 {
                3 => drop(hostile.send(mutant, Way::Multi)),
                9 => drop(hostile.send(mutant, Way::Lua)),
                _ => {}
            }
        }
    }
    hostile.say("mutilated commands");
    assert!(hostile.failed > 1000);
    drop(hostile);
    assert!(server.is_running());
}

#[test]
fn commands_that_are_wrong_in_many_places_do_no_more_harm() {
    let mut random = Random::seeded();
    let mut server = Server::start();
    let mut hostile = Hostile::new(&server, server.conn3());
    let examples = [EXAMPLES, INTERNAL].concat();
    let examples: Vec<_> = examples.iter().map(|example| split(example)).collect();
    for _ in 0..3000 {
        let mut command = random.pick(&examples).clone();
        let words = words(&command);
        for _ in 0..1 + random.below(4) {
            mutation::one(&mut random, &mut command, words);
        }
        let way = [Way::Plain, Way::Plain, Way::Multi, Way::Lua][random.below(4)];
        hostile.send(&command, way);
    }
    hostile.say("random mutilations");
    drop(hostile);
    assert!(server.is_running());
}

/// What the server says that the last calls of a command took, in ms.
fn took(c: &mut Conn, command: &str) -> f64 {
    let stats = c.ok(&["INFO", "commandstats"]).text();
    let line = stats
        .lines()
        .find_map(|line| line.strip_prefix(&format!("cmdstat_{command}:")));
    let usec = line.and_then(|line| {
        line.split(',')
            .find_map(|field| field.strip_prefix("usec="))
    });
    c.ok(&["CONFIG", "RESETSTAT"]);
    usec.map_or(0.0, |usec| usec.parse::<f64>().expect("a number") / 1000.0)
}

/// What takes next to no time is not worth a line.
fn say_slow(kind: &str, what: &str, ms: f64) {
    if ms < 100.0 {
        return;
    }
    let mark = if ms > 1000.0 { " OVER ONE SECOND" } else { "" };
    say(&format!("{kind:30} {ms:9.1} ms  {what}{mark}"));
}

#[test]
fn hostile_json_is_refused_or_kept_byte_for_byte() {
    let mut server = Server::start();
    let mut c = server.conn();
    reset(&mut c);
    took(&mut c, "session.set");
    let digest = |c: &mut Conn| c.ok(&["DEBUG", "DIGEST"]);
    let (mut kept, mut refused) = (0, 0);
    let mut before = digest(&mut c);
    for (kind, text) in texts::all() {
        let reply = c.cmd(&args!["SESSION.SET", "h:*", text]);
        let ms = took(&mut c, "session.set");
        say_slow(
            &kind,
            if reply.error().is_some() {
                "refused"
            } else {
                "kept"
            },
            ms,
        );
        let others = texts::other_opinion(&text);
        match reply {
            Value::Error(line) => {
                check_error(&line, &vec![kind.clone().into_bytes()]);
                assert!(line.starts_with("BADJSON ") || line.starts_with("ERR the data has"));
                let strict = ["duplicate member", "deeper than", "ERR the data has"];
                let stricter = strict.iter().any(|why| line.contains(why));
                assert!(stricter || others != Some(true), "{kind}: {line}");
                assert_eq!(digest(&mut c), before, "{kind}");
                refused += 1;
            }
            key => {
                assert!(others != Some(false), "{kind} is not JSON, but was taken");
                let data = c.ok(&args!["SESSION.GET", key.bytes()]);
                assert!(data.bytes() == text, "{kind} came back otherwise");
                before = digest(&mut c);
                kept += 1;
            }
        }
    }
    say(&format!("hostile JSON: {kept} kept, {refused} refused"));
    assert!(server.is_running() && !server.log().contains("panicked"));
}

#[test]
fn hostile_schemas_are_refused_or_checked_in_bounded_work() {
    let mut server = Server::start();
    let mut c = server.conn();
    reset(&mut c);
    // Some of the data is a little larger than 1 MiB.
    c.ok(&["CONFIG", "SET", "session.max-data-bytes", "2000000"]);
    c.ok(&["CONFIG", "SET", "session.max-schema-bytes", "2000000"]);
    let bystanders = [&["DEBUG", "DIGEST-VALUE"][..], &BYSTANDERS].concat();
    let digests = c.ok(&bystanders);
    let (mut refused, mut accepted) = (0, 0);
    for case in schemas::all() {
        let (kind, schema, data) = (&case.kind, &case.schema, &case.data);
        took(&mut c, "session.set");
        let before = c.ok(&["DEBUG", "DIGEST"]);
        let registry = server.info("session", "session_schemas_digest");
        let reply = c.cmd(&args!["SESSION.SCHEMA", "SET", "hostile", schema]);
        let ms = took(&mut c, "session.schema|set");
        if let Value::Error(line) = &reply {
            check_error(line, &vec![kind.clone().into_bytes()]);
            assert!(line.starts_with("BADSCHEMA ") || line.starts_with("ERR the schema has"));
            assert_eq!(c.ok(&["DEBUG", "DIGEST"]), before);
            assert_eq!(server.info("session", "session_schemas_digest"), registry);
            say_slow(kind, &format!("SET: {:.100}", line), ms);
            refused += 1;
            continue;
        }
        accepted += 1;
        say_slow(kind, "SET: taken", ms);
        assert!(!case.refused, "{kind} should be refused");
        let key = c.ok(&args!["SESSION.SET", "h:*", data]).text();
        took(&mut c, "session.verify");
        // The first check builds what compiling left for later.
        let times = if schemas::part() == 1 { 2 } else { 1 };
        for nth in &["first", "second"][..times] {
            let reply = c.cmd(&args![
                "SESSION.VERIFY",
                key,
                "SCHEMA",
                "hostile",
                "NOTOUCH"
            ]);
            let ms = took(&mut c, "session.verify");
            let verdict = match &reply {
                Value::Error(line) => {
                    check_error(line, &vec![kind.clone().into_bytes()]);
                    assert!(line.starts_with("INVALID "), "{kind}: {line}");
                    format!("{line:.100}")
                }
                _ => "valid".to_owned(),
            };
            say_slow(kind, &format!("{nth} VERIFY: {verdict}"), ms);
        }
        c.ok(&args!["SESSION.DEL", key]);
        c.ok(&["SESSION.SCHEMA", "DEL", "hostile"]);
    }
    assert_eq!(c.ok(&bystanders), digests);
    say(&format!(
        "hostile schemas: {refused} refused, {accepted} accepted"
    ));
    assert!(server.is_running());
    let panics = server.log().matches("panicked at").count();
    say(&format!("panics of the library, caught: {panics}"));
}

/// A RESTORE payload of an alias, by a session's own: kind, module (9 bytes), "a string", length.
fn alias(dump: &[u8], successor: &str) -> Vec<u8> {
    let (value, version) = support::payload::open(dump);
    let until = [&[0xff; 8][..], &[0x7f]].concat(); // the end of time, in LEB128
    let length = [successor.len() as u8];
    let inner = [&[1, 0x80][..], &until, &length, successor.as_bytes()].concat();
    assert!(inner.len() < 64, "a length of one byte");
    let value = [&value[..11], &[inner.len() as u8], &inner, &[0]].concat();
    support::payload::seal(&value, version)
}

#[test]
fn superseded_ids_that_lead_in_circles_lead_nowhere() {
    let mut server = Server::start();
    let mut hostile = Hostile::new(&server, server.conn());
    let mut c = server.conn();
    let dump = c.ok(&["DUMP", "k2"]).bytes().to_vec();
    let mut steps = vec![
        ("self".to_owned(), "self".to_owned()),
        ("one".into(), "two".into()),
        ("two".into(), "one".into()),
        ("dead".into(), "none".into()),
        ("nothing".into(), String::new()),
        ("text".into(), "by:text".into()),
    ];
    steps.extend((0..30).map(|n| (format!("far{n}"), format!("far{}", n + 1))));
    steps.push(("far30".into(), "k".into()));
    for (at, _) in &steps {
        for example in EXAMPLES.iter().filter(|example| example.contains(" k ")) {
            for (from, to) in &steps {
                c.ok(&args!["RESTORE", from, 0, alias(&dump, to), "REPLACE"]);
            }
            hostile.before = state(&hostile.c.pipeline(&probes()));
            let named = example.replace(" k ", &format!(" {at} "));
            hostile.send(&split(&named), Way::Plain);
        }
    }
    hostile.say("circles");
    c.ok(&["DEBUG", "RELOAD"]);
    drop(hostile);
    assert!(server.is_running());
}
