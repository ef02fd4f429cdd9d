//! The commands: the one table of all of them, and what several share.

mod change;
mod del;
mod effect;
mod expiry;
mod find;
mod get;
pub mod index;
mod info;
mod internal;
mod limit;
mod list;
mod new_id;
mod owned;
mod patch;
mod path;
mod pop;
mod reply;
mod revoke;
mod rotate;
mod schema;
mod set;
pub mod state;
mod table;
mod touch;
mod verdict;
mod verify;

pub use table::TABLE;

use crate::error::{Error, Result};
use crate::schema::valid_name;
use crate::server::args::Arg;
use crate::server::info::Info;
use crate::stats;
use data_encoding::HEXLOWER;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

static CLUSTER: AtomicBool = AtomicBool::new(false);

/// Whether the server runs in cluster mode, which it cannot change while it runs.
fn is_cluster() -> bool {
    CLUSTER.load(Relaxed)
}

/// Notes what does not change while the server runs.
pub fn loaded() {
    CLUSTER.store(crate::server::context::is_cluster(), Relaxed);
}

/// Keeps an option's value; twice is a syntax error.
fn once<T>(place: &mut Option<T>, value: T) -> Result<()> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(Error::syntax()),
    }
}

/// Sets an option that is a word alone; twice is a syntax error.
fn flag(place: &mut bool) -> Result<()> {
    if std::mem::replace(place, true) {
        return Err(Error::syntax());
    }
    Ok(())
}

/// Reads the name of a schema or user.
fn name_of<'a>(what: &str, arg: Arg<'a>) -> Result<&'a str> {
    valid_name(arg.bytes()).map_err(|_| {
        Error::err(format_args!(
            "the name of a {what} must be 1 to 255 bytes of UTF-8"
        ))
    })
}

/// Fills the section of INFO.
pub fn info_section(info: &Info) {
    for (field, counter) in stats::ALL {
        info.number(field, counter.get());
    }
    info.number(c"users", state::USERS.with(|index| index.users()) as u64);
    let (schemas, digest) =
        state::REGISTRY.with(|registry| (registry.len(), HEXLOWER.encode(&registry.digest())));
    info.number(c"schemas", schemas as u64);
    info.text(c"schemas_digest", &digest);
}
