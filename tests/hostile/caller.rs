//! Sends hostile commands, and checks the invariants of all commands after each.

use std::collections::BTreeMap;
use support::{args, say, Conn, Server, Value};

/// A command's name and arguments.
pub type Command = Vec<Vec<u8>>;

/// Keys that no hostile command names, and that none may change.
pub const BYSTANDERS: [&str; 4] = ["by:1", "by:2", "by:3", "by:text"];

/// The commands that restore the state in which each hostile command is sent.
fn resetting(c: &mut Conn) -> Vec<Command> {
    // First without schemas: one that a command made may bind the prefix of a key set here.
    let schemas = c.ok(&["SESSION.SCHEMA", "LIST"]);
    let names = schemas.items().iter().map(|schema| schema.field("name"));
    let mut commands: Vec<_> = names
        .map(|name| args!["SESSION.SCHEMA", "DEL", name.bytes()].to_vec())
        .collect();
    let object = r#"{"type":"object"}"#;
    let far = "4000000000";
    commands.extend([
        // SYNC, so that sessions are freed, and INFO's number of sessions is right, at once.
        args!["FLUSHALL", "SYNC"].to_vec(),
        args!["SESSION.SCHEMA", "SET", "any", "true"].to_vec(),
        args!["SESSION.SCHEMA", "SET", "object", object].to_vec(),
        args!["SESSION.SCHEMA", "SET", "by", object, "PREFIX", "by:"].to_vec(),
    ]);
    let sessions = [
        ("k", "object", "ada"),
        ("k2", "any", "ada"),
        ("by:1", "by", "bob"),
        ("by:2", "by", "eve"),
        ("by:3", "by", "bob"),
    ];
    commands.extend(sessions.map(|(key, schema, user)| {
        let data = r#"{"n":0,"a":[1]}"#;
        let head = args!["SESSION.SET", key, data, "NX", "SCHEMA", schema];
        [&head[..], &args!["USER", user, "EXAT", far]].concat()
    }));
    commands.push(args!["SET", "by:text", "text"].to_vec());
    commands
}

/// Restores the state in which each command is sent, and returns it.
pub fn reset(c: &mut Conn) -> State {
    let mut batch = resetting(c);
    let own = batch.len();
    batch.extend(probes());
    let mut replies = c.pipeline(&batch);
    let probed = replies.split_off(own);
    replies
        .iter()
        .for_each(|reply| assert!(reply.error().is_none() && !reply.is_nil(), "{reply}"));
    state(&probed)
}

/// The state that a failed command must not change, and the bystanders that no command may change.
#[derive(Debug, PartialEq)]
pub struct State {
    all: Vec<Value>,
    bystanders: Value,
}

pub fn probes() -> Vec<Command> {
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

pub fn state(replies: &[Value]) -> State {
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
        // Counts the changes that would be replicated.
        line(persistence, "rdb_changes_since_last_save:"),
        line(session, "session_schemas_digest:"),
        line(session, "session_sessions:"),
    ];
    let bystanders = bystanders.clone();
    State { all, bystanders }
}

/// Checks that an error is one line of printable ASCII that begins with a code.
pub fn check_error(line: &str, command: &Command) {
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
pub enum Way {
    Plain,
    Multi,
    Lua,
}

pub struct Caller<'s> {
    server: &'s Server,
    pub c: Conn,
    pub before: State,
    sent: usize,
    pub failed: usize,
    codes: BTreeMap<String, usize>,
}

impl<'s> Caller<'s> {
    pub fn new(server: &'s Server, mut c: Conn) -> Self {
        c.see_internal_commands();
        let before = State {
            all: Vec::new(),
            bystanders: Value::Nil,
        };
        let (sent, failed, codes) = (0, 0, BTreeMap::new());
        let mut hostile = Caller {
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
        self.before = reset(&mut self.c);
    }

    /// Sends one command and checks the invariants. Returns the error, if the command failed.
    pub fn send(&mut self, command: &Command, way: Way) -> Option<String> {
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
            // The command was refused when it was queued, which aborted the transaction.
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

    pub fn say(&self, what: &str) {
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
