//! Reading single options and arguments: flags, values that may be given once, integers, names, and
//! IFVERSION.

use crate::error::{Error, Result};
use crate::integer::integer;
use crate::schema::valid_name;
use crate::server::args::Arg;
use crate::session::{user_name, Session};

/// Stores an option's value.
///
/// # Errors
/// Syntax if the option was given before.
pub fn once<T>(place: &mut Option<T>, value: T) -> Result<()> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(Error::syntax()),
    }
}

/// Sets an option that has no value.
///
/// # Errors
/// Syntax if the option was given before.
pub fn flag(place: &mut bool) -> Result<()> {
    if std::mem::replace(place, true) {
        return Err(Error::syntax());
    }
    Ok(())
}

/// Reads an integer.
///
/// # Errors
/// Core's text for an argument that is not an integer of 64 bits.
pub fn number(arg: Arg<'_>) -> Result<i64> {
    integer(arg.bytes()).ok_or_else(Error::not_an_integer)
}

/// Reads the value of an option that counts sessions.
///
/// # Errors
/// Core's text for a value that is not an integer; ERR for less than 1.
pub fn count(option: &str, arg: Arg<'_>) -> Result<usize> {
    match usize::try_from(number(arg)?).unwrap_or(0) {
        0 => Err(Error::err(format_args!("{option} must be 1 or more"))),
        count => Ok(count),
    }
}

/// Reads the name of a schema.
///
/// # Errors
/// ERR if it is not 1 to 255 bytes of UTF-8.
pub fn schema_name(arg: Arg<'_>) -> Result<&str> {
    name("schema", valid_name(arg.bytes()), 255)
}

/// Reads the name of a user.
///
/// # Errors
/// ERR if it is not 1 to 512 bytes of UTF-8.
pub fn user_name(arg: Arg<'_>) -> Result<&str> {
    name(
        "user",
        user_name::valid(arg.bytes()).ok_or(()),
        user_name::MAX,
    )
}

fn name<'a, E>(what: &str, name: std::result::Result<&'a str, E>, max: usize) -> Result<&'a str> {
    name.map_err(|_| {
        Error::err(format_args!(
            "the name of a {what} must be 1 to {max} bytes of UTF-8"
        ))
    })
}

/// Checks a session's version against the value of IFVERSION, if that was given.
///
/// # Errors
/// CONFLICT, with the session's version, if they differ.
pub fn check_version(session: &Session<'_>, expected: Option<i64>) -> Result<()> {
    let version = session.version();
    match expected {
        Some(expected) if u64::try_from(expected) != Ok(version) => Err(Error::conflict(
            format_args!("the version is {version}, not {expected}; read the session again"),
        )),
        _ => Ok(()),
    }
}
