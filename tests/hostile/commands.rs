//! Every command with arguments that are missing, doubled, out of order or of the wrong kind.

use crate::caller::{probes, state};
use crate::caller::{Caller, Command, Way};
use crate::mutation;
use support::{args, Random, Server};

/// Valid calls of each command with its options. `k` and `k2` are sessions of the user `ada`.
const EXAMPLES: &[&str] = &[
    r#"SESSION.SET s:* {"n":1} EX 100 IDLE 50 SCHEMA object USER ada TOKEN"#,
    r#"SESSION.SET k {"n":2} IFVERSION 1 PX 100000 PIDLE 50000 SCHEMA object"#,
    r#"SESSION.SET new {} NX EXAT 4000000000 USER ada"#,
    r#"SESSION.SET k {"n":3} PXAT 4000000000000"#,
    r#"SESSION.SET k {"n":4} PERSIST IDLE 0"#,
    "SESSION.GET k NOTOUCH WITHINFO",
    "SESSION.VERIFY k SCHEMA object SCHEMA any FRESH 3600 NOTOUCH WITHINFO",
    "SESSION.GET k WITHINFO PATH /n /a/0",
    "SESSION.GET k FIELDS 2 ttl version NOTOUCH PATH /n",
    "SESSION.VERIFY k FIELDS 3 user schema ttl SCHEMA any PATH /n /a",
    r#"SESSION.PATCH k {"n":3} IFVERSION 1 EX 100 IDLE 10"#,
    r#"SESSION.PATCH k [{"op":"replace","path":"/n","value":[]}] PERSIST"#,
    r#"SESSION.PATCH k {"n":3} SCHEMA any IDLE 10"#,
    "SESSION.POP k /n /none",
    r#"SESSION.ROTATE k s:* TOKEN GRACE 500 PATCH {"a":1} EX 100 SCHEMA object"#,
    "SESSION.TOUCH k EX 100 IDLE 10",
    "SESSION.TOUCH k PXAT 4000000000000 PIDLE 9000",
    "SESSION.DEL k k2 none",
    "SESSION.INFO k",
    r#"SESSION.SCHEMA SET new {"type":"object"} ASSERTFORMAT NX PREFIX shop:"#,
    "SESSION.SCHEMA GET object",
    r#"SESSION.SCHEMA CHECK object {"n":1}"#,
    "SESSION.SCHEMA DEL object any none",
    "SESSION.SCHEMA LIST",
    "SESSION.SCHEMA HELP",
    r#"SESSION.SET s:* {} USER ada MAXSESSIONS 2"#,
    "SESSION.ROTATE k s:* USER ada MAXSESSIONS 2",
    r#"SESSION.ROTATE k new NX GRACE 500 PATCH {"a":1} IDLE 100 SCHEMA any"#,
    "SESSION.ROTATE k k2 NX USER ada",
    "SESSION.LIST ada WITHINFO PATH /n",
    "SESSION.LIST ada FIELDS 2 accessed ttl PATH /n",
    "SESSION.IMPORT new {} CREATED 1000 AUTHENTICATED 2000 ACCESSED 3000 USER ada SCHEMA object",
    "SESSION.REVOKE ada EXCEPT k",
    "SESSION.REVOKE ada ONLY k k2",
];

/// Calls of internal commands, which clients may not make.
const INTERNAL: &[&str] = &[
    "SESSION._PUT k bytes session.set",
    "SESSION._NEW k fields {} session.set",
    "SESSION._SPLICE k bytes session.patch",
    "SESSION._TOUCH k 1764000000000 -1 -1",
    "SESSION._DEL k other",
    "SESSION._CHANGES k other changes",
    "SESSION._SCHEMA object {} 0 p:",
    "SESSION._SCHEMADEL object",
    "SESSION._REGISTRY bytes",
    "SESSION._LOCAL k other",
];

fn split(example: &str) -> Command {
    example
        .split(' ')
        .map(|word| word.as_bytes().to_vec())
        .collect()
}

/// The number of words in the command's name.
fn words(command: &Command) -> usize {
    if command[0] == b"SESSION.SCHEMA" {
        2
    } else {
        1
    }
}

#[test]
fn every_command_has_an_example_here_and_it_works() {
    let server = Server::start();
    let mut c = server.conn();
    c.see_internal_commands();
    let list = c
        .ok(&["COMMAND", "LIST", "FILTERBY", "PATTERN", "session.*"])
        .texts();
    assert!(list.len() >= 10, "{list:?}");
    let examples = [EXAMPLES, INTERNAL].concat();
    // A container, and the command that only builds for tests have.
    let others = ["session.schema", "session._test"];
    for command in list.iter().filter(|name| !others.contains(&name.as_str())) {
        let begin = command.replace('|', " ");
        let is_it = |example: &&&str| {
            let example = example.to_lowercase();
            example == begin || example.starts_with(&format!("{begin} "))
        };
        assert!(
            examples.iter().any(|example| is_it(&example)),
            "no example of {command}"
        );
    }
    let mut hostile = Caller::new(&server, server.conn());
    for example in EXAMPLES {
        for way in [Way::Plain, Way::Multi, Way::Lua] {
            let error = hostile.send(&split(example), way);
            assert_eq!(error, None, "{example}");
        }
    }
    for example in INTERNAL {
        for way in [Way::Plain, Way::Multi, Way::Lua] {
            let error = hostile.send(&split(example), way);
            assert!(
                error.is_some_and(|line| line.starts_with("ERR ")),
                "{example}"
            );
        }
    }
}

#[test]
fn mutilated_commands_fail_with_a_code_and_change_nothing() {
    let mut server = Server::start();
    let mut hostile = Caller::new(&server, server.conn());
    for example in [EXAMPLES, INTERNAL].concat() {
        let command = split(example);
        for (n, mutant) in mutation::all(&command, words(&command)).iter().enumerate() {
            hostile.send(mutant, Way::Plain);
            match n % 14 {
                3 => drop(hostile.send(mutant, Way::Multi)),
                9 => drop(hostile.send(mutant, Way::Lua)),
                _ => {}
            }
        }
    }
    hostile.say("mutilated commands");
    assert!(hostile.failed > 1000);
    drop(hostile);
    assert!(server.is_running());
}

#[test]
fn commands_that_are_wrong_in_many_places_do_no_more_harm() {
    let mut random = Random::seeded();
    let mut server = Server::start();
    let mut hostile = Caller::new(&server, server.conn3());
    let examples = [EXAMPLES, INTERNAL].concat();
    let examples: Vec<_> = examples.iter().map(|example| split(example)).collect();
    for _ in 0..3000 {
        let mut command = random.pick(&examples).clone();
        let words = words(&command);
        for _ in 0..1 + random.below(4) {
            mutation::one(&mut random, &mut command, words);
        }
        let way = [Way::Plain, Way::Plain, Way::Multi, Way::Lua][random.below(4)];
        hostile.send(&command, way);
    }
    hostile.say("random mutilations");
    drop(hostile);
    assert!(server.is_running());
}

/// A RESTORE payload of an alias, made from that of a session: type, module ID (9 bytes), opcode of a
/// string, length, and the string.
fn alias(dump: &[u8], successor: &str) -> Vec<u8> {
    let (value, version) = support::payload::open(dump);
    let until = [&[0xff; 8][..], &[0x7f]].concat(); // i64::MAX in LEB128
    let length = [successor.len() as u8];
    let inner = [&[1, 0x80][..], &until, &length, successor.as_bytes()].concat();
    assert!(inner.len() < 64, "a length of one byte");
    let value = [&value[..11], &[inner.len() as u8], &inner, &[0]].concat();
    support::payload::seal(&value, version)
}

#[test]
fn superseded_ids_that_lead_in_circles_lead_nowhere() {
    let mut server = Server::start();
    let mut hostile = Caller::new(&server, server.conn());
    let mut c = server.conn();
    let dump = c.ok(&["DUMP", "k2"]).bytes().to_vec();
    let mut steps = vec![
        ("self".to_owned(), "self".to_owned()),
        ("one".into(), "two".into()),
        ("two".into(), "one".into()),
        ("dead".into(), "none".into()),
        ("nothing".into(), String::new()),
        ("text".into(), "by:text".into()),
    ];
    steps.extend((0..30).map(|n| (format!("far{n}"), format!("far{}", n + 1))));
    steps.push(("far30".into(), "k".into()));
    for (at, _) in &steps {
        for example in EXAMPLES.iter().filter(|example| example.contains(" k ")) {
            for (from, to) in &steps {
                c.ok(&args!["RESTORE", from, 0, alias(&dump, to), "REPLACE"]);
            }
            hostile.before = state(&hostile.c.pipeline(&probes()));
            let named = example.replace(" k ", &format!(" {at} "));
            hostile.send(&split(&named), Way::Plain);
        }
    }
    hostile.say("circles");
    c.ok(&["DEBUG", "RELOAD"]);
    drop(hostile);
    assert!(server.is_running());
}
