//! The examples of RFC 7396 (JSON Merge Patch), RFC 6902 (JSON Patch) and RFC 6901 (JSON Pointer).

use super::patch::{patched, session};
use support::{Server, Value};

#[test]
fn the_appendix_of_rfc_7396_holds() {
    let server = Server::start();
    let mut c = server.conn();
    // Appendix A, the cases whose patch is an object: SESSION.PATCH takes an array as a JSON Patch.
    for (data, patch, result) in [
        (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
        (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
        (r#"{"a":"b"}"#, r#"{"a":null}"#, "{}"),
        (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
        (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
        (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
        (
            r#"{"a":{"b":"c"}}"#,
            r#"{"a":{"b":"d","c":null}}"#,
            r#"{"a":{"b":"d"}}"#,
        ),
        (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
        (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#),
        ("[1,2]", r#"{"a":"b","c":null}"#, r#"{"a":"b"}"#),
        ("{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
    ] {
        assert_eq!(patched(&mut c, data, patch), result, "{data} + {patch}");
    }
}

#[test]
fn the_appendix_of_rfc_6902_holds() {
    let server = Server::start();
    let mut c = server.conn();
    for (section, data, patch, result) in [
        (
            "A.1",
            r#"{"foo":"bar"}"#,
            r#"[{"op":"add","path":"/baz","value":"qux"}]"#,
            r#"{"foo":"bar","baz":"qux"}"#,
        ),
        (
            "A.2",
            r#"{"foo":["bar","baz"]}"#,
            r#"[{"op":"add","path":"/foo/1","value":"qux"}]"#,
            r#"{"foo":["bar","qux","baz"]}"#,
        ),
        (
            "A.3",
            r#"{"baz":"qux","foo":"bar"}"#,
            r#"[{"op":"remove","path":"/baz"}]"#,
            r#"{"foo":"bar"}"#,
        ),
        (
            "A.4",
            r#"{"foo":["bar","qux","baz"]}"#,
            r#"[{"op":"remove","path":"/foo/1"}]"#,
            r#"{"foo":["bar","baz"]}"#,
        ),
        (
            "A.5",
            r#"{"baz":"qux","foo":"bar"}"#,
            r#"[{"op":"replace","path":"/baz","value":"boo"}]"#,
            r#"{"baz":"boo","foo":"bar"}"#,
        ),
        (
            "A.6",
            r#"{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}"#,
            r#"[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]"#,
            r#"{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}"#,
        ),
        (
            "A.7",
            r#"{"foo":["all","grass","cows","eat"]}"#,
            r#"[{"op":"move","from":"/foo/1","path":"/foo/3"}]"#,
            r#"{"foo":["all","cows","eat","grass"]}"#,
        ),
        (
            "A.8",
            r#"{"baz":"qux","foo":["a",2,"c"]}"#,
            r#"[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]"#,
            r#"{"baz":"qux","foo":["a",2,"c"]}"#,
        ),
        (
            "A.10",
            r#"{"foo":"bar"}"#,
            r#"[{"op":"add","path":"/child","value":{"grandchild":{}}}]"#,
            r#"{"foo":"bar","child":{"grandchild":{}}}"#,
        ),
        (
            "A.11",
            r#"{"foo":"bar"}"#,
            r#"[{"op":"add","path":"/baz","value":"qux","xyz":123}]"#,
            r#"{"foo":"bar","baz":"qux"}"#,
        ),
        (
            "A.14",
            r#"{"/":9,"~1":10}"#,
            r#"[{"op":"test","path":"/~01","value":10}]"#,
            r#"{"/":9,"~1":10}"#,
        ),
        (
            "A.16",
            r#"{"foo":["bar"]}"#,
            r#"[{"op":"add","path":"/foo/-","value":["abc","def"]}]"#,
            r#"{"foo":["bar",["abc","def"]]}"#,
        ),
    ] {
        assert_eq!(patched(&mut c, data, patch), result, "{section}");
    }
    for (section, data, patch, error) in [
        (
            "A.9",
            r#"{"baz":"qux"}"#,
            r#"[{"op":"test","path":"/baz","value":"bar"}]"#,
            "CONFLICT operation 0 (test '/baz')",
        ),
        (
            "A.12",
            r#"{"foo":"bar"}"#,
            r#"[{"op":"add","path":"/baz/bat","value":"qux"}]"#,
            "CONFLICT operation 0 (add '/baz/bat')",
        ),
        (
            "A.13",
            r#"{"foo":"bar"}"#,
            r#"[{"op":"add","path":"/baz","value":"qux","op":"remove"}]"#,
            "BADJSON patch: ",
        ),
        (
            "A.15",
            r#"{"/":9,"~1":10}"#,
            r#"[{"op":"test","path":"/~01","value":"10"}]"#,
            "CONFLICT operation 0 (test '/~01')",
        ),
    ] {
        let key = session(&mut c, data);
        let reply = c.err(&["SESSION.PATCH", &key, patch]);
        assert!(reply.starts_with(error), "{section}: {reply}");
        assert_eq!(c.ok(&["SESSION.GET", &key]).text(), data, "{section}");
        assert_eq!(c.ok(&["SESSION.INFO", &key]).field("version").int(), 1);
    }
}

#[test]
fn the_examples_of_rfc_6901_are_found_by_path() {
    let server = Server::start();
    let mut c = server.conn();
    let data = r#"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}"#;
    let key = session(&mut c, data);
    for (pointer, part) in [
        ("", data),
        ("/foo", r#"["bar","baz"]"#),
        ("/foo/0", r#""bar""#),
        ("/", "0"),
        ("/a~1b", "1"),
        ("/c%d", "2"),
        ("/e^f", "3"),
        ("/g|h", "4"),
        ("/i\\j", "5"),
        ("/k\"l", "6"),
        ("/ ", "7"),
        ("/m~0n", "8"),
    ] {
        assert_eq!(
            c.ok(&["SESSION.GET", &key, "PATH", pointer]).text(),
            part,
            "{pointer}"
        );
    }
    for nothing in [
        "/x", "/foo/2", "/foo/-", "/foo/00", "/foo/bar", "/foo/0/x", "/FOO",
    ] {
        assert!(
            c.ok(&["SESSION.GET", &key, "PATH", nothing]).is_nil(),
            "{nothing}"
        );
    }
    let several = c.ok(&[
        "SESSION.GET",
        &key,
        "NOTOUCH",
        "PATH",
        "/m~0n",
        "/x",
        "/foo/1",
    ]);
    assert_eq!(
        several,
        Value::Array(vec![
            Value::Bulk(b"8".to_vec()),
            Value::Nil,
            Value::Bulk(b"\"baz\"".to_vec())
        ])
    );
    let both = c.ok(&["SESSION.GET", &key, "WITHINFO", "PATH", "/ "]);
    assert_eq!(
        (
            both.items()[0].field("version").int(),
            both.items()[1].text()
        ),
        (1, "7".into())
    );
    for bad in ["foo", "/~", "/~2", "#/foo"] {
        assert!(
            c.err(&["SESSION.GET", &key, "PATH", bad])
                .starts_with("ERR '"),
            "{bad}"
        );
    }
    assert_eq!(c.err(&["SESSION.GET", &key, "PATH"]), "ERR syntax error");
    assert!(c.ok(&["SESSION.GET", "none", "PATH", "/a"]).is_nil());
}
