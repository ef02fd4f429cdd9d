//! The syntax of a command, from its arguments.

use redis_session::table::{ArgSpec, Kind, Repeat};

/// How it is written.
#[derive(Clone, Copy)]
pub struct Style {
    /// Between alternatives.
    pub or: &'static str,
    /// Whether an argument's display text stands in place of its name.
    pub display: bool,
    /// Whether the options of an expiry are written `[expiry]`.
    pub expiry: bool,
    /// Around what is to be replaced by a value.
    pub value: (&'static str, &'static str),
}

/// That of the reference.
pub const REFERENCE: Style = Style {
    or: " | ",
    display: true,
    expiry: true,
    value: ("", ""),
};

/// That of the lines that SESSION.SCHEMA HELP replies with.
pub const HELP: Style = Style {
    value: ("<", ">"),
    ..REFERENCE
};

/// That of redis-cli, when the server gives it display texts (from Redis 7.2 on) or does not.
pub fn hint(display: bool) -> Style {
    Style {
        or: "|",
        display,
        expiry: false,
        value: ("", ""),
    }
}

impl Style {
    /// All arguments, in one line.
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

    /// The same as if it could not be left out.
    pub fn required(self, arg: &ArgSpec) -> String {
        let value = self.value(arg);
        let token = arg.token.unwrap_or_default();
        let with_token = |value: &str| format!("{token} {value}").trim().to_owned();
        match arg.repeat {
            Repeat::No => with_token(&value),
            Repeat::Value => with_token(&format!("{value} [{value} ...]")),
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

/// Whether these two are what the reference calls `[expiry]`.
pub fn is_expiry(first: &ArgSpec, second: &ArgSpec) -> bool {
    first.name == "deadline" && second.name == "idle-timeout" && first.optional && second.optional
}
