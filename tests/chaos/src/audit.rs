//! What must be true of the servers once all faults are healed, whatever clients saw: the index of users
//! is what a scan of all keys says, replicas have the data of their primaries, every key lies where its
//! slot is, and no server has crashed.

use crate::deployment::Deployment;
use std::collections::BTreeMap;
use support::cluster_map::{slot_map, slot_of};
use support::{args, in_time, Server};

/// What was looked at, and what was wrong.
#[derive(Default)]
pub struct Audit {
    /// Live sessions on all primaries.
    pub sessions: usize,
    /// Users who have sessions, counted on each primary.
    pub users: usize,
    /// Replicas whose data was compared with that of their primary.
    pub replicas: usize,
    pub findings: Vec<String>,
}

impl Audit {
    /// Looks at every server. Each comparison is repeated until it holds, and what does not hold after two
    /// minutes is a finding: sessions may still end meanwhile, and a superseded key, which looks like a
    /// second session, leads to its session until its grace ends.
    pub fn of(deployment: &mut dyn Deployment) -> Audit {
        let mut audit = Audit::default();
        deployment.nodes().iter_mut().for_each(Server::forget_conn);
        for (primary, replicas) in deployment.families() {
            let servers = deployment.servers();
            audit.index(primary, &servers[primary]);
            for replica in replicas {
                audit.digests(primary, &servers[primary], replica, &servers[replica]);
            }
            if deployment.cluster().is_some() {
                audit.homes(primary, &servers[primary]);
            }
        }
        audit.crashes(deployment);
        audit
    }

    /// Looks only for crashes.
    pub fn crashes(&mut self, deployment: &mut dyn Deployment) {
        for (n, server) in deployment.nodes().iter_mut().enumerate() {
            for line in crash_lines(&server.log()) {
                self.findings.push(format!("server {n} crashed: {line}"));
            }
        }
    }

    fn index(&mut self, n: usize, server: &Server) {
        let mut wrong = String::new();
        let found = in_time(|| match compare_index(server) {
            Ok(found) => Some(found),
            Err(why) => {
                wrong = why;
                None
            }
        });
        match found {
            Some((sessions, users)) => {
                self.sessions += sessions;
                self.users += users;
            }
            None => self
                .findings
                .push(format!("the index of server {n}: {wrong}")),
        }
    }

    fn digests(&mut self, n: usize, primary: &Server, r: usize, replica: &Server) {
        if in_time(|| (primary.digest() == replica.digest()).then_some(())).is_none() {
            let what = format!("replica {r} has other data than its primary {n}");
            self.findings.push(what);
        }
        self.replicas += 1;
    }

    fn homes(&mut self, n: usize, server: &Server) {
        let own = slot_map(server).remove(&server.port()).unwrap_or_default();
        for key in server.ok(&["KEYS", "*"]).texts() {
            let slot = slot_of(&key);
            if !own.iter().any(|range| (range.0..=range.1).contains(&slot)) {
                let what =
                    format!("{key} of slot {slot} lies on server {n}, which has not the slot");
                self.findings.push(what);
            }
        }
    }
}

/// The number of sessions and of users on a server, if its index agrees with a scan.
fn compare_index(server: &Server) -> Result<(usize, usize), String> {
    let mut c = server.conn();
    let (mut sessions, mut users) = (0, BTreeMap::<String, Vec<String>>::new());
    let keys = c.ok(&["KEYS", "*"]).texts();
    let infos: Vec<_> = keys
        .iter()
        .map(|key| args!["SESSION.INFO", key].to_vec())
        .collect();
    for (key, info) in keys.iter().zip(c.pipeline(&infos)) {
        if info.is_nil() {
            continue; // a superseded key after its grace
        }
        sessions += 1;
        let user = info.field("user");
        if !user.is_nil() {
            users.entry(user.text()).or_default().push(key.clone());
        }
    }
    for (user, wanted) in &mut users {
        wanted.sort();
        let mut listed = c.ok(&args!["SESSION.LIST", user]).texts();
        listed.sort();
        if listed != *wanted {
            return Err(format!("LIST {user} shows {listed:?}, a scan {wanted:?}"));
        }
    }
    for (field, wanted) in [
        ("session_sessions", sessions),
        ("session_users", users.len()),
    ] {
        let counted = server.info("session", field);
        if counted != wanted.to_string() {
            return Err(format!("{field} is {counted}, and a scan counts {wanted}"));
        }
    }
    Ok((sessions, users.len()))
}

/// Lines of a server's log that only a crash leaves.
fn crash_lines(log: &str) -> Vec<&str> {
    const SIGNS: [&str; 4] = [
        "crashed by signal",
        "ASSERTION FAILED",
        "panicked at",
        "Guru Meditation",
    ];
    let is_sign = |line: &&str| SIGNS.iter().any(|sign| line.contains(sign));
    log.lines().filter(is_sign).collect()
}
