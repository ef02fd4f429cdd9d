//! What the module takes from its host: nothing. References in a schema to other schemas are not
//! fetched, neither from the network nor from a file, so whoever may set schemas does not reach what the
//! server's host can reach.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::net::TcpListener;
use support::Server;

/// A listener would accept a connection, and a file holds a schema that would do.
#[test]
fn a_reference_opens_no_socket_and_reads_no_file() {
    let server = Server::start();
    let mut c = server.conn();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.set_nonblocking(true).expect("no waiting");
    let address = listener.local_addr().expect("its address");
    let file = server.dir().join("schema.json");
    fs::write(&file, "true").expect("a schema in a file");
    let mut tried = 0;
    for uri in [
        format!("http://{address}/schema.json"),
        format!("http://{address}/schema.json#/$defs/a"),
        format!("//{address}/schema.json"),
        format!("https://{address}/"),
        format!("ftp://{address}/schema.json"),
        format!("file://{}", file.display()),
        file.display().to_string(),
        "schema.json".to_owned(), // the server runs in this folder
        "./schema.json".to_owned(),
    ] {
        for schema in [
            format!(r#"{{"$ref":"{uri}"}}"#),
            format!(r#"{{"$dynamicRef":"{uri}"}}"#),
            format!(r#"{{"$schema":"{uri}"}}"#),
            format!(r#"{{"properties":{{"a":{{"$ref":"{uri}"}}}}}}"#),
            format!(r#"{{"$id":"{uri}","$ref":"other.json"}}"#),
        ] {
            let error = c.err(&["SESSION.SCHEMA", "SET", "s", &schema]);
            assert!(error.starts_with("BADSCHEMA "), "{schema}: {error}");
            tried += 1;
        }
        // An address is a name and nothing else: a schema may have one.
        let named = format!(r#"{{"$id":"{uri}","$defs":{{"a":true}},"$ref":"{uri}#/$defs/a"}}"#);
        if c.cmd(&["SESSION.SCHEMA", "SET", "s", &named]).is_ok() {
            c.ok(&["SESSION.SCHEMA", "CHECK", "s", "1"]);
        }
    }
    support::say(&format!("references to elsewhere: {tried} refused"));
    let nobody = listener.accept().map(|(_, from)| from);
    assert!(
        nobody
            .as_ref()
            .is_err_and(|error| error.kind() == ErrorKind::WouldBlock),
        "{nobody:?}"
    );
    assert_eq!(c.ok(&["PING"]).text(), "PONG");
}

/// How many threads the server has, and how many open files of each kind.
fn held(server: &Server) -> (usize, BTreeMap<String, usize>) {
    let of_process = |what: &str| {
        let entries = fs::read_dir(format!("/proc/{}/{what}", server.pid())).expect("the process");
        entries.map(|entry| entry.expect("an entry").path())
    };
    let mut files = BTreeMap::new();
    for file in of_process("fd") {
        // One that was closed since is none.
        let Ok(target) = fs::read_link(file) else {
            continue;
        };
        let target = target.to_string_lossy().into_owned();
        let kind = target.split(['[', '(']).next().unwrap_or_default();
        let kind = kind.rsplit('/').next().unwrap_or_default();
        *files.entry(kind.to_owned()).or_default() += 1;
    }
    (of_process("task").count(), files)
}

#[test]
fn a_server_with_the_module_has_the_threads_and_open_files_of_one_without() {
    let with = Server::start();
    let without = Server::setup().without_module().start();
    let mut c = with.conn();
    let mut other = without.conn();
    let schema = r#"{"properties":{"a":{"pattern":"^(a|b)+$","format":"uri"}}}"#;
    c.ok(&["SESSION.SCHEMA", "SET", "s", schema]);
    for n in 0..100 {
        let data = format!(r#"{{"a":"ab","n":{n}}}"#);
        c.ok(&[
            "SESSION.SET",
            "k:*",
            &data,
            "SCHEMA",
            "s",
            "USER",
            "ada",
            "TOKEN",
        ]);
        other.ok(&["SET", &format!("k:{n}"), &data]);
    }
    c.ok(&["SESSION.LIST", "ada"]);
    c.ok(&["SESSION.REVOKE", "ada"]);
    support::eventually("the same threads and files", || {
        held(&with) == held(&without)
    });
}
