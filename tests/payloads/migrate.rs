//! MIGRATE between two servers, whose payloads are damaged on the way and sealed again.

use crate::budget::Budget;
use crate::damage::damage;
use crate::originals::{payloads, server};
use crate::restore::assert_unharmed;
use crate::whole;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use support::payload::{open, seal};
use support::{args, parse, say, Conn, Random, Value};

/// How many keys move by one command.
const AT_ONCE: usize = 50;

/// Whether the target took each key, by the key's name.
type Taken = Arc<Mutex<BTreeMap<Vec<u8>, bool>>>;

/// Forwards commands from servers to the target, and damages the payloads of RESTORE.
fn damaging_proxy(target: u16, mut random: Random, taken: Taken) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    // The thread ends with the test's process.
    thread::spawn(move || {
        for source in listener.incoming() {
            forward(source.expect("a source"), target, &mut random, &taken);
        }
    });
    port
}

/// Forwards the commands of one connection until it is closed.
fn forward(mut source: TcpStream, target: u16, random: &mut Random, taken: &Taken) {
    let Ok(mut target) = Conn::connect(target) else {
        return; // the test is over
    };
    let (mut buf, mut chunk) = (Vec::new(), [0; 1 << 16]);
    loop {
        match source.read(&mut chunk) {
            Ok(0) | Err(_) => return,
            Ok(n) => buf.extend_from_slice(&chunk[..n]),
        }
        let (mut at, mut end) = (0, 0);
        let mut commands = Vec::new();
        while let Some(command) = parse::reply(&buf, &mut end) {
            at = end;
            let words = command.items().iter().map(|word| word.bytes().to_vec());
            let mut words: Vec<_> = words.collect();
            if words[0].starts_with(b"RESTORE") {
                let (mut value, version) = open(&words[3]);
                damage(random, &mut value, 1);
                words[3] = seal(&value, version);
            }
            commands.push(words);
        }
        buf.drain(..at);
        let mut replies = Vec::new();
        for (command, reply) in commands.iter().zip(target.pipeline(&commands)) {
            if command[0].starts_with(b"RESTORE") {
                let mut taken = taken.lock().expect("what was taken");
                taken.insert(command[1].clone(), reply.error().is_none());
            }
            match reply {
                Value::Error(line) => replies.extend(format!("-{line}\r\n").bytes()),
                Value::Simple(line) => replies.extend(format!("+{line}\r\n").bytes()),
                other => panic!("MIGRATE's commands reply with a line, not {other}"),
            }
        }
        if source.write_all(&replies).is_err() {
            return;
        }
    }
}

#[test]
fn a_key_whose_payload_is_damaged_on_the_way_is_moved_whole_or_stays() {
    let budget = Budget::new(3_000, 10);
    let mut random = Random::seeded();
    let (mut from, mut to) = (server(), server());
    let (mut source, mut target) = (from.conn(), to.conn());
    let originals = payloads(&mut source);
    let taken = Taken::default();
    let seed = Random::from(random.next_u64());
    let port = damaging_proxy(to.port(), seed, taken.clone());
    let (mut tries, mut moved) = (0, 0);
    while budget.goes_on(tries) {
        source.ok(&["FLUSHALL"]);
        target.ok(&["FLUSHALL"]);
        let names: Vec<_> = (0..AT_ONCE).map(|n| format!("m{n}").into_bytes()).collect();
        let restores = names.iter().map(|name| {
            let (value, version) = random.pick(&originals);
            args!["RESTORE", name, 0, seal(value, *version), "REPLACE"].to_vec()
        });
        let restores: Vec<_> = restores.collect();
        source
            .pipeline(&restores)
            .iter()
            .for_each(|reply| assert!(reply.is_ok(), "{reply}"));
        let head = args![
            "MIGRATE",
            "127.0.0.1",
            port,
            "",
            0,
            60_000,
            "REPLACE",
            "KEYS"
        ]
        .to_vec();
        let reply = source.cmd(&[head, names.clone()].concat());
        let taken = std::mem::take(&mut *taken.lock().expect("what was taken"));
        assert_eq!(taken.len(), AT_ONCE);
        let arrived: Vec<_> = names.iter().filter(|name| taken[*name]).cloned().collect();
        assert_eq!(reply.error().is_none(), arrived.len() == AT_ONCE, "{reply}");
        // A session is on one server or on the other, never on both or none.
        for name in &names {
            let there = |c: &mut Conn| c.ok(&args!["EXISTS", name]).int() == 1;
            assert_eq!(there(&mut target), taken[name], "{}", name.escape_ascii());
            assert_eq!(there(&mut source), !taken[name], "{}", name.escape_ascii());
        }
        assert_eq!(whole::check_all(&mut target).keys, arrived.len());
        tries += AT_ONCE;
        moved += arrived.len();
    }
    say(&format!(
        "MIGRATE: {tries} damaged payloads: {} refused, {moved} accepted",
        tries - moved
    ));
    assert!(moved > tries / 100 && moved < tries);
    assert_unharmed(&mut from);
    assert_unharmed(&mut to);
}
