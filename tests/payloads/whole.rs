//! What every session must be, however it came to be.

use redis_session::session::{self, codec};
use std::collections::{BTreeMap, BTreeSet};
use support::payload::open;
use support::{args, Conn, Value};

/// What a check has seen of keys.
#[derive(Default, Debug)]
pub struct Seen {
    pub keys: usize,
    pub live: usize,
    pub ended: usize,
    pub aliases: usize,
    /// Live sessions whose data is not JSON. A primary is trusted to send JSON, and a client cannot make one.
    pub not_json: usize,
    /// The keys of the live sessions of each user.
    users: BTreeMap<Vec<u8>, Vec<Vec<u8>>>,
    /// The users of all sessions. Those that have ended may be in the index, or not.
    owners: BTreeSet<Vec<u8>>,
}

impl Seen {
    /// Adds the counts of another check.
    pub fn add(&mut self, other: &Seen) {
        self.keys += other.keys;
        self.live += other.live;
        self.ended += other.ended;
        self.aliases += other.aliases;
        self.not_json += other.not_json;
    }
}

/// The saved form of a session or an alias within a DUMP payload: behind the type, the module's ID (9 bytes)
/// and the opcode of a string comes its length, then the string, then a byte that ends the module's value.
fn saved(value: &[u8]) -> &[u8] {
    let length = match value[11] >> 6 {
        0 => 1,
        1 => 2,
        _ => 5,
    };
    &value[11 + length..value.len() - 1]
}

/// Checks all keys of the selected database, and that the index of users is what they say.
pub fn check_all(c: &mut Conn) -> Seen {
    let replies = c.pipeline(&[&["KEYS", "*"][..], &["DBSIZE"], &["INFO", "session"]]);
    let [keys, count, info] = &replies[..] else {
        unreachable!()
    };
    let keys: Vec<_> = keys
        .items()
        .iter()
        .map(|key| key.bytes().to_vec())
        .collect();
    let seen = check(c, &keys);
    // A replica keeps keys that have expired until its primary deletes them, and shows them to nobody.
    let hidden = count.int() as usize - keys.len();
    let (info, name) = (info.text(), "session_users:");
    let users = info.lines().find_map(|line| line.strip_prefix(name));
    let users: usize = users.and_then(|n| n.parse().ok()).expect(name);
    let most = seen.owners.len() + hidden;
    assert!((seen.users.len()..=most).contains(&users), "{users} users");
    check_index(c, &seen.users);
    seen
}

/// Checks that each of these keys holds a valid session or an alias.
pub fn check(c: &mut Conn, keys: &[Vec<u8>]) -> Seen {
    let probes: Vec<_> = keys
        .iter()
        .flat_map(|key| {
            [
                args!["TYPE", key].to_vec(),
                args!["DUMP", key].to_vec(),
                args!["MEMORY", "USAGE", key].to_vec(),
                args!["DEBUG", "DIGEST-VALUE", key].to_vec(),
                args!["SESSION.INFO", key].to_vec(),
                args!["SESSION.GET", key, "NOTOUCH"].to_vec(),
                args!["SESSION.VERIFY", key, "NOTOUCH"].to_vec(),
            ]
        })
        .collect();
    let mut seen = Seen {
        keys: keys.len(),
        ..Seen::default()
    };
    let replies = c.pipeline(&probes);
    for (key, replies) in keys.iter().zip(replies.chunks(7)) {
        let [kind, dump, memory, digest, info, got, verified] = replies else {
            unreachable!()
        };
        let shown = key.escape_ascii();
        assert_eq!(kind.text(), "session-1", "{shown}");
        assert!(memory.int() > 0 && digest.error().is_none(), "{shown}");
        assert_eq!(info.is_nil(), got.is_nil(), "{shown}");
        let (value, _) = open(dump.bytes());
        let session = match codec::decode(saved(&value)).expect("what was saved") {
            session::Value::Session(session) => session,
            session::Value::Alias(_) => {
                seen.aliases += 1;
                continue;
            }
        };
        let user = session.user().map(|user| user.as_bytes().to_vec());
        seen.owners.extend(user.clone());
        if got.is_nil() {
            seen.ended += 1;
            continue;
        }
        seen.live += 1;
        seen.not_json += usize::from(!is_whole(info, got));
        assert_eq!(got.bytes(), session.data(), "{shown}");
        assert!(
            verified == got || is_refusal(verified),
            "{shown}: {verified}"
        );
        if let Some(user) = user {
            seen.users.entry(user).or_default().push(key.clone());
        }
    }
    seen
}

/// Whether VERIFY refuses a session because of its data or its schema, each of which damage can change.
fn is_refusal(verified: &Value) -> bool {
    let code = verified.error().and_then(|line| line.split(' ').next());
    code.is_some_and(|code| ["NOSCHEMA", "BADSCHEMA", "BADJSON", "INVALID"].contains(&code))
}

/// Checks a live session. Returns whether its data is JSON.
fn is_whole(info: &Value, got: &Value) -> bool {
    let data = got.bytes();
    assert!(std::str::from_utf8(data).is_ok(), "{}", data.escape_ascii());
    assert_eq!(info.field("bytes").int(), data.len() as i64);
    assert!(info.field("version").int() > 0);
    for (name, longest) in [("user", 512), ("schema", 255)] {
        let name = info.field(name);
        if !name.is_nil() {
            assert!((1..=longest).contains(&name.bytes().len()));
            assert!(std::str::from_utf8(name.bytes()).is_ok());
        }
    }
    serde_json::from_slice::<serde_json::Value>(data).is_ok()
}

fn check_index(c: &mut Conn, users: &BTreeMap<Vec<u8>, Vec<Vec<u8>>>) {
    let lists: Vec<_> = users
        .keys()
        .map(|user| args!["SESSION.LIST", user].to_vec())
        .collect();
    for (listed, (user, keys)) in c.pipeline(&lists).iter().zip(users) {
        let mut keys = keys.clone();
        let mut listed: Vec<_> = listed.items().iter().map(|k| k.bytes().to_vec()).collect();
        listed.sort();
        keys.sort();
        assert_eq!(listed, keys, "the index of {}", user.escape_ascii());
    }
}

/// The saved form of each key.
pub fn saved_values(c: &mut Conn) -> Vec<Vec<u8>> {
    let keys = c.ok(&["KEYS", "*"]);
    let value = |key: &Value| {
        let (value, _) = open(c.ok(&args!["DUMP", key.bytes()]).bytes());
        saved(&value).to_vec()
    };
    keys.items().iter().map(value).collect()
}
