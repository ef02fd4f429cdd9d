//! Sessions in wrong hands, and people who are refused.

use super::super::{page, WORST};
use super::{backup, lab, login, parts};
use support::say;

#[test]
fn stolen_data() {
    let mut lab = lab();
    let mut conn = lab.conn(0);
    let ada = login(&mut conn, "session:ada", r#"{"name":"Ada"}"#);
    login(&mut conn, "session:ada", r#"{"name":"Ada"}"#);
    login(&mut conn, "session:bob", r#"{"name":"Bob"}"#);
    for key in ["session:*", "shop:*"] {
        conn.ok(&["SESSION.SET", key, "{}"]);
    }
    backup(&mut lab);
    let mut old = std::fs::read(lab.path("/var/backups/sessions/today.rdb")).expect("the backup");
    assert!(contains(&old, &ada));
    lab.type_all(page::blocks(WORST, "A dump, an AOF or a backup was stolen"));
    assert!(conn.ok(&["SESSION.GET", &ada]).is_nil());
    for folder in ["/var/lib/redis", "/var/lib/redis/appendonlydir"] {
        for file in std::fs::read_dir(lab.path(folder))
            .expect("the folder")
            .flatten()
        {
            old = std::fs::read(file.path()).unwrap_or_default();
            assert!(
                !contains(&old, &ada),
                "{file:?} has a session that has ended"
            );
        }
    }
    say(&format!("{} commands", lab.typed()));
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|part| part == text.as_bytes())
}

#[test]
fn a_bad_schema() {
    let mut lab = lab();
    let mut conn = lab.conn(0);
    let (first, lax) = parts("A bad schema was deployed", "--sample 0");
    let keys = ["Ada", "Bob", "Carol"].map(|name| {
        let data = format!(r#"{{"name":"{name}","role":"user"}}"#);
        login(
            &mut conn,
            &format!("session:{}", name.to_lowercase()),
            &data,
        )
    });
    let bad = r#"{"required":["name","tenant"]}"#;
    conn.ok(&["SESSION.SCHEMA", "SET", "user", bad]);
    for key in &keys {
        assert!(conn.err(&["SESSION.VERIFY", key]).starts_with("INVALID "));
    }
    let new = r#"{"name":"Dora","tenant":7,"role":"root"}"#;
    let dora = login(&mut conn, "session:dora", new);
    lab.type_all(first);
    for key in &keys {
        conn.ok(&["SESSION.VERIFY", key]).text();
    }
    assert!(conn.ok(&["SESSION.GET", &dora]).is_nil());
    conn.ok(&["SESSION.SCHEMA", "SET", "user", "true"]);
    let bad =
        ["eve", "mallory"].map(|name| login(&mut conn, name, r#"{"name":"x","role":"root"}"#));
    lab.type_all(lax);
    assert!(bad
        .iter()
        .all(|key| conn.ok(&["SESSION.GET", key]).is_nil()));
    say(&format!("{} commands", lab.typed()));
}

#[test]
fn an_account_taken_over() {
    let mut lab = lab();
    let mut conn = lab.conn(0);
    let now = conn.now();
    for (id, device, hours, seconds) in [
        ("a", "laptop", 240, 9),
        ("b", "phone", 180, 6),
        ("c", "curl", 20, 3),
    ] {
        let key = format!("session:t{}", id.repeat(32));
        let data = format!(r#"{{"name":"Ada","device":"{device}"}}"#);
        let created = (now - hours * 60_000).to_string();
        let accessed = (now - seconds * 1000).to_string();
        conn.ok(&[
            "SESSION.IMPORT",
            &key,
            &data,
            "CREATED",
            &created,
            "ACCESSED",
            &accessed,
            "SCHEMA",
            "user",
            "USER",
            "session:ada",
        ]);
    }
    let other = login(&mut conn, "session:bob", r#"{"name":"Bob"}"#);
    let section = "An account was taken over";
    let again = page::blocks(WORST, section).len() - 2;
    for (n, block) in page::blocks(WORST, section).into_iter().enumerate() {
        if n == again {
            login(
                &mut conn,
                "session:ada",
                r#"{"name":"Ada","device":"curl"}"#,
            );
        }
        lab.type_all([block]);
    }
    assert!(conn.ok(&["SESSION.LIST", "session:ada"]).texts().is_empty());
    conn.ok(&["SESSION.VERIFY", &other]).text();
    say(&format!("{} commands", lab.typed()));
}

#[test]
fn a_leaked_password() {
    let mut lab = lab();
    let mut conn = lab.conn(0);
    login(&mut conn, "session:ada", r#"{"name":"Ada"}"#);
    login(&mut conn, "session:bob", r#"{"name":"Bob"}"#);
    let password = std::fs::read(lab.path("/root/passwords/web")).expect("the password");
    std::fs::write(lab.path("/root/leaked"), &password).expect("keep it");
    let password = String::from_utf8(password).expect("text");
    let mut thieves = [0, 1].map(|machine| {
        let mut thief = lab.conn(machine);
        thief.ok(&["AUTH", "web", password.trim()]);
        thief
    });
    let (first, rest) = parts("A password of the ACL leaked", "grep '^user web '");
    lab.type_all(first);
    assert!(thieves[0].try_cmd(&["SESSION.GET", "session:x"]).is_err());
    lab.type_all(rest);
    assert!(thieves[1].try_cmd(&["SESSION.GET", "session:x"]).is_err());
    for machine in [0, 1] {
        let mut conn = lab.conn(machine);
        assert!(conn
            .err(&["AUTH", "web", password.trim()])
            .starts_with("WRONGPASS"));
    }
    say(&format!("{} commands", lab.typed()));
}
