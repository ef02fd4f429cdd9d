//! A client under load, with a model of its sessions, and the comparison after a crash.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use support::clock::now;
use support::{args, Conn, Random, Value};

#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    data: String,
    version: i64,
    deadline: Option<i64>,
    idle: Option<i64>,
    user: Option<String>,
    schema: Option<String>,
    /// A time, in Unix ms, before which its last access was not.
    accessed: i64,
}

impl Session {
    /// Whether its deadline has passed.
    fn may_have_ended(&self) -> bool {
        self.deadline.is_some_and(|at| at <= now())
    }
}

/// A client and its model of the server.
pub struct Client {
    name: String,
    random: Random,
    serial: usize,
    sessions: BTreeMap<String, Session>,
    pub ended: Vec<String>,
    schemas: HashMap<String, Option<String>>,
    doubt: Doubt,
    pub acknowledged: usize,
}

/// The possible effect of the unanswered command.
enum Doubt {
    Nothing,
    /// A session with an ID that the server made.
    Created(Session),
    Changed(String, Session),
    Ended(Vec<String>),
    Schema(String, Option<String>),
}

impl Client {
    pub fn new(n: usize, seed: u64) -> Client {
        Client {
            name: format!("client{n}"),
            random: Random::from(seed),
            serial: 0,
            sessions: BTreeMap::new(),
            ended: Vec::new(),
            schemas: HashMap::new(),
            doubt: Doubt::Nothing,
            acknowledged: 0,
        }
    }

    /// Works until the server is gone. Counts acknowledged commands, also for all clients together.
    pub fn work(&mut self, port: u16, of_all: &AtomicUsize) {
        let Ok(mut c) = Conn::connect(port) else {
            return;
        };
        while self.step(&mut c).is_ok() {
            self.doubt = Doubt::Nothing;
            self.acknowledged += 1;
            of_all.fetch_add(1, Relaxed);
        }
    }

    fn step(&mut self, c: &mut Conn) -> io::Result<()> {
        let known: Vec<String> = self.sessions.keys().cloned().collect();
        if known.len() < 20 {
            return self.create(c);
        }
        let key = self.random.pick(&known).clone();
        match self.random.below(12) {
            0..=2 => self.create(c),
            3..=5 => self.replace(c, key),
            6 => self.touch(c, key),
            7 => self.read(c, key),
            8 | 9 => self.end(c, vec![key]),
            10 => {
                let other = self.random.pick(&known).clone();
                self.end(
                    c,
                    if other == key {
                        vec![key]
                    } else {
                        vec![key, other]
                    },
                )
            }
            _ => self.schema(c),
        }
    }

    fn data(&mut self) -> String {
        self.serial += 1;
        let filler = "x".repeat([0, 10, 300, 5000][self.random.below(4)]);
        format!(
            "{{\"n\":{},\"of\":\"{}\",\"x\":\"{filler}\"}}",
            self.serial, self.name
        )
    }

    /// A deadline: mostly far, sometimes within the round, sometimes none.
    fn deadline(&mut self) -> Option<i64> {
        match self.random.below(6) {
            0 => None,
            1 => Some(now() + 50 + self.random.below(1500) as i64),
            _ => Some(now() + 1_000_000 + self.random.below(1000) as i64),
        }
    }

    fn create(&mut self, c: &mut Conn) -> io::Result<()> {
        let session = Session {
            data: self.data(),
            version: 1,
            deadline: self.deadline(),
            idle: [None, Some(700_000)][self.random.below(2)],
            user: [None, Some(format!("user{}", self.random.below(3)))][self.random.below(2)]
                .clone(),
            schema: [None, Some("common".to_string())][self.random.below(2)].clone(),
            accessed: now(),
        };
        let own = self.random.once_in(3);
        let key = match own {
            true => format!("{}:own:{}", self.name, self.serial),
            false => format!("{}:made:*", self.name),
        };
        let mut command = args!["SESSION.SET", key, session.data].to_vec();
        if own {
            command.push(b"NX".to_vec());
        } else if self.random.once_in(2) {
            command.push(b"TOKEN".to_vec());
        }
        command.extend(deadline_option(session.deadline));
        if let Some(idle) = session.idle {
            command.extend(args!["PIDLE", idle]);
        }
        if let Some(user) = &session.user {
            command.extend(args!["USER", user]);
        }
        if let Some(schema) = &session.schema {
            command.extend(args!["SCHEMA", schema]);
        }
        self.doubt = match own {
            true => Doubt::Changed(key, session.clone()),
            false => Doubt::Created(session.clone()),
        };
        let key = match c.try_cmd(&command)? {
            Value::Array(both) => both[0].text(),
            // The deadline passed before the command reached the server.
            Value::Error(line) if line.contains("invalid expire time") => {
                assert!(session.may_have_ended(), "{line}");
                return Ok(());
            }
            reply => reply.text(),
        };
        assert!(self.sessions.insert(key, session).is_none());
        Ok(())
    }

    fn replace(&mut self, c: &mut Conn, key: String) -> io::Result<()> {
        let mut session = self.sessions[&key].clone();
        let mut command = args!["SESSION.SET", key].to_vec();
        if !self.random.once_in(6) {
            session.data = self.data();
            session.version += 1;
        }
        command.extend(args![session.data]);
        if self.random.once_in(3) {
            session.deadline = self.deadline();
            command.extend(deadline_option(session.deadline));
        }
        if self.random.once_in(4) {
            command.extend(args!["IFVERSION", self.sessions[&key].version]);
        }
        self.change(c, key, session, command)
    }

    fn touch(&mut self, c: &mut Conn, key: String) -> io::Result<()> {
        let mut session = self.sessions[&key].clone();
        let mut command = args!["SESSION.TOUCH", key].to_vec();
        if self.random.once_in(2) {
            session.deadline = self.deadline();
            command.extend(deadline_option(session.deadline));
        }
        if self.random.once_in(3) {
            session.idle = Some(800_000);
            command.extend(args!["PIDLE", 800_000]);
        }
        self.change(c, key, session, command)
    }

    /// A read. An access that it records is a change, and acknowledged by its reply.
    fn read(&mut self, c: &mut Conn, key: String) -> io::Result<()> {
        let session = self.sessions[&key].clone();
        let command = args!["SESSION.GET", key].to_vec();
        if session.idle.is_none() && session.user.is_none() {
            let reply = c.try_cmd(&command)?;
            self.gone_only_when_due(&key, reply.is_nil());
            return Ok(());
        }
        self.change(c, key, session, command)
    }

    fn change(
        &mut self,
        c: &mut Conn,
        key: String,
        mut session: Session,
        command: Vec<Vec<u8>>,
    ) -> io::Result<()> {
        session.accessed = now();
        self.doubt = Doubt::Changed(key.clone(), session.clone());
        let reply = c.try_cmd(&command)?;
        let gone = match &reply {
            Value::Error(line) if line.starts_with("NOSESSION ") => true,
            // Its deadline, or the new one, passed before the command reached the server.
            Value::Error(line) if line.contains("invalid expire time") => {
                assert!(session.may_have_ended(), "{line}");
                return Ok(());
            }
            Value::Error(line) => panic!("{line}"),
            reply => reply.is_nil() || *reply == Value::Int(0),
        };
        if gone {
            self.gone_only_when_due(&key, true);
        } else {
            self.sessions.insert(key, session);
        }
        Ok(())
    }

    fn gone_only_when_due(&mut self, key: &str, gone: bool) {
        if gone {
            let session = self.sessions.remove(key).unwrap();
            assert!(session.may_have_ended(), "{key} is gone: {session:?}");
            self.ended.push(key.into());
        }
    }

    fn end(&mut self, c: &mut Conn, keys: Vec<String>) -> io::Result<()> {
        self.doubt = Doubt::Ended(keys.clone());
        let mut command = args![["SESSION.DEL", "DEL", "UNLINK"][self.random.below(3)]].to_vec();
        command.extend(keys.iter().map(|key| key.clone().into_bytes()));
        c.try_cmd(&command)?.int();
        for key in keys {
            self.sessions.remove(&key);
            self.ended.push(key);
        }
        Ok(())
    }

    fn schema(&mut self, c: &mut Conn) -> io::Result<()> {
        let name = format!("{}:{}", self.name, self.random.below(4));
        self.serial += 1;
        let text = format!("{{\"minimum\":{}}}", self.serial);
        let text = (!self.random.once_in(3)).then_some(text);
        self.doubt = Doubt::Schema(name.clone(), text.clone());
        match &text {
            Some(text) => c.try_cmd(&args!["SESSION.SCHEMA", "SET", name, text])?,
            None => c.try_cmd(&args!["SESSION.SCHEMA", "DEL", name])?,
        };
        self.schemas.insert(name, text);
        Ok(())
    }

    /// Compares the model with the sessions that are `there` after the restart, and takes the outcome
    /// of the unanswered command from them. Removes from `there` the sessions of this client.
    pub fn check(&mut self, c: &mut Conn, there: &mut BTreeMap<String, Session>) {
        let doubt = std::mem::replace(&mut self.doubt, Doubt::Nothing);
        let doubted = |key: &str| match &doubt {
            Doubt::Changed(k, session) if k == key => Some(Some(session.clone())),
            Doubt::Ended(keys) if keys.iter().any(|k| k == key) => Some(None),
            _ => None,
        };
        let mut keys: Vec<String> = self.sessions.keys().cloned().collect();
        if let Doubt::Changed(key, _) = &doubt {
            keys.retain(|known| known != key);
            keys.push(key.clone()); // the session may be new
        }
        let mut outcomes = Vec::new();
        for key in keys {
            let (known, doubted) = (self.sessions.get(&key), doubted(&key));
            let found = there.remove(&key);
            let fits = |wanted: Option<&Session>| match (wanted, &found) {
                (Some(wanted), Some(found)) => {
                    let accessed = wanted.accessed.min(found.accessed);
                    *wanted
                        == Session {
                            accessed,
                            ..found.clone()
                        }
                }
                (Some(wanted), None) => wanted.may_have_ended(),
                (None, found) => found.is_none(),
            };
            let fits_doubt = doubted.as_ref().is_some_and(|d| fits(d.as_ref()));
            assert!(
                fits(known) || fits_doubt,
                "{key}: wanted {known:?}, or {doubted:?}; found {found:?}"
            );
            outcomes.push((key, found));
        }
        for (key, found) in outcomes {
            match found {
                Some(session) => drop(self.sessions.insert(key, session)),
                None => {
                    self.sessions.remove(&key);
                    self.ended.push(key);
                }
            }
        }
        if let Doubt::Created(wanted) = &doubt {
            let stem = format!("{}:made:", self.name);
            let new: Vec<_> = there
                .keys()
                .filter(|k| k.starts_with(&stem))
                .cloned()
                .collect();
            assert!(new.len() <= 1, "made by one command: {new:?}");
            for key in new {
                let found = there.remove(&key).unwrap();
                assert_eq!(
                    found,
                    Session {
                        accessed: found.accessed,
                        ..wanted.clone()
                    }
                );
                self.sessions.insert(key, found);
            }
        }
        if let Doubt::Schema(name, text) = doubt {
            let there = c.ok(&["SESSION.SCHEMA", "GET", &name]);
            let there = (!there.is_nil()).then(|| there.text());
            let known = self.schemas.get(&name).cloned().flatten();
            assert!(there == known || there == text, "{name}: {there:?}");
            self.schemas.insert(name, there);
        }
        for (name, text) in &self.schemas {
            let there = c.ok(&["SESSION.SCHEMA", "GET", name]);
            let there = (!there.is_nil()).then(|| there.text());
            assert_eq!(there, *text, "{name}");
        }
    }
}

fn deadline_option(deadline: Option<i64>) -> Vec<Vec<u8>> {
    match deadline {
        Some(at) => args!["PXAT", at].to_vec(),
        None => args!["PERSIST"].to_vec(),
    }
}

/// Every live session of the server.
pub fn all_sessions(c: &mut Conn) -> BTreeMap<String, Session> {
    let mut all = BTreeMap::new();
    for key in c.ok(&["KEYS", "*"]).texts() {
        let got = c.ok(&["SESSION.GET", &key, "NOTOUCH", "WITHINFO"]);
        if got.is_nil() {
            continue; // the session ended just now
        }
        let [info, data] = got.items() else {
            panic!("{got}")
        };
        let number = |field: &str| {
            Some(info.field(field))
                .filter(|n| !n.is_nil())
                .map(|n| n.int())
        };
        let text = |field: &str| {
            Some(info.field(field))
                .filter(|t| !t.is_nil())
                .map(|t| t.text())
        };
        let session = Session {
            data: data.text(),
            version: info.field("version").int(),
            deadline: number("deadline"),
            idle: number("idle"),
            user: text("user"),
            schema: text("schema"),
            accessed: info.field("accessed").int(),
        };
        all.insert(key, session);
    }
    all
}
