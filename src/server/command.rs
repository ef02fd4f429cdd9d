//! The one way from the server into a command, and what the table says of each.

use super::args::Args;
use super::context::Ctx;
use super::{log, OK};
use crate::error::{Error, Result};
use redis_module::raw::{RedisModuleCtx, RedisModuleString};
use std::os::raw::c_int;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// What a command does.
pub trait Command {
    /// How many of the arguments are its name: 2 for a subcommand.
    const WORDS: usize = 1;

    /// Which argument (the name is 0) neither SLOWLOG nor MONITOR may show.
    fn secret(_args: Args<'_>) -> Option<i32> {
        None
    }

    /// Parses the arguments (the arity has been checked), does the work, and replies once if it
    /// succeeds. Changes nothing before all that can fail has been checked.
    fn run(ctx: Ctx<'_>, args: Args<'_>) -> Result<()>;
}

/// The function that the server calls for a command.
pub type Entry =
    unsafe extern "C" fn(*mut RedisModuleCtx, *mut *mut RedisModuleString, c_int) -> c_int;

/// Calls a command and turns what goes wrong into an error reply. A panic must not cross into the
/// server, which it would abort.
///
/// # Safety
/// For the server to call, with the arguments of a command.
pub unsafe extern "C" fn trampoline<C: Command>(
    ctx: *mut RedisModuleCtx,
    argv: *mut *mut RedisModuleString,
    argc: c_int,
) -> c_int {
    // SAFETY: context and arguments are the server's own, valid until this function returns.
    let (ctx, args) = unsafe { (Ctx::new(ctx), Args::new(argv, argc, C::WORDS)) };
    let outcome = catch_unwind(AssertUnwindSafe(|| C::run(ctx, args)));
    match outcome {
        Ok(Ok(())) => {}
        Ok(Err(error)) => ctx.reply_error(&error),
        Err(_) => {
            log::warning("a command failed unexpectedly; its client got an error");
            ctx.reply_error(&Error::err(
                "internal error: nothing more was done; the server's log has the place",
            ));
        }
    }
    // Not before: a server may put the redacted text into the very array that `args` reads.
    // SAFETY: as above.
    let all = unsafe { Args::new(argv, argc, 0) };
    if let Some(at) = C::secret(all) {
        ctx.redact(at);
    }
    OK
}

/// A line of the command table.
pub struct Spec {
    /// The name; a subcommand's without its container's.
    pub name: &'static str,
    /// What the server calls; none for a container.
    pub entry: Option<Entry>,
    /// One sentence, as COMMAND DOCS shows it.
    pub summary: &'static str,
    /// In big O, with what N is.
    pub complexity: &'static str,
    /// The version of the module that had it first.
    pub since: &'static str,
    /// Number of arguments with the name(s); negative: at least so many.
    pub arity: i32,
    /// The server's command flags, separated by spaces.
    pub flags: &'static str,
    /// ACL categories beyond those that follow from the flags, where the server lets a module say.
    pub acl: &'static str,
    /// Where the keys are.
    pub keys: Keys,
    /// The arguments after the name(s).
    pub args: &'static [ArgSpec],
    /// Command tips, separated by spaces.
    pub tips: &'static str,
    /// Subcommands of a container.
    pub subcommands: &'static [Spec],
}

/// Which arguments are keys, and what is done to them.
#[derive(Clone, Copy)]
pub enum Keys {
    /// None.
    None,
    /// The first argument; with REDISMODULE_CMD_KEY_* flags.
    First(u32),
    /// The first two arguments, each with flags of its own.
    Two(u32, u32),
    /// Every argument.
    All(u32),
}

/// Keys that stand side by side.
pub struct KeyRange {
    /// Where the first stands, after the command's name(s).
    pub first: i32,
    /// How far behind it the last stands; -1: at the end of the command.
    pub last: i32,
    /// REDISMODULE_CMD_KEY_*.
    pub flags: u32,
}

impl Keys {
    /// Key specifications, as COMMAND INFO has them.
    pub fn ranges(self) -> Vec<KeyRange> {
        let range = |first, last, flags| KeyRange { first, last, flags };
        match self {
            Self::None => Vec::new(),
            Self::First(flags) => vec![range(0, 0, flags)],
            Self::Two(first, second) => vec![range(0, 0, first), range(1, 0, second)],
            Self::All(flags) => vec![range(0, -1, flags)],
        }
    }
}

impl Spec {
    /// Whether it has this server flag.
    pub fn has(&self, flag: &str) -> bool {
        self.flags.split(' ').any(|f| f == flag)
    }

    /// ACL categories: those that core derives for its own commands from the flags, and `acl`.
    /// A container has none: whoever is given its category would be given all that it contains.
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
    /// Its name, which no other argument of the command has: code is generated from it.
    pub name: &'static str,
    /// Its name in the syntax, where that is another. Redis 7.0 shows the first all the same.
    pub display: Option<&'static str>,
    /// What it is.
    pub kind: Kind,
    /// The word before it, or the word that it is.
    pub token: Option<&'static str>,
    /// Whether it may be left out.
    pub optional: bool,
    /// Whether it may be repeated, and its token with it or not.
    pub repeat: Repeat,
}

/// Whether and how an argument repeats.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Once.
    No,
    /// The value repeats after one token.
    Value,
    /// Token and value repeat.
    WithToken,
}

/// What an argument is.
#[derive(Clone, Copy)]
pub enum Kind {
    /// A key.
    Key,
    /// Any string.
    String,
    /// An integer.
    Integer,
    /// Unix time in seconds or ms.
    UnixTime,
    /// Nothing but its token.
    Token,
    /// One of these.
    OneOf(&'static [ArgSpec]),
    /// All of these, in this order.
    Block(&'static [ArgSpec]),
}

impl ArgSpec {
    /// An argument that must be there.
    pub const fn required(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            display: None,
            kind,
            token: None,
            optional: false,
            repeat: Repeat::No,
        }
    }

    /// An option that is a word alone.
    pub const fn word(name: &'static str, token: &'static str) -> Self {
        Self {
            token: Some(token),
            ..Self::required(name, Kind::Token)
        }
    }

    /// A value after a word.
    pub const fn after(token: &'static str, name: &'static str, kind: Kind) -> Self {
        Self {
            token: Some(token),
            ..Self::required(name, kind)
        }
    }

    /// The same, called something else in the syntax.
    pub const fn shown(self, display: &'static str) -> Self {
        Self {
            display: Some(display),
            ..self
        }
    }

    /// The same, but it may be left out.
    pub const fn optional(self) -> Self {
        Self {
            optional: true,
            ..self
        }
    }

    /// The same, repeated.
    pub const fn repeated(self, repeat: Repeat) -> Self {
        Self { repeat, ..self }
    }
}
