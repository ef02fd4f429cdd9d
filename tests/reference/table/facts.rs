//! The contents of COMMAND INFO, derived from the table.

use super::Entry;
use redis_module::raw as flags;
use redis_session::table::{ArgSpec, KeyRange, Kind, Repeat, Spec};

/// The arity: the least number of words, name included; negative if there can be more.
pub fn arity(entry: Entry) -> i32 {
    let words = entry.words().len();
    if entry.is_container() {
        return -2;
    }
    let least = words + entry.spec.args.iter().map(least).sum::<usize>();
    let open = entry.spec.args.iter().any(can_be_more);
    let least = i32::try_from(least).expect("a few arguments");
    if open {
        -least
    } else {
        least
    }
}

fn least(arg: &ArgSpec) -> usize {
    if arg.optional {
        return 0;
    }
    let value = match arg.kind {
        Kind::Token => 0,
        Kind::OneOf(sub) => sub.iter().map(least).min().unwrap_or(0),
        Kind::Block(sub) => sub.iter().map(least).sum(),
        Kind::Key | Kind::String | Kind::Integer | Kind::UnixTime => 1,
    };
    value + usize::from(arg.token.is_some())
}

fn can_be_more(arg: &ArgSpec) -> bool {
    arg.optional
        || arg.repeat != Repeat::No
        || match arg.kind {
            Kind::OneOf(sub) | Kind::Block(sub) => sub.iter().any(can_be_more),
            _ => false,
        }
}

/// The flags as COMMAND INFO spells them; it adds `module`.
pub fn flags(spec: &Spec) -> Vec<&'static str> {
    let spelt = |flag| match flag {
        "deny-oom" => "denyoom",
        "allow-loading" => "loading",
        "allow-stale" => "stale",
        same => same,
    };
    let shown = words(spec.flags)
        .into_iter()
        .filter(|&flag| flag != "internal");
    shown.map(spelt).collect()
}

/// The words of a text of the table that is a list.
pub fn words(text: &'static str) -> Vec<&'static str> {
    text.split(' ').filter(|word| !word.is_empty()).collect()
}

/// The flags of a key specification, as COMMAND INFO spells them.
pub fn key_flags(range: &KeyRange) -> Vec<&'static str> {
    let spelt = [
        (flags::REDISMODULE_CMD_KEY_RO, "RO"),
        (flags::REDISMODULE_CMD_KEY_RW, "RW"),
        (flags::REDISMODULE_CMD_KEY_OW, "OW"),
        (flags::REDISMODULE_CMD_KEY_RM, "RM"),
        (flags::REDISMODULE_CMD_KEY_ACCESS, "access"),
        (flags::REDISMODULE_CMD_KEY_UPDATE, "update"),
        (flags::REDISMODULE_CMD_KEY_INSERT, "insert"),
        (flags::REDISMODULE_CMD_KEY_DELETE, "delete"),
        (flags::REDISMODULE_CMD_KEY_NOT_KEY, "not_key"),
        (flags::REDISMODULE_CMD_KEY_INCOMPLETE, "incomplete"),
        (flags::REDISMODULE_CMD_KEY_VARIABLE_FLAGS, "variable_flags"),
    ];
    let known = spelt.iter().fold(0, |all, (flag, _)| all | flag);
    assert_eq!(range.flags & !known, 0, "a flag without a name");
    let set = spelt.iter().filter(|(flag, _)| range.flags & flag != 0);
    set.map(|&(_, name)| name).collect()
}

/// All arguments that are keys.
pub fn key_args(spec: &Spec) -> Vec<&'static ArgSpec> {
    let mut args = super::flat(spec.args);
    args.retain(|arg| matches!(arg.kind, Kind::Key));
    args
}
