//! The syntax of a command as text, in the styles of the reference, of HELP and of redis-cli.

use redis_session::table::{ArgSpec, Kind, Repeat};

/// A style of writing syntax.
#[derive(Clone, Copy)]
pub struct Style {
    /// The text between alternatives.
    pub or: &'static str,
    /// Whether to write an argument's display text in place of its name.
    pub display: bool,
    /// Whether to write `[expiry]` for the options of an expiry.
    pub expiry: bool,
    /// The texts around the name of a value.
    pub value: (&'static str, &'static str),
}

/// The style of the reference.
pub const REFERENCE: Style = Style {
    or: " | ",
    display: true,
    expiry: true,
    value: ("", ""),
};

/// The style of SESSION.SCHEMA HELP.
pub const HELP: Style = Style {
    value: ("<", ">"),
    ..REFERENCE
};

/// The style of redis-cli's hints, with display texts (from Redis 7.2 on) or without.
pub fn hint(display: bool) -> Style {
    Style {
        or: "|",
        display,
        expiry: false,
        value: ("", ""),
    }
}

impl Style {
    /// All arguments in one line.
    pub fn line(self, args: &[ArgSpec]) -> String {
        let mut parts = Vec::new();
        let mut rest = args;
        while let Some((arg, behind)) = rest.split_first() {
            rest = behind;
            match behind.split_first() {
                Some((next, behind)) if self.expiry && is_expiry(arg, next) => {
                    parts.push("[expiry]".into());
                    rest = behind;
                }
                _ => parts.push(self.arg(arg)),
            }
        }
        parts.join(" ")
    }

    fn arg(self, arg: &ArgSpec) -> String {
        let text = self.required(arg);
        if arg.optional {
            format!("[{text}]")
        } else {
            text
        }
    }

    /// One argument, without the brackets of an optional one.
    pub fn required(self, arg: &ArgSpec) -> String {
        let value = self.value(arg);
        let token = arg.token.unwrap_or_default();
        let with_token = |value: &str| format!("{token} {value}").trim().to_owned();
        match arg.repeat {
            Repeat::No => with_token(&value),
            Repeat::Value | Repeat::Counted => with_token(&format!("{value} [{value} ...]")),
            Repeat::WithToken => format!("{0} [{0} ...]", with_token(&value)),
        }
    }

    fn value(self, arg: &ArgSpec) -> String {
        match arg.kind {
            Kind::Token => String::new(),
            Kind::OneOf(sub) => {
                let sub: Vec<_> = sub.iter().map(|arg| self.arg(arg)).collect();
                sub.join(self.or)
            }
            Kind::Block(sub) => self.line(sub),
            Kind::Key | Kind::String | Kind::Integer | Kind::UnixTime => {
                let name = arg.display.filter(|_| self.display).unwrap_or(arg.name);
                format!("{}{name}{}", self.value.0, self.value.1)
            }
        }
    }
}

/// Whether these two arguments are the `[expiry]` of the reference.
pub fn is_expiry(first: &ArgSpec, second: &ArgSpec) -> bool {
    first.name == "deadline" && second.name == "idle-timeout" && first.optional && second.optional
}
