//! What the replies of the servers mean to an import.

use super::session::{too_large, Left};
use crate::failure::Failure;
use redis::{ServerError, Value};

/// What became of a session that was sent.
#[derive(Debug)]
pub enum Outcome {
    Moved,
    /// There is a key of this name.
    There,
    Left(Left),
}

pub fn integer(reply: &Value) -> Option<i64> {
    match reply {
        Value::Int(number) => Some(*number),
        _ => None,
    }
}

/// The reply to SESSION.IMPORT.
///
/// # Errors
///
/// One that every other session would meet too.
pub fn imported(reply: &Value) -> Result<Outcome, Failure> {
    match reply {
        Value::Nil => Ok(Outcome::There),
        Value::ServerError(error) => refused(error),
        _ => Ok(Outcome::Moved),
    }
}

/// An error reply of a command that takes a session's data.
pub fn refused(error: &ServerError) -> Result<Outcome, Failure> {
    let text = error.details().unwrap_or_default();
    let left = |why: &str| Ok(Outcome::Left(Left::Because(why.to_owned())));
    match error.code() {
        "INVALID" => left(&rule(text)),
        "BADJSON" => left("JSON that the module does not take"),
        "ERR" if text.contains("session.max-data-bytes") => left(&too_large()),
        "ERR" if text.contains("session.max-ttl") => {
            left("older than session.max-ttl of the server allows")
        }
        "ERR" if text.contains("idle timeout has run out") || text.contains("invalid expire") => {
            Ok(Outcome::Left(Left::Ended))
        }
        "ERR" if text.contains("in the future") => {
            left("the clock of the target was set back; run again")
        }
        "ERR" if text.contains("take the schema") => {
            left("the schema of the target's key prefix is another than --schema")
        }
        "ERR" if text.contains("name of a user") => {
            left("a user whose name the module does not take")
        }
        _ => match stops(error, "the target") {
            Some(failure) => Err(failure),
            None => left(&format!(
                "the server refuses it: {} {}",
                error.code(),
                plain(text)
            )),
        },
    }
}

/// The beginning of an error, which is made of the module's own words.
fn plain(text: &str) -> &str {
    let end = |c: char| !(c.is_ascii_alphabetic() || matches!(c, ' ' | '-' | '.'));
    text.split(end).next().unwrap_or_default().trim()
}

/// The rule that the data breaks, without what may be data: of its place only the first name.
fn rule(text: &str) -> String {
    let violations = text.split_once(": ").map_or(text, |(_, rest)| rest);
    let first = violations.split("; ").next().unwrap_or_default();
    let Some((place, rule)) = first.split_once(": ") else {
        return format!("the schema: {}", &first[..first.len().min(60)]);
    };
    let deeper = place.char_indices().skip(1).find(|(_, c)| *c == '/');
    match deeper {
        Some((at, _)) => format!("the schema: below {}: {rule}", &place[..at]),
        None => format!("the schema: {place}: {rule}"),
    }
}

/// The failure that an error reply means, if it is none of one session alone.
pub fn denied(reply: &Value, whose: &str) -> Option<Failure> {
    match reply {
        Value::ServerError(error) => stops(error, whose),
        _ => None,
    }
}

fn stops(error: &ServerError, whose: &str) -> Option<Failure> {
    let text = error.details().unwrap_or_default();
    let failure = |what: &str, hint: &str| Some(Failure::new(format!("{whose} {what}")).hint(hint));
    match error.code() {
        "NOPERM" if whose == "the source" => failure(
            &format!("does not allow the user to read: {text}"),
            "The import needs +@read +@keyspace +info +time and the keys; --delete-old needs +eval and +del, too.",
        ),
        "NOPERM" => failure(
            &format!("does not allow the user to import: {text}"),
            "The import needs +session.import (and +session.schema|check for --schema) and the keys of --prefix. Grant it to a user of the migration alone.",
        ),
        "OOM" => failure(
            "has no memory left; see its maxmemory",
            "Give it more memory, and run the same command again: it goes on from here.",
        ),
        "MISCONF" => failure(
            "cannot save to its disk, and takes no writes",
            "Mend that (the server's log says more), and run the same command again: it goes on from here.",
        ),
        "NOSCHEMA" => failure(
            "does not have the schema",
            "Register it on every primary: sessionctl schemas push.",
        ),
        "BADSCHEMA" => failure("has the schema, but cannot use it", "SESSION.SCHEMA CHECK says why."),
        "NOAUTH" | "WRONGPASS" => failure("refuses the user or the password", "The run goes on where it stopped, once the password is right."),
        "ERR" if text.starts_with("unknown command") && whose == "the target" => failure(
            "does not have the module redis-session, or one before version 1.1",
            "Load it: add 'loadmodule /path/to/libredis_session.so' to its configuration, and restart it.",
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::rule;

    #[test]
    fn a_violation_is_told_without_names_that_may_be_data() {
        assert_eq!(
            rule("schema 'cart': (root): type object"),
            "the schema: (root): type object"
        );
        assert_eq!(
            rule("schema 'cart': /items: maxItems 2; /x: type string; and 2 more"),
            "the schema: /items: maxItems 2"
        );
        assert_eq!(
            rule("schema 'cart': /mails/ada@example.com/0: type string"),
            "the schema: below /mails: type string"
        );
    }
}
