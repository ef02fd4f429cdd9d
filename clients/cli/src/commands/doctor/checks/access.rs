//! Who may reach the server, and what they may do there.

use super::super::facts::{Facts, Node};
use super::super::finding::{Findings, Severity};

pub fn check(facts: &Facts, found: &mut Findings) {
    for node in &facts.nodes {
        let outside = listens_outside(node);
        default_user(node, outside, found);
        importers(node, found);
        readers_of_settings(node, found);
        // A server that does not tell its addresses was reached by one.
        if outside == Some(true) && plain_port(node) {
            found.add(
                (Severity::Note, "no-tls"),
                &node.name,
                "takes connections from other machines without TLS",
                "Passwords, tokens and sessions can be read on the network between.",
                "Set tls-port, tls-cert-file and tls-key-file, and port 0; or keep it in a network of its own.",
            );
        }
    }
}

/// Whether it takes connections from other machines, as far as the settings tell.
fn listens_outside(node: &Node) -> Option<bool> {
    let bind = node.setting("bind")?;
    let own = |address: &str| {
        let address = address.trim_start_matches('-');
        address.starts_with("127.") || matches!(address, "::1" | "localhost")
    };
    // Without any address it listens on all.
    Some(bind.trim().is_empty() || !bind.split_whitespace().all(own))
}

fn plain_port(node: &Node) -> bool {
    node.setting_number("port").is_some_and(|port| port != 0)
}

fn default_user(node: &Node, outside: Option<bool>, found: &mut Findings) {
    let users = node.users.iter().flatten();
    let open = users
        .filter(|user| user.name == "default")
        .any(|user| user.on && user.without_password && user.is_admin);
    if !open {
        return;
    }
    let protected = node.setting("protected-mode") == Some("yes");
    let (severity, why) = match (outside, protected) {
        (Some(true), false) => (
            Severity::Problem,
            "Everybody who reaches the port can read all sessions, end them, and change the server.",
        ),
        (Some(true), true) => (
            Severity::Warning,
            "Only protected mode keeps other machines away; on this machine everybody can read all sessions.",
        ),
        _ => (
            Severity::Note,
            "Every program on its machine can read all sessions, and end them.",
        ),
    };
    found.add(
        (severity, "default-user"),
        &node.name,
        "the default user has no password and may do everything",
        why,
        "Make users of the ACL for each role (README, Security), then: redis-cli ACL SETUSER default off",
    );
}

/// Users that may state when somebody has authenticated.
fn importers(node: &Node, found: &mut Findings) {
    let users = node.users.iter().flatten();
    for user in users.filter(|user| user.on && user.may_import && !user.is_admin) {
        let severity = if user.may_serve {
            Severity::Warning
        } else {
            Severity::Note
        };
        found.add(
            (severity, "import-granted"),
            &node.name,
            format!("the user '{}' may run SESSION.IMPORT", user.name),
            "Whoever may import can claim an authentication that never was, and so pass FRESH.",
            format!(
                "Give it to the user of a migration, for the time of the migration: redis-cli ACL SETUSER {} -session.import",
                user.name
            ),
        );
    }
}

/// Users that may read the passwords among the settings. Whether these are set is not asked: nobody needs to know
/// them for that.
fn readers_of_settings(node: &Node, found: &mut Findings) {
    let users = node.users.iter().flatten();
    for user in users.filter(|user| user.on && user.may_get_config && !user.is_admin) {
        found.add(
            (Severity::Note, "config-get"),
            &node.name,
            format!("the user '{}' may run CONFIG GET", user.name),
            "It shows masterauth and requirepass: with one of these, somebody copies all sessions or does anything.",
            format!(
                "redis-cli ACL SETUSER {} -config|get; or let masteruser be a user who may only replicate",
                user.name
            ),
        );
    }
}
