//! What went wrong with a node, in words, and what to do next.

use super::Address;
use crate::failure::Failure;
use redis::{RedisError, ServerError};

/// The way in which a password can be given.
const PASSWORDS: &str =
    "Give the password with SESSIONCTL_PASSWORD, --password-file or --ask-password; a user with --username.";

/// A failure of the connection, or an error reply.
pub(super) fn failed(address: &Address, error: &RedisError) -> Failure {
    if error.is_timeout() {
        return Failure::new(format!("{address} did not answer in time"))
            .hint("Is it overloaded or stopped? --timeout allows more seconds.");
    }
    let code = error.code().unwrap_or_default();
    let detail = error.detail().unwrap_or_default();
    let text = error.to_string();
    if text.contains("NOAUTH") {
        return reply(address, "NOAUTH", detail);
    }
    if matches!(error.kind(), redis::ErrorKind::AuthenticationFailed)
        || text.contains("WRONGPASS")
        || text.contains("invalid password")
    {
        return reply(address, "WRONGPASS", detail);
    }
    if text.contains("protected mode") {
        return Failure::new(format!(
            "{address} is in protected mode: it takes no connection from other machines"
        ))
        .hint("Set a password for it, or run sessionctl on its machine.");
    }
    if text.contains("AUTH") && text.contains("without any password") {
        return Failure::new(format!("{address} has no password, but one was given"))
            .hint("Leave out the password, or name the ACL user with --username.");
    }
    if !code.is_empty() {
        return reply(address, code, detail);
    }
    if text.contains("CertificateRequired") {
        return Failure::new(format!("{address} wants a certificate of the client"))
            .hint("--cert and --key name the files of one that its authority has signed.");
    }
    if text.to_ascii_lowercase().contains("certificate") {
        return Failure::new(format!(
            "{address} has a certificate that cannot be trusted: {text}"
        ))
        .hint("--cacert names the file of the authority that signed it; the host of the URL must be one of the certificate's names.");
    }
    if address.is_tls() && !error.is_connection_refusal() {
        return Failure::new(format!("{address} cannot be reached by TLS: {text}"))
            .hint("Does it listen for TLS at this port? Without TLS the URL is redis://. A server that wants a client certificate needs --cert and --key.");
    }
    let hint = if error.is_connection_dropped() && !error.is_connection_refusal() {
        "It closed the connection: is this a port for TLS (rediss://), or was the server stopped?"
    } else {
        "Is it running? --url names the server, and TLS is rediss://."
    };
    Failure::new(format!("{address} cannot be reached: {text}")).hint(hint)
}

/// An error reply to one command, as words.
pub fn refused(address: &Address, error: &ServerError) -> Failure {
    reply(address, error.code(), error.details().unwrap_or_default())
}

/// Whether the reply says that the user may not do this.
pub fn is_forbidden(error: &ServerError) -> bool {
    error.code() == "NOPERM"
}

fn reply(address: &Address, code: &str, detail: &str) -> Failure {
    // redis-rs takes ERR for a kind of its own.
    let code = if code == "ERR" || code == "ResponseError" {
        "ERR"
    } else {
        code
    };
    let said = format!("{address} replied: {code} {detail}");
    match code {
        "NOPERM" => Failure::new(format!(
            "{address} does not let this user do so: {}",
            without_user(detail)
        ))
        .hint(right(detail)),
        "NOAUTH" => Failure::new(format!("{address} wants a password")).hint(PASSWORDS),
        "WRONGPASS" => {
            Failure::new(format!("{address} refuses the user or the password")).hint(PASSWORDS)
        }
        "READONLY" => Failure::new(format!("{address} is a replica, and takes no writes"))
            .hint("Give the address of its primary with --url; 'INFO replication' names it."),
        "LOADING" => Failure::new(format!("{address} is loading its data"))
            .hint("Try again when it is done; 'INFO persistence' shows how far it is."),
        "MASTERDOWN" => Failure::new(format!("{address} is a replica without its primary")),
        "CLUSTERDOWN" => Failure::new(format!("the cluster of {address} is down: {detail}"))
            .hint("'sessionctl doctor' tells which slots and nodes are missing."),
        "ERR" if detail.to_ascii_lowercase().starts_with("unknown command") => {
            unknown(address, detail)
        }
        _ => Failure::new(said),
    }
}

/// A command that the server does not know: the module is missing, too old, or the command was renamed.
fn unknown(address: &Address, detail: &str) -> Failure {
    let name = detail.split(['\'', '`']).nth(1).unwrap_or_default();
    if name.to_ascii_uppercase().starts_with("SESSION.") {
        return without_module(address);
    }
    Failure::new(format!("{address} does not know the command {name}"))
        .hint("Is it renamed or disabled by rename-command?")
}

/// A server without the module, with what to do.
pub fn without_module(address: &Address) -> Failure {
    Failure::new(format!(
        "{address} does not have the module redis-session, or one before version 1.1"
    ))
    .hint("Load it: add 'loadmodule /path/to/libredis_session.so' to its configuration, and restart it.")
}

/// Redis 7 begins with "User NAME has no permissions", Redis 6 and Valkey with "This user".
fn without_user(detail: &str) -> &str {
    detail
        .find("has no permissions")
        .map_or(detail, |at| &detail[at..])
}

/// The rule that would allow it.
fn right(detail: &str) -> String {
    match detail.split('\'').nth(1) {
        Some(command) => {
            let command = command.to_ascii_lowercase();
            format!("Whoever may change the ACL can give the right: ACL SETUSER name +{command}")
        }
        None => {
            "The ACL of this user allows other keys only; see its patterns with ACL GETUSER.".into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here() -> Address {
        Address::parse("redis://127.0.0.1:7001").expect("a URL")
    }

    #[test]
    fn a_missing_right_is_named() {
        let failure = reply(
            &here(),
            "NOPERM",
            "User ops has no permissions to run the 'session.list' command",
        );
        assert!(failure
            .what
            .starts_with("127.0.0.1:7001 does not let this user do so: has no permissions"));
        assert!(failure.hint.ends_with("+session.list"), "{failure:?}");
        let keys = reply(&here(), "NOPERM", "No permissions to access a key");
        assert!(keys.hint.contains("patterns"), "{keys:?}");
    }

    #[test]
    fn a_missing_module_is_told_from_a_renamed_command() {
        let module = reply(
            &here(),
            "ERR",
            "unknown command 'SESSION.LIST', with args beginning with: 'a' ",
        );
        assert!(
            module.what.contains("does not have the module"),
            "{module:?}"
        );
        let renamed = reply(
            &here(),
            "ERR",
            "unknown command 'CLUSTER', with args beginning with: 'SLOTS' ",
        );
        assert_eq!(
            renamed.what,
            "127.0.0.1:7001 does not know the command CLUSTER"
        );
    }
}
