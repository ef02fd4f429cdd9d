//! Ways for tests to go through the command table.

pub mod facts;
pub mod reference;
pub mod rules;
pub mod samples;
pub mod syntax;

use redis_session::table::{ArgSpec, Kind, Spec, TABLE};

/// A command of the table, or a subcommand.
#[derive(Clone, Copy)]
pub struct Entry {
    pub parent: Option<&'static Spec>,
    pub spec: &'static Spec,
}

impl Entry {
    /// The name in COMMAND INFO: `session.schema|set`.
    pub fn full_name(self) -> String {
        self.words().join("|").to_lowercase()
    }

    /// The name as one types it: `SESSION.SCHEMA SET`.
    pub fn title(self) -> String {
        self.words().join(" ")
    }

    pub fn words(self) -> Vec<String> {
        let names = self.parent.into_iter().chain([self.spec]);
        names.map(|spec| spec.name.to_uppercase()).collect()
    }

    pub fn is_container(self) -> bool {
        !self.spec.subcommands.is_empty()
    }

    /// Whether only replication and the AOF use it.
    pub fn is_internal(self) -> bool {
        self.spec.name.contains("._")
    }
}

/// Every command and every subcommand, containers included.
pub fn entries() -> Vec<Entry> {
    let mut entries = Vec::new();
    for spec in TABLE {
        entries.push(Entry { parent: None, spec });
        entries.extend(spec.subcommands.iter().map(|sub| Entry {
            parent: Some(spec),
            spec: sub,
        }));
    }
    entries
}

/// The commands that a client can call: neither containers nor internal ones.
pub fn callable() -> Vec<Entry> {
    let mut entries = entries();
    entries.retain(|entry| !entry.is_container() && !entry.is_internal());
    entries
}

#[track_caller]
pub fn entry(full_name: &str) -> Entry {
    let found = entries()
        .into_iter()
        .find(|entry| entry.full_name() == full_name);
    found.unwrap_or_else(|| panic!("the table has no '{full_name}'"))
}

/// These arguments, and all arguments within them.
pub fn flat(args: &'static [ArgSpec]) -> Vec<&'static ArgSpec> {
    let mut all = Vec::new();
    for arg in args {
        all.push(arg);
        if let Kind::OneOf(sub) | Kind::Block(sub) = arg.kind {
            all.extend(flat(sub));
        }
    }
    all
}

/// The words of all options in the table, sorted, each once.
pub fn all_tokens() -> Vec<&'static str> {
    let mut tokens: Vec<_> = entries()
        .iter()
        .flat_map(|entry| flat(entry.spec.args))
        .filter_map(|arg| arg.token)
        .collect();
    tokens.sort_unstable();
    tokens.dedup();
    tokens
}
