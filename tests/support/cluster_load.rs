//! Clients that work on sessions of their own while something is done to the cluster, and remember
//! what they were told.

use super::{args, eventually, Cluster, ClusterClient, Random};
use redis::{ErrorKind, RedisResult, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

pub const USERS: [&str; 3] = ["ada", "bob", "cy"];

/// What a client may take for true.
#[derive(Clone, Copy, PartialEq)]
pub enum Trust {
    /// A reply. Nothing goes wrong but that two keys are asked for while their slot moves.
    Replies,
    /// A reply, once a replica has the change too. Anything may go wrong, and leaves a session of
    /// which nothing is known.
    Replicated,
}

/// Clients at work.
pub struct Load {
    stop: Arc<AtomicBool>,
    done: Arc<AtomicUsize>,
    workers: Vec<JoinHandle<Known>>,
}

/// What clients know.
#[derive(Default)]
pub struct Known {
    /// Data and user by key.
    pub live: BTreeMap<String, (String, String)>,
    /// Superseded keys, by which the session can still be had, and its present one.
    pub aliases: BTreeMap<String, String>,
    pub ended: BTreeSet<String>,
    /// Those of which nothing is known.
    pub lost_track: usize,
    /// What went wrong, by kind.
    pub errors: BTreeMap<String, usize>,
    /// What was done.
    pub done: BTreeMap<&'static str, usize>,
}

impl Load {
    pub fn start(cluster: &Cluster, clients: usize, tags: &[String], trust: Trust) -> Load {
        let seed = Random::seeded().next();
        let stop = Arc::new(AtomicBool::new(false));
        let done = Arc::new(AtomicUsize::new(0));
        let worker = |n: usize| Worker {
            client: match trust {
                Trust::Replies => ClusterClient::impatient(cluster),
                Trust::Replicated => ClusterClient::of(cluster),
            },
            random: Random::from(seed.wrapping_add(n as u64)),
            tags: tags.to_vec(),
            trust,
            known: Known::default(),
            n: 0,
        };
        let workers = (0..clients).map(worker).map(|mut worker| {
            let (stop, done) = (stop.clone(), done.clone());
            thread::spawn(move || {
                while !stop.load(Relaxed) {
                    worker.step();
                    done.fetch_add(1, Relaxed);
                }
                worker.known
            })
        });
        let workers = workers.collect();
        Load {
            stop,
            done,
            workers,
        }
    }

    /// How many commands have been answered.
    pub fn done(&self) -> usize {
        self.done.load(Relaxed)
    }

    /// Waits until so many more have been.
    #[track_caller]
    pub fn goes_on_for(&self, commands: usize) {
        let wanted = self.done() + commands;
        eventually("the load goes on", || {
            let ended = self.workers.iter().any(JoinHandle::is_finished);
            assert!(!ended, "a client has failed");
            self.done() >= wanted
        });
    }

    /// Ends it, and gives back what all clients know.
    #[track_caller]
    pub fn stop(self) -> Known {
        self.stop.store(true, Relaxed);
        let mut known = Known::default();
        for worker in self.workers {
            let one = worker.join().expect("a client that saw nothing wrong");
            known.live.extend(one.live);
            known.aliases.extend(one.aliases);
            known.ended.extend(one.ended);
            known.lost_track += one.lost_track;
            for (kind, count) in one.errors {
                *known.errors.entry(kind).or_default() += count;
            }
            for (what, count) in one.done {
                *known.done.entry(what).or_default() += count;
            }
        }
        known
    }
}

struct Worker {
    client: ClusterClient,
    random: Random,
    tags: Vec<String>,
    trust: Trust,
    known: Known,
    n: u64,
}

impl Worker {
    fn step(&mut self) {
        self.n += 1;
        let few = self.known.live.len() < 20;
        match self.random.below(if few { 1 } else { 12 }) {
            0..=2 => self.create(),
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

    /// The reply; none if it cannot be relied upon. Counts.
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
            // Where two keys are needed, and are half here and half there, or one of them is new,
            // the nodes send the client to and fro until the slot has moved. Nothing was done.
            Err(e) if matches!(e.code(), Some("TRYAGAIN" | "ASK" | "MOVED")) => {
                self.failed(kind(&e))
            }
            Err(e) => panic!("{}: {e}", super::resp::shown(command)),
        }
    }

    fn failed(&mut self, kind: &str) -> Option<Value> {
        if self.trust == Trust::Replicated {
            // Or it would have tried every session of a dead node before that has a successor.
            thread::sleep(Duration::from_millis(50));
        }
        *self.known.errors.entry(kind.into()).or_default() += 1;
        None
    }

    /// A write to this session was not acknowledged.
    fn lose_track(&mut self, key: &str) {
        if self.trust == Trust::Replicated {
            self.known.live.remove(key);
            self.known.lost_track += 1;
        }
    }

    fn create(&mut self) {
        let tag = self.random.pick(&self.tags).clone();
        let user = *self.random.pick(&USERS);
        let data = format!(r#"{{"n":{}}}"#, self.n);
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

    fn patch(&mut self) {
        let key = self.some_key();
        let data = format!(r#"{{"n":{}}}"#, self.n);
        match self.send("patched", &key, &args!["SESSION.PATCH", key, data]) {
            Some(_) => self.known.live.get_mut(&key).expect("a live one").0 = data,
            None => self.lose_track(&key),
        }
    }

    fn rotate(&mut self) {
        let key = self.some_key();
        let (tag, _) = key.rsplit_once(':').expect("a tag before the ID");
        let mut rotate = args!["SESSION.ROTATE", key, format!("{tag}:*")].to_vec();
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
        // An ID before that one leads here only if this rotation has a grace: forget those.
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

impl Known {
    /// The keys of a user, sorted.
    pub fn of_user(&self, user: &str) -> Vec<String> {
        let of_user = self.live.iter().filter(|(_, session)| session.1 == user);
        of_user.map(|(key, _)| key.clone()).collect()
    }

    /// Every session that is known to be live is, with its data, and can be had by its superseded
    /// IDs; none that has ended is back.
    #[track_caller]
    pub fn assert_holds(&self, client: &mut ClusterClient) {
        let mut get = |key: &str| -> RedisResult<Option<String>> {
            redis::from_redis_value(client.send(&args!["SESSION.GET", key, "NOTOUCH"])?)
                .map_err(Into::into)
        };
        for (key, (data, _)) in &self.live {
            assert_eq!(get(key).unwrap().as_ref(), Some(data), "{key} is live");
        }
        for (old, new) in &self.aliases {
            if let Some((data, _)) = self.live.get(new) {
                assert_eq!(
                    get(old).unwrap().as_ref(),
                    Some(data),
                    "{old} stands for {new}"
                );
            }
        }
        for key in &self.ended {
            assert_eq!(get(key).unwrap(), None, "{key} has ended");
        }
    }

    /// A line of counts.
    pub fn summary(&self) -> String {
        format!(
            "{} live, {} superseded, {} ended, {} lost track of; done {:?}; failed {:?}",
            self.live.len(),
            self.aliases.len(),
            self.ended.len(),
            self.lost_track,
            self.done,
            self.errors
        )
    }
}
