//! A load whose texts differ from call to call, in values, lengths and members. redis-benchmark sends one
//! text again and again, so that the processor learns all of its branches.
//!
//! It runs as a process of its own, as redis-benchmark does: this program once more, told by an environment
//! variable.

use crate::load::{on_core, CLIENTS, LOAD_CORE};
use crate::payload::random::Random;
use crate::payload::{Payload, ALL};
use std::env;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Instant;

/// The argument that each text takes the place of.
pub const TEXT: &str = "__text__";

/// The variable that is set for the process that sends the load.
const ORDER: &str = "BENCH_VARIED";
/// How many texts there are; each request takes one of them at random.
const TEXTS: u32 = 512;
/// What redis-benchmark replaces by a random number.
const NUMBER: &str = "__rand_int__";

/// The process that sends the load, still without the command's words.
pub fn command(payload: Payload, size: usize, port: u16, counts: [usize; 2]) -> Command {
    let program = env::current_exe().expect("this program's path");
    let mut command = on_core(LOAD_CORE, &program.to_string_lossy());
    let [pipeline, requests] = counts;
    let order = format!("{} {size} {port} {pipeline} {requests}", payload.name);
    command.env(ORDER, order);
    command
}

/// In the process that is to send a load, sends it, prints requests per second, and returns true.
pub fn sent() -> bool {
    let Ok(order) = env::var(ORDER) else {
        return false;
    };
    let (name, numbers) = order.split_once(' ').expect("a name");
    let payload = ALL.into_iter().find(|payload| payload.name == name);
    let numbers: Vec<usize> = numbers.split(' ').flat_map(str::parse).collect();
    let [size, port, pipeline, requests] = numbers[..] else {
        panic!("{ORDER}: {order}");
    };
    let payload = payload.expect("a known payload");
    let words: Vec<_> = env::args().skip(1).collect();
    let requests = requests.next_multiple_of(pipeline);
    let commands = (0..TEXTS).map(|n| Encoded::new(&words, &(payload.varied)(size, n)));
    let rate = send(&commands.collect::<Vec<_>>(), port, pipeline, requests);
    println!("{rate:.2} requests per second");
    true
}

/// A command as it is sent, and where in it a random number belongs.
struct Encoded {
    bytes: Vec<u8>,
    number: Option<usize>,
}

impl Encoded {
    fn new(words: &[String], text: &str) -> Self {
        let mut command = format!("*{}\r\n", words.len());
        for word in words {
            let word = if word == TEXT { text } else { word };
            command += &format!("${}\r\n{word}\r\n", word.len());
        }
        Self {
            number: command.find(NUMBER),
            bytes: command.into_bytes(),
        }
    }

    fn append(&self, batch: &mut Vec<u8>, random: &mut Random) {
        let start = batch.len();
        batch.extend(&self.bytes);
        if let Some(at) = self.number {
            let digits = format!("{:0width$}", random.next(), width = NUMBER.len());
            batch[start + at..][..NUMBER.len()].copy_from_slice(digits.as_bytes());
        }
    }
}

/// Sends random commands over [`CLIENTS`] connections in turn; returns requests per second.
fn send(commands: &[Encoded], port: usize, pipeline: usize, requests: usize) -> f64 {
    let clients: usize = CLIENTS.parse().expect("a number of clients");
    let connect = |_| {
        let conn = TcpStream::connect(("127.0.0.1", port as u16)).expect("connect");
        conn.set_nodelay(true).expect("no delay");
        conn
    };
    let mut conns: Vec<_> = (0..clients).map(connect).collect();
    let mut random = Random::new(1);
    let mut batch = Vec::new();
    commands[0].append(&mut batch, &mut random);
    conns[0].write_all(&batch).expect("send");
    // All replies have the length of the first.
    let mut replies = vec![0; 256];
    let length = conns[0].read(&mut replies).expect("a reply");
    replies.resize(length * pipeline, 0);

    let begin = Instant::now();
    let mut left = requests;
    while left > 0 {
        let turn = clients.min(left / pipeline);
        for conn in &mut conns[..turn] {
            batch.clear();
            for _ in 0..pipeline {
                let any = random.below(commands.len() as u32) as usize;
                commands[any].append(&mut batch, &mut random);
            }
            conn.write_all(&batch).expect("send");
        }
        for conn in &mut conns[..turn] {
            conn.read_exact(&mut replies).expect("replies");
            assert!(replies.chunks(length).all(|reply| reply[0] != b'-'));
        }
        left -= turn * pipeline;
    }
    requests as f64 / begin.elapsed().as_secs_f64()
}
