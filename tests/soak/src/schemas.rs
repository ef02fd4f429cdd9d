//! The client that sets, replaces and deletes schemas.

use crate::data;
use std::time::{Duration, Instant};
use support::{args, Conn, Random};

/// Between two changes. A change of the schema of most sessions makes every one of them be checked anew.
const PAUSE: Duration = Duration::from_millis(5);

pub struct Schemas {
    random: Random,
    pub changes: u64,
    pub wrong: Vec<String>,
}

impl Schemas {
    pub fn new(seed: u64) -> Schemas {
        Schemas {
            random: Random::from(seed ^ 0x5c4e),
            changes: 0,
            wrong: Vec::new(),
        }
    }

    /// Sets the schema that sessions need at any time.
    pub fn begin(&mut self, conn: &mut Conn) {
        conn.ok(&args![
            "SESSION.SCHEMA",
            "SET",
            data::CART,
            data::cart_schema(0)
        ]);
    }

    pub fn run(&mut self, conn: &mut Conn, until: Instant) {
        while Instant::now() < until {
            let random = &mut self.random;
            let name = data::passing(random.below(data::PASSING));
            let reply = match random.below(10) {
                0 => {
                    let text = data::cart_schema(random.below(1000));
                    conn.cmd(&args!["SESSION.SCHEMA", "SET", data::CART, text])
                }
                1..=3 => conn.cmd(&args!["SESSION.SCHEMA", "DEL", name]),
                4 => conn.cmd(&args!["SESSION.SCHEMA", "DEL", "bound"]),
                5 => {
                    let text = data::passing_schema(random);
                    conn.cmd(&args![
                        "SESSION.SCHEMA",
                        "SET",
                        "bound",
                        text,
                        "PREFIX",
                        "p:"
                    ])
                }
                _ => {
                    let text = data::passing_schema(random);
                    conn.cmd(&args!["SESSION.SCHEMA", "SET", name, text])
                }
            };
            self.changes += 1;
            if reply.error().is_some() && self.wrong.len() < 20 {
                self.wrong.push(format!("a schema: {reply}"));
            }
            std::thread::sleep(PAUSE);
        }
    }

    pub fn end_all(&mut self, conn: &mut Conn) {
        let names = (0..data::PASSING).map(data::passing);
        let mut command = args!["SESSION.SCHEMA", "DEL", data::CART, "bound"].to_vec();
        command.extend(names.map(String::into_bytes));
        conn.ok(&command);
    }
}
