//! One client of a load: random commands on its own sessions, and its model of them.

use super::cluster_known::{Known, USERS};
use super::cluster_load::Trust;
use super::{args, Cluster, ClusterClient, Random};
use redis::{ErrorKind, Value};
use std::thread;
use std::time::Duration;

pub struct Worker {
    client: ClusterClient,
    random: Random,
    tags: Vec<String>,
    trust: Trust,
    pub known: Known,
    n: u64,
    /// Sets this client apart from others.
    own_number: u64,
}

/// Data with this number, of which a patch of the number is a small part.
fn data(n: u64) -> String {
    format!(r#"{{"n":{n},"rest":"{}"}}"#, "rest ".repeat(20))
}

impl Worker {
    pub fn new(cluster: &Cluster, mut random: Random, tags: &[String], trust: Trust) -> Worker {
        Worker {
            own_number: random.next_u64(),
            client: match trust {
                Trust::Replies => ClusterClient::impatient(cluster),
                Trust::Replicated => ClusterClient::of(cluster),
            },
            random,
            tags: tags.to_vec(),
            trust,
            known: Known::default(),
            n: 0,
        }
    }

    /// Sends one random command and checks its reply.
    pub fn step(&mut self) {
        self.n += 1;
        let few = self.known.live.len() < 20;
        match self.random.below(if few { 1 } else { 14 }) {
            0..=2 => self.create(),
            // Sent again after a broken connection, these would find what they made the first time.
            12 if self.trust == Trust::Replies => self.import(),
            13 if self.trust == Trust::Replies => self.create_within_limit(),
            3 | 4 => self.patch(),
            5 => self.rotate(),
            6 => self.end(),
            7 if !self.known.aliases.is_empty() => self.read_superseded(),
            _ => self.read(),
        }
    }

    fn some_key(&mut self) -> String {
        let keys: Vec<_> = self.known.live.keys().collect();
        (*self.random.pick(&keys)).clone()
    }

    /// Sends a command and counts it. Returns its reply, or none if it may not be relied on.
    fn send(&mut self, what: &'static str, key: &str, command: &[Vec<u8>]) -> Option<Value> {
        let reply = self.client.send(command);
        let acknowledged = match self.trust {
            Trust::Replies => reply.map(|reply| (reply, true)),
            Trust::Replicated => reply.and_then(|reply| Ok((reply, self.client.wait(key)?))),
        };
        match acknowledged {
            Ok((reply, true)) => {
                *self.known.done.entry(what).or_default() += 1;
                Some(reply)
            }
            Ok((_, false)) => self.failed("no replica in time"),
            Err(e) if self.trust == Trust::Replicated => self.failed(kind(&e)),
            // Of a command's two keys one has moved and one has not, or one is new: the nodes send
            // the client to and fro until the whole slot has moved. Nothing was done.
            Err(e) if matches!(e.code(), Some("TRYAGAIN" | "ASK" | "MOVED")) => {
                self.failed(kind(&e))
            }
            Err(e) => panic!("{}: {e}", super::resp::shown(command)),
        }
    }

    fn failed(&mut self, kind: &str) -> Option<Value> {
        if self.trust == Trust::Replicated {
            // Without a pause it would try every session of a dead node before that has a successor.
            thread::sleep(Duration::from_millis(50));
        }
        *self.known.errors.entry(kind.into()).or_default() += 1;
        None
    }

    /// Forgets a session: a write to it was not acknowledged, so its state is unknown.
    fn lose_track(&mut self, key: &str) {
        if self.trust == Trust::Replicated {
            self.known.live.remove(key);
            self.known.lost_track += 1;
        }
    }

    fn create(&mut self) {
        let tag = self.random.pick(&self.tags).clone();
        let user = *self.random.pick(&USERS);
        let data = data(self.n);
        let stem = format!("s:{tag}:*");
        let mut set = args!["SESSION.SET", stem, data, "USER", user].to_vec();
        let with_token = self.random.once_in(2);
        if with_token {
            set.push(b"TOKEN".to_vec());
        }
        if let Some(reply) = self.send("created", &stem, &set) {
            let key: String = match with_token {
                true => {
                    redis::from_redis_value::<(String, String)>(reply)
                        .expect("both")
                        .0
                }
                false => redis::from_redis_value(reply).expect("a key"),
            };
            self.known.live.insert(key, (data, user.into()));
        }
    }

    /// A new key in the slot of this tag, under an ID that the client makes.
    fn own_key(&mut self, tag: &str) -> String {
        format!("s:{tag}:own-{:016x}", self.random.next_u64())
    }

    fn import(&mut self) {
        let tag = self.random.pick(&self.tags).clone();
        let user = *self.random.pick(&USERS);
        let key = self.own_key(&tag);
        let data = data(self.n);
        let created = 1_700_000_000_000_i64;
        let import = args![
            "SESSION.IMPORT",
            key,
            data,
            "CREATED",
            created,
            "USER",
            user
        ];
        if self.send("imported", &key, &import).is_some() {
            self.known.live.insert(key, (data, user.into()));
        }
    }

    /// Creates a session of a user who may have two in each slot. While a slot moves key by key a node
    /// counts only the keys that it has, so a third can be made; but none is refused too early.
    fn create_within_limit(&mut self) {
        let tag = self.random.pick(&self.tags).clone();
        let user = format!("limited-{}", self.own_number);
        let in_slot = format!("s:{tag}:");
        let of_user = |(key, session): &(&String, &(String, String))| {
            session.1 == user && key.starts_with(&in_slot)
        };
        let count = self.known.live.iter().filter(of_user).count();
        let data = data(self.n);
        let limit = args!["USER", user, "MAXSESSIONS", 2, "REFUSE"];
        let set = [
            &args!["SESSION.SET", format!("{in_slot}*"), data][..],
            &limit,
        ]
        .concat();
        match self.client.send(&set) {
            Ok(reply) => {
                let key = redis::from_redis_value(reply).expect("a key");
                self.known.live.insert(key, (data, user));
                *self.known.done.entry("created within a limit").or_default() += 1;
            }
            Err(e) if e.code() == Some("TOOMANY") => {
                assert!(count >= 2, "refused with {count} sessions in {tag}");
                *self.known.done.entry("refused by a limit").or_default() += 1;
            }
            Err(e) if matches!(e.code(), Some("TRYAGAIN" | "ASK" | "MOVED")) => {
                self.failed(kind(&e));
            }
            Err(e) => panic!("{}: {e}", super::resp::shown(&set)),
        }
    }

    fn patch(&mut self) {
        let key = self.some_key();
        let (data, patch) = (data(self.n), format!(r#"{{"n":{}}}"#, self.n));
        match self.send("patched", &key, &args!["SESSION.PATCH", key, patch]) {
            Some(_) => self.known.live.get_mut(&key).expect("a live one").0 = data,
            None => self.lose_track(&key),
        }
    }

    fn rotate(&mut self) {
        let key = self.some_key();
        let (stem, _) = key.rsplit_once(':').expect("a tag before the ID");
        let mut rotate = match self.trust == Trust::Replies && self.random.once_in(3) {
            true => {
                let own = format!("{stem}:own-{:016x}", self.random.next_u64());
                args!["SESSION.ROTATE", key, own, "NX"].to_vec()
            }
            false => args!["SESSION.ROTATE", key, format!("{stem}:*")].to_vec(),
        };
        let grace = self.trust == Trust::Replies && self.random.once_in(2);
        if grace {
            rotate.extend(args!["GRACE", 3_600_000]);
        }
        let Some(reply) = self.send("rotated", &key, &rotate) else {
            return self.lose_track(&key);
        };
        let new: String = redis::from_redis_value(reply).expect("a key");
        let session = self.known.live.remove(&key).expect("a live one");
        self.known.live.insert(new.clone(), session);
        // IDs before the old one lead to the session only if this rotation too has a grace. They are
        // not checked any more.
        self.known.aliases.retain(|_, present| *present != key);
        if grace {
            self.known.aliases.insert(key, new);
        } else {
            self.known.ended.insert(key);
        }
    }

    fn end(&mut self) {
        let key = self.some_key();
        match self.send("ended", &key, &args!["SESSION.DEL", key]) {
            Some(reply) => {
                let count: i64 = redis::from_redis_value(reply).expect("a count");
                // Sent again after a broken connection, it finds nothing.
                assert!(
                    count == 1 || self.trust == Trust::Replicated,
                    "{key} had ended"
                );
                self.known.live.remove(&key);
                let of_it = |(old, new): (&String, &String)| (*new == key).then(|| old.clone());
                let old: Vec<_> = self.known.aliases.iter().filter_map(of_it).collect();
                self.known.aliases.retain(|_, new| *new != key);
                self.known.ended.extend(old);
                self.known.ended.insert(key);
            }
            None => self.lose_track(&key),
        }
    }

    fn read(&mut self) {
        let key = self.some_key();
        let wanted = self.known.live[&key].0.clone();
        self.read_by(&key, &key.clone(), &wanted);
    }

    fn read_superseded(&mut self) {
        let old: Vec<_> = self.known.aliases.keys().cloned().collect();
        let old = self.random.pick(&old).clone();
        let new = self.known.aliases[&old].clone();
        if let Some((wanted, _)) = self.known.live.get(&new).cloned() {
            self.read_by(&old, &new, &wanted);
        }
    }

    fn read_by(&mut self, named: &str, key: &str, wanted: &str) {
        let what = if named == key {
            "read"
        } else {
            "read by a superseded ID"
        };
        let read = [args!["SESSION.GET", named], args!["SESSION.VERIFY", named]];
        let read = self.random.pick(&read).clone();
        if let Some(reply) = self.send(what, key, &read) {
            let data: Option<String> = redis::from_redis_value(reply).expect("data");
            assert_eq!(data.as_deref(), Some(wanted), "{key} by way of {named}");
        }
    }
}

fn kind(error: &redis::RedisError) -> &str {
    match error.code() {
        Some(code) => code,
        None if error.kind() == ErrorKind::Io => "connection lost",
        None => "other",
    }
}
