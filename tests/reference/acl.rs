//! Permissions: ACL categories and key patterns. `acl_users.rs` has users for applications.

use crate::categories::Categories;
use crate::table::samples::{self, Values};
use crate::table::{entries, facts, Entry};
use redis_session::table::{ArgSpec, Kind};
use std::collections::BTreeSet;
use support::Server;

/// Arguments for a command whose keys have this prefix.
pub struct Under(pub &'static str);

impl Values for Under {
    fn value(&self, arg: &ArgSpec, other: bool) -> String {
        match (arg.name, arg.kind) {
            ("newkey", Kind::Key) => format!("{}:*", self.0),
            ("numfields", _) => "0".into(), // `samples` counts the fields
            ("field", _) => "version".into(),
            (_, Kind::Key) => format!("{}:{}", self.0, u8::from(other)),
            ("pointer", _) => "/n".into(),
            ("data" | "patch", _) => "{}".into(),
            // FRESH, above all: more seconds than the test takes.
            (_, Kind::Integer) => "100000".into(),
            _ => "1".into(),
        }
    }
}

/// A whole command, without options.
pub fn sample(entry: Entry, under: &'static str) -> Vec<String> {
    [entry.words(), samples::positional(entry, &Under(under))].concat()
}

/// The commands that can be run: all but containers.
pub fn runnable() -> Vec<Entry> {
    let mut all = entries();
    all.retain(|entry| !entry.is_container());
    all
}

/// Whether a user may run this command on these keys, by ACL DRYRUN.
#[track_caller]
pub fn may(server: &Server, user: &str, command: &[String]) -> bool {
    let mut call: Vec<String> = ["ACL", "DRYRUN", user].map(String::from).into();
    call.extend(command.iter().cloned());
    let reply = server.ok(&call);
    if reply.is_ok() {
        return true;
    }
    let why = reply.text();
    assert!(why.contains(" has no permissions to "), "{call:?}: {why}");
    false
}

#[test]
fn categories_have_the_commands_that_do_such_things() {
    let server = Server::start();
    let level = Categories::of(&server);
    let mut c = server.conn();
    c.see_internal_commands();
    let mut of_categories: Vec<_> = server.ok(&["ACL", "CAT"]).texts();
    let own = level == Categories::Own;
    assert_eq!(of_categories.contains(&"session".into()), own, "{level:?}");
    of_categories.sort_unstable();
    for category in of_categories {
        // ACL CAT of Valkey 8.0 leaves out the commands of modules.
        let list = ["COMMAND", "LIST", "FILTERBY", "ACLCAT", &category];
        let is = c.ok(&list).texts().into_iter();
        let is: BTreeSet<_> = is.filter(|name| name.starts_with("session.")).collect();
        let wanted: BTreeSet<_> = entries()
            .into_iter()
            .filter(|entry| level.of_command(entry.spec).contains(&category))
            .map(Entry::full_name)
            .collect();
        assert_eq!(is, wanted, "@{category}");
    }
}

/// The list of dangerous commands, written out.
#[test]
fn revoking_importing_and_changing_schemas_is_dangerous_and_nothing_else() {
    let dangerous: Vec<_> = entries()
        .into_iter()
        .filter(|entry| entry.spec.categories().contains(&"dangerous"))
        .map(Entry::full_name)
        .collect();
    let wanted = [
        "session.revoke",
        "session.import",
        "session.schema|set",
        "session.schema|del",
    ];
    assert_eq!(dangerous, wanted);
}

#[test]
fn a_user_of_a_category_may_run_what_is_in_it() {
    let server = Server::start();
    let level = Categories::of(&server);
    for category in [
        "read",
        "write",
        "fast",
        "slow",
        "dangerous",
        "session",
        "all",
    ] {
        let rule = format!("+@{category}");
        let make = ["ACL", "SETUSER", category, "reset", "on", "~*", &rule];
        if category == "session" && level != Categories::Own {
            assert!(server.err(&make).contains("Unknown command or category"));
            continue;
        }
        server.ok(&make);
        for entry in runnable() {
            let wanted = category == "all" || level.of_command(entry.spec).contains(category);
            let is = may(&server, category, &sample(entry, "k"));
            assert_eq!(is, wanted, "@{category}: {}", entry.title());
        }
    }
}

/// `%R~` and `%W~` patterns permit what the flags of the keys in the table need.
#[test]
fn reading_and_writing_are_permissions_of_their_own() {
    let server = Server::start();
    let pattern = |name: &str, rules: &[&str]| {
        let head = ["ACL", "SETUSER", name, "reset", "on", "+@all"];
        server.ok(&[&head, rules].concat());
    };
    pattern("reader", &["%R~k:*"]);
    pattern("writer", &["%W~k:*"]);
    pattern("both", &["%R~k:*", "%W~k:*"]);
    pattern("apart", &["%R~k:*", "%W~other:*"]);
    for entry in runnable() {
        let flags: BTreeSet<_> = entry
            .spec
            .keys
            .ranges()
            .iter()
            .flat_map(facts::key_flags)
            .collect();
        let reads = flags.contains("access");
        let writes = ["update", "insert", "delete"]
            .iter()
            .any(|flag| flags.contains(flag));
        let command = sample(entry, "k");
        let title = entry.title();
        assert_eq!(may(&server, "reader", &command), !writes, "reader: {title}");
        assert_eq!(may(&server, "writer", &command), !reads, "writer: {title}");
        assert_eq!(may(&server, "apart", &command), !writes, "apart: {title}");
        assert!(may(&server, "both", &command), "both: {title}");
    }
}
