//! Which ACL categories a server lets the commands of a module have.

use redis_session::table::Spec;
use std::collections::BTreeSet;
use support::Server;

/// By the server's version: what the server shows of this module is what is tested.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Categories {
    /// None but `@all`: Redis 7.0.
    None,
    /// Core's: Redis 7.2 and the Valkey that is it.
    Core,
    /// Core's, and `@session`.
    Own,
}

impl Categories {
    pub fn of(server: &Server) -> Categories {
        match (server.is_valkey(), server.server_version()) {
            (false, (0..=7, 0..=1, _)) => Categories::None,
            (false, (7, 2..=3, _)) | (true, (7, ..)) => Categories::Core,
            _ => Categories::Own,
        }
    }

    /// Those of a command, without the `@`.
    pub fn of_command(self, spec: &Spec) -> BTreeSet<String> {
        let of = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        match self {
            Categories::None => BTreeSet::new(),
            Categories::Core => of(&spec.categories()),
            Categories::Own => of(&[spec.categories(), vec!["session"]].concat()),
        }
    }
}
