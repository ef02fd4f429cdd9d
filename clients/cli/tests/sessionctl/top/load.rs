//! Visitors of a shop, as many as the time of a short day brings. For the tests of what shows them, and for the
//! pictures of the documentation.

use std::collections::VecDeque;
use std::f64::consts::TAU;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use support::cluster_map::slot_of;
use support::{args, Cluster, Conn, Random, Server, Value};

/// The pause between two bursts.
const PAUSE: Duration = Duration::from_millis(50);

/// Live sessions of each primary are at most so many: more are ended by their users.
const LIVE: usize = 4000;

const SCHEMA: &str =
    r#"{"type":"object","required":["cart"],"properties":{"cart":{"type":"array"}}}"#;

/// Ends with its owner.
pub struct Load {
    stop: Arc<AtomicBool>,
    workers: Vec<JoinHandle<()>>,
}

impl Load {
    /// On one server.
    pub fn on(server: &Server, strength: f64) -> Load {
        Load::start(vec![(server.port(), "s".to_owned())], strength)
    }

    /// On each primary of a cluster, which has a schema for it.
    pub fn on_cluster(cluster: &Cluster, strength: f64) -> Load {
        let place = |node: &Server| {
            let mut tags = (0..).map(|n: u32| format!("{n:04x}"));
            let owns = |tag: &String| cluster.owner(slot_of(tag)).port() == node.port();
            (node.port(), tags.find(owns).expect("a tag of each primary"))
        };
        let places = cluster.primaries().into_iter().map(place).collect();
        Load::start(places, strength)
    }

    fn start(places: Vec<(u16, String)>, strength: f64) -> Load {
        let stop = Arc::new(AtomicBool::new(false));
        let workers = places.into_iter().enumerate().map(|(n, (port, tag))| {
            let stop = stop.clone();
            thread::spawn(move || {
                let mut shop = Shop::new(port, tag, strength * (1.0 - 0.2 * n as f64), n);
                while !stop.load(Relaxed) {
                    if shop.burst().is_none() {
                        shop.conn = None; // the server is down: it comes back
                    }
                    thread::sleep(PAUSE);
                }
            })
        });
        Load {
            workers: workers.collect(),
            stop,
        }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.stop.store(true, Relaxed);
        for worker in self.workers.drain(..) {
            let _ = worker.join();
        }
    }
}

/// The visitors of one primary.
struct Shop {
    port: u16,
    tag: String,
    strength: f64,
    random: Random,
    conn: Option<Conn>,
    live: VecDeque<String>,
    start: Instant,
    users: usize,
    /// What is left of a rate below one a burst.
    rest: f64,
}

impl Shop {
    fn new(port: u16, tag: String, strength: f64, seed: usize) -> Shop {
        Shop {
            port,
            tag,
            strength,
            random: Random::from(seed as u64 + 1),
            conn: None,
            live: VecDeque::new(),
            start: Instant::now(),
            users: 0,
            rest: 0.0,
        }
    }

    /// How busy the shop is: a day of 75 seconds, with waves in it.
    fn busy(&mut self) -> f64 {
        let seconds = self.start.elapsed().as_secs_f64();
        let day = 1.0 - 0.6 * (seconds * TAU / 75.0).cos();
        let wave = 1.0 + 0.2 * (seconds * TAU / 13.0).sin();
        let noise = 0.8 + 0.4 * (self.random.below(1000) as f64 / 1000.0);
        self.strength * day * wave * noise
    }

    /// What happens within one pause. `None` if the server does not answer.
    fn burst(&mut self) -> Option<()> {
        if self.conn.is_none() {
            self.conn = Some(Conn::connect(self.port).ok()?);
            self.command(&args!["SESSION.SCHEMA", "SET", "cart", SCHEMA])?;
        }
        let busy = self.busy() + self.rest;
        let visits = busy as usize;
        self.rest = busy - visits as f64;
        for _ in 0..visits {
            self.visit()?;
        }
        Some(())
    }

    /// One visitor: comes, looks around, perhaps logs in, and perhaps leaves.
    fn visit(&mut self) -> Option<()> {
        let pattern = format!("session:{{{}}}:*", self.tag);
        let data = r#"{"cart":[{"article":"bread","count":2}],"language":"en"}"#;
        let life = 4 + self.random.below(60);
        let new = args![
            "SESSION.SET",
            pattern,
            data,
            "EX",
            life,
            "PIDLE",
            30_000,
            "SCHEMA",
            "cart"
        ];
        let mut key = self.command(&new)?.text();
        if self.random.once_in(3) {
            self.users += 1;
            let user = format!("user-{}", self.users % 3000);
            let login = args![
                "SESSION.ROTATE",
                key,
                pattern,
                "USER",
                user,
                "EX",
                120 + life
            ];
            key = self.command(&login)?.text();
            if self.random.once_in(40) {
                self.command(&args!["SESSION.REVOKE", user])?;
            }
        }
        self.live.push_back(key);
        for _ in 0..6 {
            self.look()?;
        }
        if self.random.once_in(6) || self.live.len() > LIVE {
            let place = self.random.below(self.live.len());
            let key = self.live.swap_remove_back(place).expect("a key");
            self.command(&args!["SESSION.DEL", key])?;
        }
        Some(())
    }

    /// Opens a page in one of the sessions, which may have ended.
    fn look(&mut self) -> Option<()> {
        if self.live.is_empty() {
            return Some(());
        }
        let place = self.random.below(self.live.len());
        let key = self.live[place].clone();
        if self.command(&args!["SESSION.VERIFY", key])?.is_nil() {
            self.live.swap_remove_back(place);
        } else if self.random.once_in(4) {
            let change = r#"{"cart":[{"article":"tea","count":1}]}"#;
            self.command(&args!["SESSION.PATCH", key, change])?;
        }
        Some(())
    }

    /// `None` if the server does not answer.
    fn command(&mut self, args: &[Vec<u8>]) -> Option<Value> {
        self.conn.as_mut()?.try_cmd(args).ok()
    }
}
