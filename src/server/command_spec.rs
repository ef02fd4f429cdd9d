//! The description of a command: one line of the command table, and the types of its fields.
//!
//! Plain data. `register` and `command_info` hand it to the server, and tests hold the server and
//! docs/commands.md against it.

use redis_module::raw::{RedisModuleCtx, RedisModuleString};
use std::os::raw::c_int;

/// The C function that the server calls for a command (`RedisModuleCmdFunc`).
pub type CommandFunction =
    unsafe extern "C" fn(*mut RedisModuleCtx, *mut *mut RedisModuleString, c_int) -> c_int;

/// One line of the command table.
pub struct Spec {
    /// The name; a subcommand's without that of its container.
    pub name: &'static str,
    /// The function of the command; none for a container.
    pub entry: Option<CommandFunction>,
    /// One sentence, for COMMAND DOCS.
    pub summary: &'static str,
    /// The complexity in big O, with the meaning of N.
    pub complexity: &'static str,
    /// The first version of the module that has the command.
    pub since: &'static str,
    /// What later versions changed.
    pub history: &'static [Change],
    /// The number of arguments, names included; if negative, the least number.
    pub arity: i32,
    /// The server's command flags, separated by spaces. Only Redis 8 knows `internal`, with which
    /// clients do not find the command; it is left out elsewhere.
    pub flags: &'static str,
    /// ACL categories besides those that follow from the flags, separated by spaces. Redis 7.0
    /// cannot set them.
    pub acl: &'static str,
    /// The arguments that are keys.
    pub keys: Keys,
    /// The arguments after the name.
    pub args: &'static [ArgSpec],
    /// Command tips, separated by spaces.
    pub tips: &'static str,
    /// The subcommands of a container.
    pub subcommands: &'static [Spec],
}

/// What a version changed in a command, as COMMAND DOCS shows it.
pub struct Change {
    /// The version.
    pub since: &'static str,
    /// One sentence.
    pub what: &'static str,
}

/// The arguments that are keys, with `REDISMODULE_CMD_KEY_*` flags: the use that the command makes of
/// them.
#[derive(Clone, Copy)]
pub enum Keys {
    /// No argument.
    None,
    /// The first argument.
    First(u32),
    /// The first two arguments, each with its own flags.
    Two(u32, u32),
    /// Every argument.
    All(u32),
    /// Every argument but the last.
    AllButLast(u32),
}

/// A range of adjacent arguments that are keys: one key specification.
pub struct KeyRange {
    /// The index of the first key, counted after the command's name.
    pub first: i32,
    /// The index of the last key, counted from the first; -1 for the command's last argument, -2 for
    /// the one before it.
    pub last: i32,
    /// `REDISMODULE_CMD_KEY_*` flags.
    pub flags: u32,
}

impl Keys {
    /// The key specifications, in the order of the arguments, as COMMAND INFO shows them.
    pub fn ranges(self) -> Vec<KeyRange> {
        let range = |first, last, flags| KeyRange { first, last, flags };
        match self {
            Self::None => Vec::new(),
            Self::First(flags) => vec![range(0, 0, flags)],
            Self::Two(first, second) => vec![range(0, 0, first), range(1, 0, second)],
            Self::All(flags) => vec![range(0, -1, flags)],
            Self::AllButLast(flags) => vec![range(0, -2, flags)],
        }
    }
}

impl Spec {
    /// Whether an argument is a key. `at` is its index and `count` the number of arguments, both
    /// counted after the command's name.
    pub fn is_key(&self, at: usize, count: usize) -> bool {
        self.keys.ranges().iter().any(|range| {
            let first = usize::try_from(range.first).unwrap_or(0);
            // The end of the range; a negative last key is counted from the end of the arguments.
            let end = match usize::try_from(range.last) {
                Ok(last) => first + last + 1,
                Err(_) => (count + 1).saturating_sub(range.last.unsigned_abs() as usize),
            };
            (first..end).contains(&at)
        })
    }

    /// Whether a word is one of the command's option words; case does not matter.
    pub fn has_option(&self, word: &[u8]) -> bool {
        self.args.iter().any(|arg| arg.has_option(word))
    }

    /// Whether the command has this server flag.
    pub fn has(&self, flag: &str) -> bool {
        self.flags.split(' ').any(|f| f == flag)
    }

    /// The flags without those that some servers do not know.
    pub fn flags_of_old_servers(&self) -> String {
        let known = self.flags.split(' ').filter(|&flag| flag != "internal");
        known.collect::<Vec<_>>().join(" ")
    }

    /// The ACL categories: those that the server derives from the flags of its own commands, and
    /// those of `acl`. A container has none, because a category of a container includes all its
    /// subcommands.
    pub fn categories(&self) -> Vec<&'static str> {
        let mut categories = Vec::new();
        if self.entry.is_none() {
            return categories;
        }
        if self.has("write") {
            categories.push("write");
        }
        if self.has("readonly") {
            categories.push("read");
        }
        categories.push(if self.has("fast") { "fast" } else { "slow" });
        categories.extend(self.acl.split(' ').filter(|category| !category.is_empty()));
        categories
    }
}

/// An argument, as COMMAND DOCS describes it.
#[derive(Clone, Copy)]
pub struct ArgSpec {
    /// The name, unique in its command: client generators make code from it.
    pub name: &'static str,
    /// The name in the syntax, if it differs. Redis 7.0 shows `name` there all the same.
    pub display: Option<&'static str>,
    /// The type of the argument.
    pub kind: Kind,
    /// The option word before the value; for [`Kind::Token`], the argument itself.
    pub token: Option<&'static str>,
    /// Whether the argument may be left out.
    pub optional: bool,
    /// Whether and how the argument repeats.
    pub repeat: Repeat,
    /// The first version that has the argument, if the command is older.
    pub since: Option<&'static str>,
}

/// Whether and how an argument repeats.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// The argument comes once.
    No,
    /// The value repeats after one token.
    Value,
    /// The value comes as often as the integer before it says.
    Counted,
    /// Token and value repeat together.
    WithToken,
}

/// The type of an argument (`REDISMODULE_ARG_TYPE_*`).
#[derive(Clone, Copy)]
pub enum Kind {
    /// A key.
    Key,
    /// Any string.
    String,
    /// An integer.
    Integer,
    /// A Unix time in seconds or ms.
    UnixTime,
    /// A token without a value.
    Token,
    /// One of these arguments.
    OneOf(&'static [ArgSpec]),
    /// All of these arguments, in this order.
    Block(&'static [ArgSpec]),
}

impl ArgSpec {
    /// A required argument without a token.
    pub const fn required(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            display: None,
            kind,
            token: None,
            optional: false,
            repeat: Repeat::No,
            since: None,
        }
    }

    /// A required token without a value.
    pub const fn word(name: &'static str, token: &'static str) -> Self {
        Self {
            token: Some(token),
            ..Self::required(name, Kind::Token)
        }
    }

    /// A required token with a value after it.
    pub const fn after(token: &'static str, name: &'static str, kind: Kind) -> Self {
        Self {
            token: Some(token),
            ..Self::required(name, kind)
        }
    }

    /// Whether a word is the token of this argument or of one within it; case does not matter.
    fn has_option(&self, word: &[u8]) -> bool {
        let within = match self.kind {
            Kind::OneOf(args) | Kind::Block(args) => args,
            _ => &[],
        };
        self.token
            .is_some_and(|token| word.eq_ignore_ascii_case(token.as_bytes()))
            || within.iter().any(|arg| arg.has_option(word))
    }

    /// The same argument with another name in the syntax.
    pub const fn shown(self, display: &'static str) -> Self {
        Self {
            display: Some(display),
            ..self
        }
    }

    /// The same argument, optional.
    pub const fn optional(self) -> Self {
        Self {
            optional: true,
            ..self
        }
    }

    /// The same argument, which this version added to the command.
    pub const fn since(self, version: &'static str) -> Self {
        Self {
            since: Some(version),
            ..self
        }
    }

    /// The same argument, repeated.
    pub const fn repeated(self, repeat: Repeat) -> Self {
        Self { repeat, ..self }
    }
}
