//! The ACL categories that a server lets a module's commands have, by its version.

use redis_session::table::Spec;
use std::collections::BTreeSet;
use support::Server;

/// The kinds of categories that a server supports for modules.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Categories {
    /// Only `@all`: Redis 7.0.
    None,
    /// Core's categories: Redis 7.2, and Valkey 7.2.
    Core,
    /// Core's categories, and `@session`.
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

    /// The categories of a command on such a server, without the `@`.
    pub fn of_command(self, spec: &Spec) -> BTreeSet<String> {
        let of = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        match self {
            Categories::None => BTreeSet::new(),
            Categories::Core => of(&spec.categories()),
            Categories::Own => of(&[spec.categories(), vec!["session"]].concat()),
        }
    }
}
