//! The like load on the server without the module: plain strings of the same sizes, by core's commands.

use crate::data;
use crate::level::{self, Need};
use std::time::Instant;
use support::{args, Conn, Random};

const PIPELINE: usize = 24;

pub struct Strings {
    name: String,
    random: Random,
    keys: Vec<String>,
    made: u64,
    target: usize,
    pub commands: u64,
    pub wrong: Vec<String>,
}

impl Strings {
    pub fn new(number: usize, seed: u64, target: usize) -> Strings {
        Strings {
            name: format!("c{number}"),
            random: Random::from(seed ^ (number as u64) << 40),
            keys: Vec::new(),
            made: 0,
            target,
            commands: 0,
            wrong: Vec::new(),
        }
    }

    pub fn run(&mut self, conn: &mut Conn, until: Instant) {
        while Instant::now() < until {
            let batch: Vec<_> = (0..PIPELINE).map(|_| self.choose()).collect();
            self.commands += batch.len() as u64;
            for reply in conn.pipeline(&batch) {
                if reply.error().is_some() && self.wrong.len() < 20 {
                    self.wrong.push(format!("a string: {reply}"));
                }
            }
        }
    }

    fn choose(&mut self) -> Vec<Vec<u8>> {
        let choice = match level::need(self.keys.len(), self.target, &mut self.random) {
            Some(Need::Make) => 0,
            Some(Need::End) => 99,
            None => self.random.below(100),
        };
        if choice < 14 || self.keys.is_empty() {
            return self.create();
        }
        let at = self.random.below(self.keys.len());
        let key = &self.keys[at];
        match choice {
            14..=65 => args!["GET", key].to_vec(),
            66..=69 => args!["EXPIRE", key, 7200].to_vec(),
            70..=87 => {
                let data = data::session(&mut self.random, 1, 0);
                args!["SET", key, data, "XX", "KEEPTTL"].to_vec()
            }
            _ => {
                let key = self.keys.swap_remove(at);
                args!["DEL", key].to_vec()
            }
        }
    }

    fn create(&mut self) -> Vec<Vec<u8>> {
        self.made += 1;
        let key = format!("s:{}:{:032x}", self.name, self.made);
        let data = data::session(&mut self.random, 0, 1);
        let mut command = args!["SET", key, data].to_vec();
        match self.random.below(4) {
            0 => command.extend(args!["PX", 200 + self.random.below(4000)]),
            _ => command.extend(args!["EX", 7200]),
        }
        self.keys.push(key);
        command
    }

    pub fn end_all(&mut self, conn: &mut Conn) {
        for keys in self.keys.chunks(100) {
            let mut command = args!["DEL"].to_vec();
            command.extend(keys.iter().map(|key| key.clone().into_bytes()));
            conn.ok(&command);
            self.commands += 1;
        }
        self.keys.clear();
    }
}
