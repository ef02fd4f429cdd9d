//! Internal commands, from bytes. libFuzzer sends them to a replica with `fuzz_targets/effects.rs`, and
//! tests/payloads sends the seeds.

use crate::originals::Command;

/// Ends an argument, and a command. Neither is likely within one.
pub const ARGUMENT: [u8; 2] = [0xff, 0xfe];
pub const COMMAND: [u8; 2] = [0xff, 0xfd];

/// The commands that an input can choose by a letter, `a` for the first.
const NAMES: [&str; 8] = [
    "SESSION._PUT",
    "SESSION._NEW",
    "SESSION._SPLICE",
    "SESSION._TOUCH",
    "SESSION._DEL",
    "SESSION._CHANGES",
    "SESSION._SCHEMA",
    "SESSION._SCHEMADEL",
];

/// The commands of an input: each begins with the letter of its name.
pub fn commands(input: &[u8]) -> Vec<Command> {
    split(input, COMMAND)
        .into_iter()
        .filter_map(|command| {
            let (letter, arguments) = command.split_first()?;
            let name = NAMES.get(usize::from(letter.wrapping_sub(b'a')))?;
            let mut words = vec![name.as_bytes().to_vec()];
            if !arguments.is_empty() {
                words.extend(split(arguments, ARGUMENT).into_iter().map(<[u8]>::to_vec));
            }
            Some(words)
        })
        .collect()
}

fn split(bytes: &[u8], by: [u8; 2]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(2).position(|two| two == by) {
        parts.push(&rest[..at]);
        rest = &rest[at + 2..];
    }
    parts.push(rest);
    parts
}
