//! "The worst day": each test brings about what a section is for, types the section, and looks whether it is over.

mod logs;
mod people;
mod servers;

use super::page::{self, Block};
use super::{Lab, FIRST, WORST};
use support::Conn;

/// Servers as the first day leaves them.
#[track_caller]
fn lab() -> Lab {
    let mut lab = Lab::new();
    for section in [
        "Install",
        "Settings to think about",
        "Users",
        "A replica",
        "Schemas",
        "A backup, and a trial restore",
    ] {
        lab.type_all(page::blocks(FIRST, section));
    }
    lab
}

/// The blocks of a section before the one in which a command has this text, and the others.
#[track_caller]
fn parts(section: &str, text: &str) -> (Vec<Block>, Vec<Block>) {
    let mut before = page::blocks(WORST, section);
    let has = |block: &Block| {
        block
            .chunks
            .iter()
            .any(|chunk| chunk.commands.contains(text))
    };
    let at = before.iter().position(has);
    let after = before.split_off(at.unwrap_or_else(|| panic!("no command has {text:?}")));
    (before, after)
}

/// The key of a new session of this user.
#[track_caller]
fn login(conn: &mut Conn, user: &str, data: &str) -> String {
    let set = [
        "SESSION.SET",
        "session:*",
        data,
        "SCHEMA",
        "user",
        "USER",
        user,
        "TOKEN",
    ];
    conn.ok(&set).texts().remove(0)
}

/// Takes the backup that the page calls `today.rdb`.
fn backup(lab: &mut Lab) {
    lab.type_all(
        page::blocks(FIRST, "A backup, and a trial restore")
            .into_iter()
            .take(1),
    );
}

#[test]
fn every_section_with_commands_is_typed_by_a_test() {
    let typed = concat!(include_str!("people.rs"), include_str!("servers.rs"));
    for section in page::sections(WORST) {
        let name = format!("\"{section}\"");
        assert!(typed.contains(&name), "no test types the section {name}");
    }
}
