//! Reading options: helpers that the parsers of several commands share.

use crate::error::{Error, Result};
use crate::schema::valid_name;
use crate::server::args::Arg;

/// Keeps an option's value; twice is a syntax error.
pub fn once<T>(place: &mut Option<T>, value: T) -> Result<()> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(Error::syntax()),
    }
}

/// Sets an option that is a word alone; twice is a syntax error.
pub fn flag(place: &mut bool) -> Result<()> {
    if std::mem::replace(place, true) {
        return Err(Error::syntax());
    }
    Ok(())
}

/// Reads the name of a schema or user.
pub fn name_of<'a>(what: &str, arg: Arg<'a>) -> Result<&'a str> {
    valid_name(arg.bytes()).map_err(|_| {
        Error::err(format_args!(
            "the name of a {what} must be 1 to 255 bytes of UTF-8"
        ))
    })
}

/// Reads the name of a schema.
///
/// # Errors
/// ERR if it is not 1 to 255 bytes of UTF-8.
pub fn schema_name(arg: Arg<'_>) -> Result<&str> {
    name_of("schema", arg)
}
