//! Mutations of valid commands.

use crate::caller::Command;
use support::Random;

/// Values to put in place of an argument.
fn values() -> Vec<Vec<u8>> {
    let mut values: Vec<Vec<u8>> = [
        &b""[..],
        b" ",
        b"\xff\xfe",
        b"\xed\xa0\x80",
        "\u{e9}\u{1f600}".as_bytes(),
        b"a\0b",
        b"\0",
        b"x\r\n-ERR y",
        b"%s%n%d",
        b"*",
        b"**",
        b"-1",
        b"0",
        b"1",
        b"-0",
        b"+1",
        b" 1",
        b"1.5",
        b"1e3",
        b"nan",
        b"9223372036854775807",
        b"9223372036854775808",
        b"-9223372036854775808",
        b"9223372036854775",
        b"99999999999999999999999999",
        b"{",
        b"{}",
        b"none",
        b"by:text",
        b"NX",
        b"PATH",
        b"/",
        b"/~",
    ]
    .map(Vec::from)
    .into();
    values.push(vec![b'a'; 255]);
    values.push(vec![b'a'; 256]);
    values.push(vec![b'7'; 1 << 20]);
    values.push(vec![b'['; 1 << 20]);
    values.push(vec![0xff; 1 << 20]);
    values
}

/// Every mutation of a command in one place. Its name, the first `words` words, stays.
pub fn all(command: &Command, words: usize) -> Vec<Command> {
    let mut mutants: Vec<Command> = (words..command.len())
        .map(|n| command[..n].into())
        .collect();
    let values = values();
    let mut add = |change: &dyn Fn(&mut Command)| {
        let mut mutant = command.clone();
        change(&mut mutant);
        if mutant != *command {
            mutants.push(mutant);
        }
    };
    for at in words..command.len() {
        add(&|mutant| drop(mutant.remove(at)));
        add(&|mutant| mutant.insert(at, command[at].clone()));
        add(&|mutant| mutant.push(command[at].clone()));
        add(&|mutant| mutant[at].make_ascii_lowercase());
        for other in at + 1..command.len() {
            add(&|mutant| mutant.swap(at, other));
            add(&|mutant| mutant[at..=other].rotate_left(1));
            add(&|mutant| mutant[at] = command[other].clone());
        }
        for value in &values {
            add(&|mutant| mutant[at] = value.clone());
        }
    }
    for value in &values {
        add(&|mutant| mutant.push(value.clone()));
    }
    // All arguments twice, and far too many arguments.
    add(&|mutant| mutant.extend_from_within(words..));
    add(&|mutant| mutant.extend(vec![b"x".to_vec(); 10_000]));
    mutants
}

/// Makes one random change.
pub fn one(random: &mut Random, command: &mut Command, words: usize) {
    const WORDS: [&str; 26] = [
        "NX",
        "IFVERSION",
        "EX",
        "PX",
        "EXAT",
        "PXAT",
        "PERSIST",
        "IDLE",
        "PIDLE",
        "SCHEMA",
        "USER",
        "MAXSESSIONS",
        "TOKEN",
        "NOTOUCH",
        "WITHINFO",
        "PATH",
        "FRESH",
        "GRACE",
        "PATCH",
        "EXCEPT",
        "ONLY",
        "ASSERTFORMAT",
        "PREFIX",
        "k",
        "s:*",
        "object",
    ];
    let values = values();
    if command.len() <= words {
        command.push(random.pick(&WORDS).as_bytes().to_vec());
        return;
    }
    let at = words + random.below(command.len() - words);
    let other = words + random.below(command.len() - words);
    // Long values are slow, so they are left out here.
    let mut value = || {
        let value = random.pick(&values);
        if value.len() > 1000 {
            b"-2".to_vec()
        } else {
            value.clone()
        }
    };
    let value = value();
    match random.below(6) {
        0 => drop(command.remove(at)),
        1 => command.insert(at, command[other].clone()),
        2 => command.swap(at, other),
        3 => command[at] = value,
        4 => command.insert(at, random.pick(&WORDS).as_bytes().to_vec()),
        _ => {
            command.insert(at, value);
            command.insert(at, random.pick(&WORDS).as_bytes().to_vec());
        }
    }
}
