//! Compares the index of users, the counters and what the clients know with a scan of all keys, while no
//! client sends anything. Time goes on meanwhile and ends sessions, so each comparison is between bounds.

use crate::counts::Info;
use crate::model::Model;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use support::{args, clock, Conn, Value};

const AT_ONCE: usize = 500;
/// Clocks are read in whole milliseconds.
const ROUNDING_MS: i64 = 2;

/// A session that the scan found.
#[derive(Clone, Debug)]
pub struct Found {
    pub user: Option<String>,
    /// The first Unix ms at which it can have ended.
    pub ends: i64,
}

/// All that was read.
#[derive(Default)]
pub struct Seen {
    /// By key.
    pub sessions: HashMap<Vec<u8>, Found>,
    pub lists: BTreeMap<String, BTreeSet<Vec<u8>>>,
    /// Aliases that are there though their grace is over.
    pub late_aliases: Vec<Vec<u8>>,
    /// Unix ms after the lists were read.
    pub now: i64,
    pub users: u64,
    pub session_values: u64,
}

/// The fields of `INFO session` that are numbers.
pub fn info(conn: &mut Conn) -> Info {
    let text = conn.ok(&["INFO", "session"]).text();
    let pair = |line: &str| {
        let (name, value) = line.trim().split_once(':')?;
        Some((name.to_owned(), value.parse().ok()?))
    };
    text.lines().filter_map(pair).collect()
}

pub fn look(conn: &mut Conn, models: &[&Model]) -> Seen {
    let mut seen = Seen::default();
    let aliases = models.iter().flat_map(|model| &model.aliases);
    let aliases: HashMap<&[u8], _> = aliases.map(|alias| (&alias.key[..], alias)).collect();
    let began = clock::now();
    let mut keys = scan(conn);
    keys.retain(|key| {
        let alias = aliases.get(&key[..]);
        if alias.is_some_and(|alias| alias.must_have_ended(began)) {
            seen.late_aliases.push(key.clone());
        }
        alias.is_none()
    });
    for some in keys.chunks(AT_ONCE) {
        let ask: Vec<_> = some.iter().map(|key| args!["SESSION.INFO", key]).collect();
        let before = clock::now();
        for (key, reply) in some.iter().zip(conn.pipeline(&ask)) {
            if reply.is_nil() {
                continue; // it has ended since it was scanned
            }
            let user = match reply.field("user") {
                Value::Nil => None,
                name => Some(name.text()),
            };
            let ends = match reply.field("ttl") {
                Value::Nil => i64::MAX,
                ms => before + ms.int() - ROUNDING_MS,
            };
            seen.sessions.insert(key.clone(), Found { user, ends });
        }
    }
    let users: BTreeSet<_> = seen
        .sessions
        .values()
        .filter_map(|it| it.user.clone())
        .collect();
    for some in users.into_iter().collect::<Vec<_>>().chunks(AT_ONCE) {
        let ask: Vec<_> = some
            .iter()
            .map(|user| args!["SESSION.LIST", user])
            .collect();
        for (user, keys) in some.iter().zip(conn.pipeline(&ask)) {
            let keys = keys.items().iter().map(|key| key.bytes().to_vec());
            seen.lists.insert(user.clone(), keys.collect());
        }
    }
    let info = info(conn);
    seen.now = clock::now();
    seen.users = info["session_users"];
    seen.session_values = info["session_sessions"];
    seen
}

/// All keys, each once.
fn scan(conn: &mut Conn) -> Vec<Vec<u8>> {
    let (mut cursor, mut keys) = (b"0".to_vec(), BTreeSet::new());
    loop {
        let reply = conn.ok(&args!["SCAN", cursor, "COUNT", 100]);
        let [next, some] = reply.items() else {
            panic!("a reply of SCAN: {reply}")
        };
        keys.extend(some.items().iter().map(|key| key.bytes().to_vec()));
        cursor = next.bytes().to_vec();
        if cursor == b"0" {
            return keys.into_iter().collect();
        }
    }
}

impl Seen {
    /// Where index, counters or clients differ from the scan.
    pub fn differences(&self, models: &[&Model]) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut say = |text: String| {
            if wrong.len() < 20 {
                wrong.push(text);
            }
        };
        let mut surely = (BTreeSet::new(), 0);
        for (key, found) in &self.sessions {
            let lives = found.ends > self.now;
            surely.1 += u64::from(lives);
            let Some(user) = &found.user else { continue };
            if lives {
                surely.0.insert(user);
                let is_listed = self.lists.get(user).is_some_and(|list| list.contains(key));
                if !is_listed {
                    say(format!("LIST {user} leaves out {}", key.escape_ascii()));
                }
            }
        }
        for (user, list) in &self.lists {
            for key in list {
                let found = self.sessions.get(key);
                if found.and_then(|it| it.user.as_ref()) != Some(user) {
                    say(format!(
                        "LIST {user} has {}, of {found:?}",
                        key.escape_ascii()
                    ));
                }
            }
        }
        let between = |name: &str, n: u64, least: usize, most: usize| {
            let is_right = (least as u64..=most as u64).contains(&n);
            (!is_right).then(|| format!("{name} is {n}, and a scan finds {least} to {most}"))
        };
        let values = between(
            "session_sessions",
            self.session_values,
            surely.1 as usize,
            self.sessions.len(),
        );
        let users = between(
            "session_users",
            self.users,
            surely.0.len(),
            self.lists.len(),
        );
        values.into_iter().chain(users).for_each(&mut say);
        for key in &self.late_aliases {
            say(format!("an alias after its grace: {}", key.escape_ascii()));
        }
        for session in models.iter().flat_map(|model| model.sessions()) {
            let is_there = self.sessions.contains_key(&session.key);
            if !is_there && !session.can_have_ended(self.now) {
                say(format!("lost: {session:?}"));
            }
        }
        let limited = models.iter().flat_map(|model| model.limited.values());
        let known: usize =
            models.iter().map(|model| model.len()).sum::<usize>() + limited.sum::<usize>();
        if self.sessions.len() > known + 1 {
            let found = self.sessions.len();
            say(format!(
                "a scan finds {found} sessions, and clients know of {known} and the probe"
            ));
        }
        wrong
    }
}

#[cfg(test)]
mod tests {
    use super::{Found, Seen};

    /// Two sessions of ada, one of which ends soon, and one of nobody.
    fn seen() -> Seen {
        let found = |user: Option<&str>, ends| Found {
            user: user.map(String::from),
            ends,
        };
        let sessions = [
            ("a", found(Some("ada"), i64::MAX)),
            ("b", found(Some("ada"), 900)),
            ("c", found(None, 2000)),
        ];
        let list = ["a", "b"].map(|key| key.as_bytes().to_vec());
        Seen {
            sessions: sessions.map(|(key, found)| (key.into(), found)).into(),
            lists: [("ada".into(), list.into())].into(),
            late_aliases: Vec::new(),
            now: 1000,
            users: 1,
            session_values: 3,
        }
    }

    /// What is found, without the count of what clients know, who are none here.
    fn differences(seen: &Seen) -> Vec<String> {
        let mut all = seen.differences(&[]);
        all.retain(|text| !text.contains("clients know"));
        all
    }

    #[test]
    fn an_index_that_agrees_is_right_and_time_may_end_a_session_meanwhile() {
        let mut seen = seen();
        assert!(differences(&seen).is_empty());
        seen.lists.get_mut("ada").unwrap().remove(&b"b"[..]);
        seen.session_values = 2;
        assert!(differences(&seen).is_empty());
    }

    #[test]
    fn each_difference_is_found() {
        let mut left_out = seen();
        left_out.lists.get_mut("ada").unwrap().remove(&b"a"[..]);
        assert_eq!(differences(&left_out), ["LIST ada leaves out a"]);
        let mut too_many = seen();
        too_many.lists.get_mut("ada").unwrap().insert(b"c".to_vec());
        assert_eq!(differences(&too_many).len(), 1);
        let mut users = seen();
        users.users = 2;
        let text = "session_users is 2, and a scan finds 1 to 1";
        assert_eq!(differences(&users), [text]);
        let mut values = seen();
        values.session_values = 1;
        let text = "session_sessions is 1, and a scan finds 2 to 3";
        assert_eq!(differences(&values), [text]);
        let mut late = seen();
        late.late_aliases.push(b"old".to_vec());
        assert_eq!(differences(&late), ["an alias after its grace: old"]);
        assert_eq!(seen().differences(&[]).len(), 1, "sessions of nobody's");
    }
}
