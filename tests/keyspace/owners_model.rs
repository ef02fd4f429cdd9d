//! A model of users' sessions predicts the reply of every MAXSESSIONS, REFUSE, LIMIT, ROTATE … NX and
//! IMPORT. After thousands of random commands the primary, its replica, and a server that loads its AOF
//! hold exactly the sessions of the model.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use support::{args, say, Conn, Random, Server, Value};

/// `STEPS` of the environment sets another number.
const STEPS: usize = 4000;
/// The last user has no limit, and so more sessions than an index keeps in one block.
const USERS: [&str; 4] = ["ada", "bob", "cy", "many"];
const OWN_KEYS: usize = 60;

/// A session as the replies of the server describe it.
#[derive(Clone, Debug, PartialEq)]
struct Session {
    user: Option<&'static str>,
    created: i64,
    accessed: i64,
    data: String,
}

/// All live sessions by key. None of them ever expires.
#[derive(Default)]
struct Model {
    sessions: BTreeMap<String, Session>,
    /// The number of commands by what came of them.
    done: BTreeMap<&'static str, usize>,
}

impl Model {
    /// The keys of a user's sessions in the order of LIST.
    fn order(&self, user: &str) -> Vec<String> {
        let mut keys: Vec<_> = self
            .sessions
            .iter()
            .filter(|(_, session)| session.user == Some(user))
            .map(|(key, s)| (Reverse(s.accessed), Reverse(s.created), key.clone()))
            .collect();
        keys.sort();
        keys.into_iter().map(|(_, _, key)| key).collect()
    }

    fn count(&mut self, what: &'static str) {
        *self.done.entry(what).or_default() += 1;
    }

    /// Stores the times of the session under this key as the server tells them.
    fn learn(&mut self, c: &mut Conn, key: &str, user: Option<&'static str>, data: &str) {
        let info = c.ok(&args!["SESSION.INFO", key]);
        let named = match info.field("user") {
            Value::Nil => None,
            name => Some(name.text()),
        };
        assert_eq!(named.as_deref(), user, "the user of {key}");
        let session = Session {
            user,
            created: info.field("created").int(),
            accessed: info.field("accessed").int(),
            data: data.into(),
        };
        self.sessions.insert(key.into(), session);
    }

    /// Ends the least recently accessed sessions of a user beyond the limit, as MAXSESSIONS does after
    /// it has stored `written`.
    fn limit(&mut self, user: &str, max: usize, written: &str) {
        let mut others = self.order(user);
        others.retain(|key| key != written);
        for key in others.into_iter().skip(max - 1) {
            self.sessions.remove(&key);
            self.count("ended by MAXSESSIONS");
        }
    }
}

/// USER and MAXSESSIONS of a command.
struct Owner {
    user: Option<&'static str>,
    max: Option<usize>,
    refuse: bool,
}

impl Owner {
    fn random(random: &mut Random, always: bool) -> Owner {
        let user = (always || random.once_in(2)).then(|| *random.pick(&USERS));
        let max = match user {
            Some("many") | None => None,
            Some(_) => (!random.once_in(4)).then(|| 1 + random.below(6)),
        };
        let refuse = max.is_some() && random.once_in(2);
        Owner { user, max, refuse }
    }

    fn words(&self) -> Vec<Vec<u8>> {
        let mut words = Vec::new();
        if let Some(user) = self.user {
            words.extend(args!["USER", user]);
        }
        if let Some(max) = self.max {
            words.extend(args!["MAXSESSIONS", max]);
        }
        if self.refuse {
            words.extend(args!["REFUSE"]);
        }
        words
    }

    /// Whether the model says that REFUSE forbids a session under a new key in the place of `replaced`.
    fn refuses(&self, model: &Model, replaced: Option<&str>) -> bool {
        let (Some(user), Some(max), true) = (self.user, self.max, self.refuse) else {
            return false;
        };
        let mut others = model.order(user);
        others.retain(|key| Some(key.as_str()) != replaced);
        others.len() >= max
    }
}

fn own_key(random: &mut Random) -> String {
    format!("own{}", random.below(OWN_KEYS))
}

fn some_key(model: &Model, random: &mut Random) -> String {
    let keys: Vec<_> = model.sessions.keys().collect();
    match keys.is_empty() || random.once_in(12) {
        true => own_key(random),
        false => (*random.pick(&keys)).clone(),
    }
}

/// The code of an error, for replies that may be one of several refusals.
fn code(reply: &Value) -> &str {
    match reply {
        Value::Nil => "nil",
        reply => reply
            .error()
            .and_then(|line| line.split(' ').next())
            .unwrap_or("done"),
    }
}

fn set(c: &mut Conn, model: &mut Model, random: &mut Random, n: usize) {
    let owner = Owner::random(random, true);
    let data = format!("{{\"n\":{n}}}");
    let made = random.once_in(2);
    let key = if made {
        "made:*".into()
    } else {
        own_key(random)
    };
    let mut command = args!["SESSION.SET", key, data].to_vec();
    if !made {
        command.extend(args!["NX"]);
    }
    command.extend(owner.words());
    let exists = model.sessions.contains_key(&key);
    let reply = c.cmd(&command);
    if exists {
        assert_eq!(code(&reply), "nil", "{key} exists");
        model.count("SET … NX of a key that exists");
    } else if owner.refuses(model, None) {
        assert_eq!(code(&reply), "TOOMANY", "{reply}");
        model.count("SET refused");
    } else {
        let key = reply.text();
        model.learn(c, &key, owner.user, &data);
        if let (Some(user), Some(max), false) = (owner.user, owner.max, owner.refuse) {
            model.limit(user, max, &key);
        }
        model.count("SET");
    }
}

fn rotate(c: &mut Conn, model: &mut Model, random: &mut Random) {
    let owner = Owner::random(random, false);
    let old = some_key(model, random);
    let made = random.once_in(3);
    let new = if made {
        "made:*".into()
    } else {
        own_key(random)
    };
    let mut command = args!["SESSION.ROTATE", old, new].to_vec();
    if !made {
        command.extend(args!["NX"]);
    }
    command.extend(owner.words());
    let reply = c.cmd(&command);
    let before = model.sessions.get(&old).cloned();
    // Every reason to refuse; the reference says which of them comes first.
    let mut refusals = Vec::new();
    match &before {
        None => refusals.push("NOSESSION"),
        Some(session) => {
            let present = session.user;
            if owner.user.is_some() && present.is_some() && present != owner.user {
                refusals.push("OTHERUSER");
            }
        }
    }
    if model.sessions.contains_key(&new) {
        refusals.push("nil");
    }
    if before.is_some() && owner.refuses(model, Some(&old)) {
        refusals.push("TOOMANY");
    }
    let (Some(before), true) = (before, refusals.is_empty()) else {
        assert!(
            refusals.contains(&code(&reply)),
            "{reply}, not {refusals:?}"
        );
        model.count("ROTATE refused");
        return;
    };
    let new = reply.text();
    model.sessions.remove(&old);
    let user = owner.user.or(before.user);
    model.learn(c, &new, user, &before.data);
    assert_eq!(model.sessions[&new].created, before.created);
    if let (Some(user), Some(max), false) = (owner.user, owner.max, owner.refuse) {
        model.limit(user, max, &new);
    }
    model.count("ROTATE");
}

fn import(c: &mut Conn, model: &mut Model, random: &mut Random, n: usize) {
    let key = own_key(random);
    let data = format!("[{n}]");
    let now = c.now();
    let created = now - 1 - random.below(10_000_000) as i64;
    let accessed = created + (now - created) * random.below(101) as i64 / 100;
    let user = (!random.once_in(4)).then(|| *random.pick(&USERS));
    let mut command = args![
        "SESSION.IMPORT",
        key,
        data,
        "CREATED",
        created,
        "ACCESSED",
        accessed
    ]
    .to_vec();
    let authenticated = user.filter(|_| random.once_in(2)).map(|_| created);
    if let Some(user) = user {
        command.extend(args!["USER", user]);
    }
    if let Some(at) = authenticated {
        command.extend(args!["AUTHENTICATED", at]);
    }
    let wrong = random.once_in(8);
    if wrong {
        // A time in the future, by far more than the clock can have advanced.
        let at = command
            .iter()
            .position(|word| word == b"ACCESSED")
            .expect("the word");
        command[at + 1] = (now + 3_600_000).to_string().into_bytes();
    }
    let reply = c.cmd(&command);
    if wrong {
        assert_eq!(code(&reply), "ERR", "{reply}");
        model.count("IMPORT refused");
    } else if model.sessions.contains_key(&key) {
        assert_eq!(code(&reply), "nil", "{key} exists");
        model.count("IMPORT of a key that exists");
    } else {
        assert_eq!(reply.text(), key);
        model.learn(c, &key, user, &data);
        let session = &model.sessions[&key];
        assert_eq!((session.created, session.accessed), (created, accessed));
        if let Some(at) = authenticated {
            let info = c.ok(&args!["SESSION.INFO", key]);
            assert_eq!(info.field("authenticated").int(), at);
        }
        model.count("IMPORT");
    }
}

fn revoke(c: &mut Conn, model: &mut Model, random: &mut Random) {
    let user = *random.pick(&USERS);
    let limit = 1 + random.below(4);
    let mut command = args!["SESSION.REVOKE", user, "LIMIT", limit].to_vec();
    let named: Vec<_> = (0..random.below(5))
        .map(|_| some_key(model, random))
        .collect();
    let mut ends = model.order(user);
    ends.reverse();
    if !named.is_empty() {
        let only = random.once_in(2);
        command.push(if only { "ONLY" } else { "EXCEPT" }.into());
        command.extend(named.iter().map(|key| key.clone().into_bytes()));
        ends.retain(|key| named.contains(key) == only);
    }
    ends.truncate(limit);
    assert_eq!(c.ok(&command).int(), ends.len() as i64, "{command:?}");
    for key in &ends {
        model.sessions.remove(key);
    }
    model.count(if ends.is_empty() {
        "REVOKE of none"
    } else {
        "REVOKE"
    });
}

fn list(c: &mut Conn, model: &mut Model, random: &mut Random) {
    let user = *random.pick(&USERS);
    let limit = 1 + random.below(40);
    let listed = c.ok(&args!["SESSION.LIST", user, "LIMIT", limit]).texts();
    let mut wanted = model.order(user);
    wanted.truncate(limit);
    assert_eq!(listed, wanted, "LIST {user} LIMIT {limit}");
    model.count("LIST");
}

fn touch_or_end(c: &mut Conn, model: &mut Model, random: &mut Random) {
    let key = some_key(model, random);
    let Some(session) = model.sessions.get(&key).cloned() else {
        assert_eq!(c.ok(&args!["SESSION.TOUCH", key]).int(), 0);
        return;
    };
    if random.once_in(6) {
        assert_eq!(c.ok(&args!["SESSION.DEL", key]).int(), 1);
        model.sessions.remove(&key);
        return;
    }
    match random.below(3) {
        0 => drop(c.ok(&args!["SESSION.TOUCH", key])),
        1 => drop(c.ok(&args!["SESSION.GET", key])),
        _ => drop(c.ok(&args!["SESSION.VERIFY", key])),
    }
    model.learn(c, &key, session.user, &session.data);
}

/// Compares every session and every user's list with the model.
#[track_caller]
fn holds(server: &Server, model: &Model) {
    let mut c = server.conn();
    for user in USERS {
        let listed = c.ok(&args!["SESSION.LIST", user]).texts();
        assert_eq!(listed, model.order(user), "{user}");
    }
    for (key, session) in &model.sessions {
        let reply = c.ok(&args!["SESSION.GET", key, "NOTOUCH"]);
        assert_eq!(reply.text(), session.data, "{key}");
    }
    let keys = c.ok(&["DBSIZE"]).int();
    assert_eq!(keys, model.sessions.len() as i64, "keys without a session");
}

#[test]
fn limits_rotations_and_imports_do_what_a_model_predicts() {
    let steps = std::env::var("STEPS").map_or(STEPS, |n| n.parse().expect("STEPS is a number"));
    let mut random = Random::seeded();
    let mut server = Server::setup()
        .config("appendonly yes")
        .module_arg("ttl 0")
        .module_arg("touch-interval-ms 0")
        .start();
    let replica = server.replica();
    let mut c = server.conn();
    let mut model = Model::default();
    for n in 0..steps {
        match random.below(12) {
            0..=2 => set(&mut c, &mut model, &mut random, n),
            3..=4 => rotate(&mut c, &mut model, &mut random),
            5..=6 => import(&mut c, &mut model, &mut random, n),
            7 => revoke(&mut c, &mut model, &mut random),
            8 => list(&mut c, &mut model, &mut random),
            _ => touch_or_end(&mut c, &mut model, &mut random),
        }
        if n % 500 == 0 {
            holds(&server, &model);
        }
        if n == steps / 2 {
            c.ok(&["BGREWRITEAOF"]);
        }
    }
    for what in [
        "SET refused",
        "SET … NX of a key that exists",
        "ended by MAXSESSIONS",
        "ROTATE",
        "ROTATE refused",
        "IMPORT",
        "IMPORT refused",
        "REVOKE",
    ] {
        assert!(model.done.contains_key(what), "no {what}: a poor mix");
    }
    holds(&server, &model);
    replica.wait_for_sync(&server);
    holds(&replica, &model);
    replica.snapshot().assert_is(&server.snapshot());
    server.wait_for_rewrite();
    server.stop();
    server.start_again();
    holds(&server, &model);
    say(&format!("{steps} commands: {:?}", model.done));
}
