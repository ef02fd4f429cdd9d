//! A command with arbitrary arguments, from bytes. libFuzzer runs it with `fuzz_targets/arguments.rs`, and
//! tests/hostile with a few changes of the seeds.

use crate::caller::{Command, Way};

/// Ends an argument; no text contains this byte.
pub const END: u8 = 0xfe;

/// The commands that an input can choose by its first byte.
pub const NAMES: [&str; 22] = [
    "SESSION.SET",
    "SESSION.GET",
    "SESSION.VERIFY",
    "SESSION.PATCH",
    "SESSION.POP",
    "SESSION.ROTATE",
    "SESSION.TOUCH",
    "SESSION.DEL",
    "SESSION.INFO",
    "SESSION.LIST",
    "SESSION.REVOKE",
    "SESSION.IMPORT",
    "SESSION.SCHEMA",
    "SESSION._PUT",
    "SESSION._NEW",
    "SESSION._SPLICE",
    "SESSION._TOUCH",
    "SESSION._DEL",
    "SESSION._CHANGES",
    "SESSION._SCHEMA",
    "SESSION._SCHEMADEL",
    "SESSION._LOCAL",
];

/// What no input may name: the sessions, schemas and users that no command may change.
const BYSTANDERS: [&[u8]; 3] = [b"by", b"bob", b"eve"];

/// The command of an input, and how it is sent. None if it names a bystander.
///
/// The first byte is a letter for a command (`a` is the first), in upper case for a transaction. `!` before
/// it runs the command in a script.
pub fn command(input: &[u8]) -> Option<(Command, Way)> {
    let named = |name: &&[u8]| {
        input
            .windows(name.len())
            .any(|part| part.eq_ignore_ascii_case(name))
    };
    if BYSTANDERS.iter().any(named) {
        return None;
    }
    let (way, input) = match input.strip_prefix(b"!") {
        Some(rest) => (Way::Lua, rest),
        None if input.first().is_some_and(u8::is_ascii_uppercase) => (Way::Multi, input),
        None => (Way::Plain, input),
    };
    let (letter, arguments) = input.split_first()?;
    let number = letter.to_ascii_lowercase().wrapping_sub(b'a');
    let name = NAMES.get(usize::from(number))?;
    let mut command = vec![name.as_bytes().to_vec()];
    if !arguments.is_empty() {
        command.extend(arguments.split(|&byte| byte == END).map(<[u8]>::to_vec));
    }
    // The server repeats an unknown subcommand as it is.
    let is_shown = |name: &Vec<u8>| name.iter().all(|byte| (b' '..=b'~').contains(byte));
    if *name == "SESSION.SCHEMA" && !command.get(1).is_none_or(is_shown) {
        return None;
    }
    Some((command, way))
}
