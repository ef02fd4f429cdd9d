//! The fuzz target `arguments` (tests/fuzz) for a moment: its seeds, and random changes of them.

use crate::caller::Caller;
use std::path::Path;
use support::{Random, Server};

#[path = "../fuzz/arguments.rs"]
mod arguments;

fn seeds() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus/arguments");
    let files = std::fs::read_dir(folder).expect("a folder of seeds");
    let mut files: Vec<_> = files.map(|file| file.expect("a seed").path()).collect();
    files.sort();
    let read = |path| std::fs::read(path).expect("a seed");
    files.iter().map(read).collect()
}

#[test]
fn commands_from_arbitrary_bytes_fail_with_a_code_and_change_nothing() {
    let mut random = Random::seeded();
    let mut server = Server::start();
    let mut hostile = Caller::new(&server, server.conn());
    let seeds = seeds();
    let mut send = |input: &[u8]| {
        if let Some((command, way)) = arguments::command(input) {
            hostile.send(&command, way);
        }
    };
    seeds.iter().for_each(|seed| send(seed));
    for _ in 0..3000 {
        let mut input = random.pick(&seeds).clone();
        for _ in 0..1 + random.below(4) {
            let at = 1 + random.below(input.len());
            let any = match random.once_in(3) {
                true => arguments::END,
                false => random.next_u64() as u8,
            };
            let part = random.pick(&seeds);
            match random.below(5) {
                0 if at < input.len() => input[at] = any,
                1 => input.insert(at, any),
                2 if at < input.len() => drop(input.remove(at)),
                3 => drop(input.splice(at..at, part[1..].iter().copied())),
                _ => input.push(any),
            }
        }
        send(&input);
    }
    hostile.say("commands from bytes");
    assert!(hostile.failed > 500);
    drop(hostile);
    assert!(server.is_running());
}
