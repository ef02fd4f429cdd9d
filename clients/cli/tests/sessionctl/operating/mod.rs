//! `sessionctl`: connecting, and what works on sessions.

mod asking;
mod clusters;
mod connecting;
mod generating;
mod help;
mod restricted;
mod revoke;
mod show;
mod tls;
mod user;

use support::Server;

/// Makes a session, and returns its key.
fn session(server: &Server, args: &[&str]) -> String {
    let mut command = vec!["SESSION.SET", "session:*"];
    command.extend(args);
    server.ok(&command).text()
}

/// Whether the session is live.
fn lives(server: &Server, key: &str) -> bool {
    !server.ok(&["SESSION.INFO", key]).is_nil()
}
