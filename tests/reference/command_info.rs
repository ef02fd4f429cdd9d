//! COMMAND DOCS, INFO, LIST, GETKEYS and GETKEYSANDFLAGS agree with the command table.

use crate::categories::Categories;
use crate::table::samples::{self, Values};
use crate::table::{self, entries, facts, Entry};
use redis_session::table::{ArgSpec, Kind, Repeat, Spec};
use std::collections::BTreeSet;
use support::{Conn, Server, Value};

/// A list of words as a set, since RESP2 has an array in some order where RESP3 has a set.
#[track_caller]
fn words(value: &Value) -> BTreeSet<String> {
    let words = value.texts();
    let set: BTreeSet<_> = words.iter().cloned().collect();
    assert_eq!(set.len(), words.len(), "something twice: {words:?}");
    set
}

fn set(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn both_protocols(server: &Server) -> [Conn; 2] {
    [server.conn(), server.conn3()].map(|mut conn| {
        conn.see_internal_commands();
        conn
    })
}

/// Whether this server's COMMAND DOCS has display texts, by the entry of core's GET.
fn has_display_texts(conn: &mut Conn) -> bool {
    let docs = conn.ok(&["COMMAND", "DOCS", "GET"]).field("get");
    let key = docs.field("arguments").items()[0].pairs();
    key.iter().any(|(field, _)| field == "display_text")
}

#[test]
fn docs_say_what_the_table_says() {
    let server = Server::start();
    for mut conn in both_protocols(&server) {
        let display = has_display_texts(&mut conn);
        for entry in entries().into_iter().filter(|entry| entry.parent.is_none()) {
            let name = entry.full_name();
            let reply = conn.ok(&["COMMAND", "DOCS", &name]);
            assert_eq!(reply.pairs().len(), 1, "{name}");
            same_docs(&name, &reply.field(&name), entry.spec, display);
        }
    }
}

/// COMMAND DOCS also takes the full name of a subcommand.
#[test]
fn docs_know_subcommands_by_their_names() {
    let server = Server::start();
    for mut conn in both_protocols(&server) {
        let display = has_display_texts(&mut conn);
        for entry in entries().into_iter().filter(|entry| entry.parent.is_some()) {
            let name = entry.full_name();
            let reply = conn.ok(&["COMMAND", "DOCS", &name]);
            same_docs(&name, &reply.field(&name), entry.spec, display);
        }
    }
}

#[track_caller]
fn same_docs(name: &str, docs: &Value, spec: &Spec, display: bool) {
    let mut fields = vec!["summary", "since", "group", "complexity", "module"];
    if !spec.args.is_empty() {
        fields.push("arguments");
    }
    if !spec.subcommands.is_empty() {
        fields.push("subcommands");
    }
    if !spec.history.is_empty() {
        fields.push("history");
        let is = docs.field("history");
        let is: Vec<_> = is.items().iter().map(Value::texts).collect();
        let wanted = spec
            .history
            .iter()
            .map(|change| [change.since, change.what]);
        assert_eq!(is, wanted.map(Vec::from).collect::<Vec<_>>(), "{name}");
    }
    let is: BTreeSet<_> = docs.pairs().into_iter().map(|(field, _)| field).collect();
    assert_eq!(is, set(&fields), "{name}");
    assert_eq!(docs.field("summary").text(), spec.summary, "{name}");
    assert_eq!(docs.field("complexity").text(), spec.complexity, "{name}");
    assert_eq!(docs.field("since").text(), spec.since, "{name}");
    assert_eq!(docs.field("group").text(), "module", "{name}");
    assert_eq!(docs.field("module").text(), "session", "{name}");
    if !spec.args.is_empty() {
        same_args(name, &docs.field("arguments"), spec.args, display);
    }
    if !spec.subcommands.is_empty() {
        let subcommands = docs.field("subcommands");
        assert_eq!(subcommands.pairs().len(), spec.subcommands.len(), "{name}");
        for sub in spec.subcommands {
            let full = format!("{}|{}", spec.name, sub.name);
            same_docs(&full, &subcommands.field(&full), sub, display);
        }
    }
}

#[track_caller]
fn same_args(at: &str, is: &Value, wanted: &[ArgSpec], display: bool) {
    assert_eq!(is.items().len(), wanted.len(), "{at}");
    let mut keys = 0;
    for (is, arg) in is.items().iter().zip(wanted) {
        let at = format!("{at} {}", arg.name);
        let (kind, sub): (_, &[ArgSpec]) = match arg.kind {
            Kind::Key => ("key", &[]),
            Kind::String => ("string", &[]),
            Kind::Integer => ("integer", &[]),
            Kind::UnixTime => ("unix-time", &[]),
            Kind::Token => ("pure-token", &[]),
            Kind::OneOf(sub) => ("oneof", sub),
            Kind::Block(sub) => ("block", sub),
        };
        let mut fields = vec!["name", "type"];
        assert_eq!(is.field("name").text(), arg.name, "{at}");
        assert_eq!(is.field("type").text(), kind, "{at}");
        if display && sub.is_empty() {
            fields.push("display_text");
            let shown = arg.display.unwrap_or(arg.name);
            assert_eq!(is.field("display_text").text(), shown, "{at}");
        }
        if matches!(arg.kind, Kind::Key) {
            fields.push("key_spec_index");
            assert_eq!(is.field("key_spec_index").int(), keys, "{at}");
            keys += 1;
        }
        if let Some(token) = arg.token {
            fields.push("token");
            assert_eq!(is.field("token").text(), token, "{at}");
        }
        if let Some(since) = arg.since {
            fields.push("since");
            assert_eq!(is.field("since").text(), since, "{at}");
        }
        let mut flags = BTreeSet::new();
        flags.extend(arg.optional.then_some("optional".to_owned()));
        flags.extend((arg.repeat != Repeat::No).then_some("multiple".to_owned()));
        flags.extend((arg.repeat == Repeat::WithToken).then_some("multiple_token".to_owned()));
        if !flags.is_empty() {
            fields.push("flags");
            assert_eq!(words(&is.field("flags")), flags, "{at}");
        }
        if !sub.is_empty() {
            fields.push("arguments");
            same_args(&at, &is.field("arguments"), sub, display);
        }
        let is: BTreeSet<_> = is.pairs().into_iter().map(|(field, _)| field).collect();
        assert_eq!(is, set(&fields), "{at}");
    }
}

#[test]
fn info_says_what_the_table_says() {
    let server = Server::start();
    let categories = Categories::of(&server);
    for mut conn in both_protocols(&server) {
        for entry in entries() {
            let name = entry.full_name();
            let reply = conn.ok(&["COMMAND", "INFO", &name]);
            assert_eq!(reply.items().len(), 1, "{name}");
            same_info(entry, &reply.items()[0], categories);
            if entry.is_container() {
                let subs = reply.items()[0].items()[9].items();
                assert_eq!(subs.len(), entry.spec.subcommands.len(), "{name}");
                for sub in subs {
                    let name = sub.items()[0].text();
                    same_info(table::entry(&name), sub, categories);
                }
            }
        }
    }
}

fn at_sign(categories: BTreeSet<String>) -> BTreeSet<String> {
    categories.iter().map(|name| format!("@{name}")).collect()
}

#[track_caller]
fn same_info(entry: Entry, is: &Value, categories: Categories) {
    let (name, spec) = (entry.full_name(), entry.spec);
    let is = is.items();
    assert_eq!(is.len(), 10, "{name}");
    assert_eq!(is[0].text(), name);
    assert_eq!(is[1].int(), i64::from(spec.arity), "{name}");
    let flags = [facts::flags(spec), vec!["module"]].concat();
    let mut is_flags = words(&is[2]);
    if entry.is_internal() {
        // Redis 8, which hides these commands, also keeps them from scripts.
        is_flags.remove("noscript");
    }
    assert_eq!(is_flags, set(&flags), "{name}");
    let ranges = spec.keys.ranges();
    let words_of_name = if entry.parent.is_some() { 2 } else { 1 };
    // The first key, the last key and the step, for clients from before 7.0.
    let span = match (ranges.first(), ranges.last()) {
        (Some(first), Some(last)) => {
            let end = if last.last < 0 {
                last.last
            } else {
                words_of_name + last.first + last.last
            };
            [words_of_name + first.first, end, 1]
        }
        _ => [0, 0, 0],
    };
    let is_span: Vec<_> = is[3..6].iter().map(Value::int).collect();
    assert_eq!(is_span, span.map(i64::from), "{name}");
    assert_eq!(
        words(&is[6]),
        at_sign(categories.of_command(spec)),
        "{name}"
    );
    assert_eq!(words(&is[7]), set(&facts::words(spec.tips)), "{name}");
    assert_eq!(is[8].items().len(), ranges.len(), "{name}");
    for (is, range) in is[8].items().iter().zip(&ranges) {
        assert_eq!(
            words(&is.field("flags")),
            set(&facts::key_flags(range)),
            "{name}"
        );
        let begin = is.field("begin_search");
        assert_eq!(begin.field("type").text(), "index", "{name}");
        let index = begin.field("spec").field("index").int();
        assert_eq!(index, i64::from(words_of_name + range.first), "{name}");
        let find = is.field("find_keys");
        assert_eq!(find.field("type").text(), "range", "{name}");
        let find = find.field("spec");
        assert_eq!(find.field("lastkey").int(), i64::from(range.last), "{name}");
        assert_eq!(find.field("keystep").int(), 1, "{name}");
        assert_eq!(find.field("limit").int(), 0, "{name}");
    }
}

/// The server has exactly the commands of the table, and the one that builds for tests have.
#[test]
fn the_server_lists_just_the_commands_of_the_table() {
    let server = Server::start();
    let list = ["COMMAND", "LIST", "FILTERBY", "MODULE", "session"];
    let mut c = server.conn();
    let for_clients = words(&c.ok(&list));
    let hides = c.see_internal_commands();
    let mut listed = words(&c.ok(&list));
    assert_eq!(for_clients.contains("session._put"), !hides);
    // A build for tests has one command more, which is in no release.
    listed.remove("session._test");
    let wanted: BTreeSet<_> = entries().iter().map(|entry| entry.full_name()).collect();
    assert_eq!(listed, wanted);
}

/// Arguments for a command: each key has another name, and everything else is "1".
struct KeyNames;

impl Values for KeyNames {
    fn value(&self, arg: &ArgSpec, other: bool) -> String {
        match arg.kind {
            Kind::Key => format!("{}:{}", arg.name, u8::from(other)),
            _ => "1".into(),
        }
    }
}

#[test]
fn getkeys_finds_the_keys_and_what_is_done_to_them() {
    let server = Server::start();
    for mut conn in both_protocols(&server) {
        for entry in entries().into_iter().filter(|entry| !entry.is_container()) {
            let name = entry.full_name();
            let mut call: Vec<String> = vec!["COMMAND".into(), "GETKEYS".into()];
            call.extend(entry.words());
            call.extend(samples::positional(entry, &KeyNames));
            // Options declare no keys.
            for choice in samples::choices(entry, &KeyNames) {
                call.extend(choice.words);
            }
            let args = &call[2 + entry.words().len()..];
            let mut wanted = Vec::new();
            for range in entry.spec.keys.ranges() {
                let first = usize::try_from(range.first).expect("a place");
                let last = match range.last {
                    0 => first,
                    from_the_end => args.len() - usize::try_from(-from_the_end).expect("a place"),
                };
                let keys = &args[first..=last];
                wanted.extend(
                    keys.iter()
                        .map(|key| (key.clone(), facts::key_flags(&range))),
                );
            }
            let reply = conn.cmd(&call);
            call[1] = "GETKEYSANDFLAGS".into();
            let with_flags = conn.cmd(&call);
            if wanted.is_empty() {
                let none = Some("ERR The command has no key arguments");
                assert_eq!(reply.error(), none, "{name}");
                assert_eq!(with_flags.error(), none, "{name}");
                continue;
            }
            let keys: Vec<_> = wanted.iter().map(|(key, _)| key.clone()).collect();
            assert_eq!(reply.texts(), keys, "{name}");
            let is: Vec<_> = with_flags
                .items()
                .iter()
                .map(|pair| (pair.items()[0].text(), words(&pair.items()[1])))
                .collect();
            let wanted: Vec<_> = wanted
                .iter()
                .map(|(key, flags)| (key.clone(), set(flags)))
                .collect();
            assert_eq!(is, wanted, "{name}");
        }
    }
}

/// All keys of a command are found.
#[test]
fn getkeys_finds_each_of_several_keys() {
    let server = Server::start();
    let keys = |call: &[&str]| server.ok(&[&["COMMAND", "GETKEYS"], call].concat()).texts();
    assert_eq!(keys(&["SESSION.DEL", "a", "b", "c"]), ["a", "b", "c"]);
    assert_eq!(
        keys(&["session.rotate", "a", "b*", "GRACE", "5"]),
        ["a", "b*"]
    );
    assert_eq!(keys(&["SESSION.GET", "a", "PATH", "/b", "/c"]), ["a"]);
    assert_eq!(keys(&["SESSION.SET", "a:*", "{}", "USER", "b"]), ["a:*"]);
}
