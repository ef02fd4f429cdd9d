//! Runs the fuzz targets of `tests/fuzz` on their seeds and random mutations of them, with no tool but
//! Cargo. A binary of its own, since its panic hook is for the whole process.
//!
//! Environment: `SEED` repeats a run, `FUZZ_TRIES` sets the number of inputs of each target, and
//! `FUZZ_SECONDS` the time that each runs instead.

#[path = "fuzz/targets.rs"]
mod targets;

use std::cell::RefCell;
use std::panic::{catch_unwind, resume_unwind};
use std::path::Path;
use std::sync::{LazyLock, Once};
use std::time::{Duration, Instant};
use support::{say, Random};

/// The longest input. Schemas and data may be longer, but work that grows too fast shows at this size.
const MAX_INPUT: usize = 64 << 10;

/// Inputs that take longer than this in a release build are printed. Nothing is asserted, since machines
/// differ.
const SLOW: Duration = Duration::from_millis(50);

/// Pieces of input that have a meaning for some target.
static PIECES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let lines = include_str!("fuzz/words.dict").lines();
    let strings = lines.filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'));
    strings.map(piece).collect()
});

/// The bytes of a string in libFuzzer's format of dictionaries.
fn piece(written: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = written.as_bytes();
    while let [first, behind @ ..] = rest {
        rest = behind;
        match (first, behind) {
            (b'\\', [b'x', digits @ ..]) => {
                let digits = std::str::from_utf8(&digits[..2]).expect("two digits");
                bytes.push(u8::from_str_radix(digits, 16).expect("two digits"));
                rest = &behind[3..];
            }
            (b'\\', [escaped, ..]) => {
                bytes.push(*escaped);
                rest = &behind[1..];
            }
            _ => bytes.push(*first),
        }
    }
    bytes
}

const EDGES: [u8; 10] = [0, 1, 2, 0x1f, 0x7f, 0x80, 0x81, 0xc0, 0xfe, 0xff];

/// Mutates an input in one place, or inserts a part of another seed.
fn change(random: &mut Random, input: &mut Vec<u8>, others: &[Vec<u8>]) {
    let at = random.below(input.len() + 1);
    let end = (at + 1 + random.below(24)).min(input.len());
    match random.below(12) {
        0 | 1 if at < input.len() => input[at] = random.next_u64() as u8,
        2 if at < input.len() => input[at] = *random.pick(&EDGES),
        3 if at < input.len() => input[at] ^= 1 << random.below(8),
        4 => drop(input.drain(at..end)),
        5 => input.truncate(at),
        6 => insert(input, at, random.pick::<Vec<u8>>(&PIECES)),
        7 => {
            let piece = random.pick::<Vec<u8>>(&PIECES);
            insert(input, at, &[piece, &b","[..]].concat());
        }
        8 => {
            let piece = input[at..end].to_vec();
            let there = random.below(input.len() + 1);
            insert(input, there, &piece);
        }
        9 if random.once_in(8) => {
            let piece = input[at..end].repeat(1 + random.below(3000));
            insert(input, at, &piece);
        }
        10 => {
            let other = random.pick(others);
            let from = random.below(other.len() + 1);
            let to = from + random.below(other.len() - from + 1);
            insert(input, at, &other[from..to]);
        }
        _ => insert(input, at, &[random.next_u64() as u8]),
    }
}

fn insert(input: &mut Vec<u8>, at: usize, piece: &[u8]) {
    input.splice(at..at, piece.iter().copied());
    input.truncate(MAX_INPUT);
}

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus");
    let files = std::fs::read_dir(folder.join(target)).expect("a folder of seeds");
    let mut files: Vec<_> = files.map(|file| file.expect("a seed").path()).collect();
    files.sort();
    let read = |path| std::fs::read(path).expect("a seed");
    files.iter().map(read).collect()
}

thread_local! {
    /// The panics during the present input. The module catches panics of the schema library, so a
    /// panic alone is no failure.
    static PANICS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Collects the messages of panics until it is known whether the input failed.
fn note_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|panic| {
            let line = panic.to_string();
            // A thread that is ending has no list.
            let _ = PANICS.try_with(|panics| panics.borrow_mut().push(line));
        }));
    });
}

fn variable(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is a number")),
    )
}

struct Run {
    name: &'static str,
    target: fn(&[u8]),
    inputs: u64,
    caught: u64,
    slowest: Duration,
    slow: u64,
}

impl Run {
    fn one(&mut self, input: &[u8]) {
        let timed = || {
            let start = Instant::now();
            let result = catch_unwind(|| (self.target)(input));
            (start.elapsed(), result)
        };
        let (mut took, mut result) = timed();
        // Other processes take time too: only an input that is slow each time counts as slow.
        for _ in 0..3 {
            if took > SLOW && result.is_ok() && !cfg!(debug_assertions) {
                let (again, same) = timed();
                took = took.min(again);
                result = same;
            }
        }
        let panics = PANICS.take();
        if let Err(panic) = result {
            let hex = data_encoding::HEXLOWER.encode(input);
            println!("{}: {}\ninput: {hex}", self.name, panics.join("\n"));
            resume_unwind(panic);
        }
        self.inputs += 1;
        self.caught += u64::from(!panics.is_empty());
        self.slowest = self.slowest.max(took);
        if took > SLOW && !cfg!(debug_assertions) {
            self.slow += 1;
            println!("{}: {took:?} for {}", self.name, input.escape_ascii());
        }
    }
}

fn run(name: &'static str, tries: u64) {
    note_panics();
    let mut random = Random::seeded();
    let (_, target) = *targets::ALL
        .iter()
        .find(|(known, _)| *known == name)
        .unwrap();
    let (inputs, caught, slow, slowest) = (0, 0, 0, Duration::ZERO);
    let mut run = Run {
        name,
        target,
        inputs,
        caught,
        slowest,
        slow,
    };
    let seeds = seeds(name);
    let start = Instant::now();
    seeds.iter().for_each(|seed| run.one(seed));
    let tries = variable("FUZZ_TRIES").unwrap_or(tries);
    let limit = variable("FUZZ_SECONDS").map(Duration::from_secs);
    while limit.map_or(run.inputs < tries, |limit| start.elapsed() < limit) {
        let mut input = random.pick(&seeds).clone();
        for _ in 0..1 + random.below(5) {
            change(&mut random, &mut input, &seeds);
        }
        run.one(&input);
    }
    let Run {
        inputs,
        caught,
        slowest,
        slow,
        ..
    } = run;
    say(&format!(
        "{name}: {inputs} inputs from {} seeds in {:?}; slowest {slowest:?}, {slow} slow; \
         {caught} panics of the library caught",
        seeds.len(),
        start.elapsed()
    ));
}

#[test]
fn codec() {
    run("codec", 200_000);
}

#[test]
fn id() {
    run("id", 50_000);
}

#[test]
fn json() {
    run("json", 20_000);
}

#[test]
fn registry() {
    run("registry", 5_000);
}

#[test]
fn scan() {
    run("scan", 100_000);
}

#[test]
fn schema() {
    run("schema", 1_000);
}

#[test]
fn patch() {
    run("patch", 20_000);
}

#[test]
fn patterns() {
    run("patterns", 200);
}

#[test]
fn pointers() {
    run("pointers", 20_000);
}

#[test]
fn program() {
    run("program", 200);
}

#[test]
fn skip() {
    run("skip", 20_000);
}

#[test]
fn slots() {
    run("slots", 10_000);
}

#[test]
fn users() {
    run("users", 5_000);
}
