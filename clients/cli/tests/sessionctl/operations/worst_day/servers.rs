//! Servers that do not start, are full, or have lost something.

use super::super::{page, WORST};
use super::{backup, lab, login};
use support::{eventually, say, Conn};

#[test]
fn a_failed_upgrade() {
    let mut lab = lab();
    let mut conn = lab.conn(0);
    for user in ["ada", "bob", "carol"] {
        login(&mut conn, &format!("session:{user}"), r#"{"name":"x"}"#);
    }
    conn.ok(&["WAIT", "1", "0"]);
    let module = lab.path("/usr/lib/redis/modules/libredis_session.so");
    std::fs::rename(&module, module.with_extension("so.old")).expect("keep the old file");
    std::fs::write(&module, "not a module").expect("a new file");
    assert!(lab
        .root(0, "systemctl restart redis-server")
        .contains("failed"));
    lab.type_all(page::blocks(WORST, "An upgrade failed"));
    let role = lab.conn(0).ok(&["INFO", "replication"]).text();
    assert!(role.contains("role:slave"), "{role}");
    say(&format!("{} commands", lab.typed()));
}

#[test]
fn a_restore() {
    let mut lab = lab();
    let mut conn = lab.conn(0);
    login(&mut conn, "session:ada", r#"{"name":"Ada"}"#);
    login(&mut conn, "session:ada", r#"{"name":"Ada"}"#);
    let bob = login(&mut conn, "session:bob", r#"{"name":"Bob"}"#);
    backup(&mut lab);
    conn.ok(&["SESSION.REVOKE", "session:ada"]);
    conn.ok(&["FLUSHALL"]);
    lab.type_all(page::blocks(WORST, "A restore"));
    let mut replica = lab.conn(1);
    eventually("the replica has what was restored", || {
        replica.ok(&["EXISTS", &bob]).int() == 1
    });
    lab.conn(0).ok(&["SESSION.VERIFY", &bob]).text();
    say(&format!("{} commands", lab.typed()));
}

#[test]
fn full_memory() {
    let mut lab = lab();
    let mut conn = lab.conn(0);
    let now = conn.now();
    for _ in 0..40 {
        login(&mut conn, "session:bot", r#"{"name":"Bot"}"#);
    }
    let ada = login(&mut conn, "session:ada", r#"{"name":"Ada"}"#);
    let full = used(&mut conn) + 4_000_000;
    conn.ok(&["CONFIG", "SET", "maxmemory", &full.to_string()]);
    let data = format!(r#"{{"cart":"{}"}}"#, "x".repeat(10_000));
    let (created, accessed) = ((now - 3_600_000).to_string(), (now - 1_200_000).to_string());
    let mut made = 0;
    loop {
        let key = format!("session:t{made:032x}");
        let import = [
            "SESSION.IMPORT",
            &key,
            &data,
            "CREATED",
            &created,
            "ACCESSED",
            &accessed,
        ];
        match conn.cmd(&import).error() {
            None => made += 1,
            Some(error) => {
                assert!(error.starts_with("OOM "), "{error}");
                break;
            }
        }
    }
    assert!(made > 100, "{made}");
    // Buffers come and go; the limit is now below all of them.
    let full = used(&mut conn) - 1_000_000;
    conn.ok(&["CONFIG", "SET", "maxmemory", &full.to_string()]);
    lab.type_all(page::blocks(WORST, "Memory is full"));
    conn.ok(&["SESSION.VERIFY", &ada]).text();
    say(&format!("{} commands", lab.typed()));
}

/// The bytes of memory that the server uses.
fn used(conn: &mut Conn) -> u64 {
    let info = conn.ok(&["INFO", "memory"]).text();
    let used = info
        .lines()
        .find_map(|line| line.strip_prefix("used_memory:"));
    used.expect("used_memory").parse().expect("a number")
}

#[test]
fn a_failover_that_lost_a_logout() {
    let mut lab = lab();
    let mut conn = lab.conn(0);
    login(&mut conn, "session:ada", r#"{"name":"Ada"}"#);
    login(&mut conn, "session:bob", r#"{"name":"Bob"}"#);
    conn.ok(&["WAIT", "1", "0"]);
    // What the old primary does from here on reaches nobody.
    lab.conn(1).ok(&["REPLICAOF", "NO", "ONE"]);
    assert_eq!(conn.ok(&["SESSION.REVOKE", "session:ada"]).int(), 1);
    let killed = r#"pid=$(cat "$MACHINE/run/redis-server.pid"); kill -9 "$pid"; while kill -0 "$pid"; do sleep 0.01; done"#;
    lab.root(0, killed);
    lab.type_all(page::blocks(WORST, "A failover lost writes"));
    let mut conn = lab.conn(1);
    assert_eq!(conn.ok(&["SESSION.LIST", "session:bob"]).texts().len(), 1);
    say(&format!("{} commands", lab.typed()));
}

#[test]
fn a_clock_that_jumped() {
    let mut lab = lab();
    login(&mut lab.conn(0), "session:ada", r#"{"name":"Ada"}"#);
    lab.type_all(page::opening(WORST));
    lab.type_all(page::blocks(WORST, "The clock jumped"));
    say(&format!("{} commands", lab.typed()));
}
