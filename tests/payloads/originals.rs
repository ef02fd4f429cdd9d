//! Payloads and replicated commands that are whole, as a real server writes them.

use support::payload::{open, sessions};
use support::{args, Conn, Server, Setup, Stream};

/// A value as DUMP has it, without its checksum, and its RDB version.
pub type Original = (Vec<u8>, [u8; 2]);

/// A server whose payloads are not compressed, so that damage reaches the module. Aliases may live so long
/// that they outlive the test.
pub fn setup() -> Setup {
    let setup = Server::setup().config("rdbcompression no");
    setup.module_arg("max-grace-ms 1000000000")
}

pub fn server() -> Server {
    setup().start()
}

/// A payload of each kind of session, and of an alias.
pub fn payloads(c: &mut Conn) -> Vec<Original> {
    let mut keys = sessions(c, 5_000);
    let rotated = c.ok(&["SESSION.SET", "s:*", "{}", "USER", "u"]).text();
    c.ok(&["SESSION.ROTATE", &rotated, "s:*", "GRACE", "1000000000"]);
    keys.push(rotated);
    let dump = |key: &String| open(c.ok(&["DUMP", key]).bytes());
    keys.iter().map(dump).collect()
}

/// A command and its arguments.
pub type Command = Vec<Vec<u8>>;

/// The effects that make sessions of several kinds, an alias and schemas, and end none.
pub fn before() -> Vec<Command> {
    let mut effects = effects();
    let is_rotation = |command: &Command| command[0].eq_ignore_ascii_case(b"SESSION._CHANGES");
    let first = effects.iter().position(is_rotation).expect("a rotation");
    effects.truncate(first + 1);
    effects
}

/// What clients do, one command a line. LONG and LIST are data so long that a change of it is replicated by
/// what changed.
const STEPS: &str = r#"
SESSION.SCHEMA SET object {"type":"object"}
SESSION.SCHEMA SET p true ASSERTFORMAT PREFIX p:
SESSION.SET k LONG NX USER ada EXAT 4000000000
SESSION.SET k2 LIST NX USER ada IDLE 1000000
SESSION.SET p:1 {"text":"\u00e9"} NX
SESSION.PATCH k {"n":2,"b":{"c":null}}
SESSION.PATCH k [{"op":"remove","path":"/a/1"}] SCHEMA object
SESSION.POP k2 /0
SESSION.TOUCH k EXAT 4000000001 IDLE 500000
SESSION.SET k2 {"long":"another_text"}
SESSION.ROTATE k k3 NX GRACE 1000000000
SESSION.ROTATE p:1 p:2 NX USER eve
SESSION.GET k3
SESSION.IMPORT old {} CREATED 1000 ACCESSED 3000 USER ada
SESSION.SET last {} NX USER ada MAXSESSIONS 3
EXPIREAT k2 3900000000
SESSION.PATCH k3 {"z":0}
SESSION.DEL old k2
SESSION.REVOKE ada
SESSION.SCHEMA DEL object p"#;

/// What a primary replicates while clients use it: each internal command that comes from a client's, in
/// the order in which a replica needs them.
pub fn effects() -> Vec<Command> {
    let server = server();
    let mut stream = Stream::of(&server);
    let mut c = server.conn();
    let long = format!(r#"{{"n":1,"a":[1,2,3],"text":"{}"}}"#, "x".repeat(600));
    let list = format!("[1,{}2]", "\"text\",".repeat(100));
    for step in STEPS.trim().lines() {
        let step = step.replace("LONG", &long).replace("LIST", &list);
        c.ok(&step.split(' ').collect::<Vec<_>>());
    }
    let mut commands = stream.so_far();
    // How version 1.0 replicated the removal of a schema.
    commands.push(args!["SESSION._SCHEMA", "object"].to_vec());
    for name in [
        "PUT",
        "NEW",
        "SPLICE",
        "TOUCH",
        "DEL",
        "CHANGES",
        "SCHEMA",
        "SCHEMADEL",
    ] {
        let name = format!("SESSION._{name}").into_bytes();
        let is_it = |words: &Command| words[0].eq_ignore_ascii_case(&name);
        let shown = name.escape_ascii();
        assert!(commands.iter().any(is_it), "no {shown} among the effects");
    }
    commands
}
