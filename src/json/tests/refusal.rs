//! Texts that are refused: the reason, and the place in the error.

use super::{read, refused};
use crate::json::{Arena, MAX_DEPTH};

fn assert_refused(text: &str, reason: &str, line: u32, column: u32) {
    let error = refused(text.as_bytes());
    assert_eq!(
        (error.reason, error.line, error.column),
        (reason, line, column),
        "{text:?}"
    );
}

#[test]
fn an_error_says_what_is_wrong_and_where() {
    let error = refused(b"{\n  \"a\": nul\n}");
    assert_eq!(error.to_string(), "expected a value at line 2 column 8");
}

#[test]
fn each_syntax_error_is_reported_at_its_place() {
    for (text, reason, column) in [
        ("", "unexpected end of text", 1),
        ("  ", "unexpected end of text", 3),
        ("[1", "unexpected end of text", 3),
        ("\"a", "unexpected end of text", 3),
        ("\"a\\", "unexpected end of text", 4),
        ("-", "unexpected end of text", 2),
        ("1.", "unexpected end of text", 3),
        ("1e+", "unexpected end of text", 4),
        ("{\"a\"", "unexpected end of text", 5),
        ("x", "expected a value", 1),
        ("[1,]", "expected a value", 4),
        ("[,1]", "expected a value", 2),
        ("+1", "expected a value", 1),
        (".5", "expected a value", 1),
        ("NaN", "expected a value", 1),
        ("True", "expected a value", 1),
        ("'a'", "expected a value", 1),
        ("tru", "expected a value", 1),
        ("\u{b}1", "expected a value", 1),
        ("\u{a0}1", "expected a value", 1),
        ("[1 2]", "expected ',' or ']'", 4),
        ("[1}", "expected ',' or ']'", 3),
        ("{\"a\":1]", "expected ',' or '}'", 7),
        ("{\"a\":1,}", "expected a member name", 8),
        ("{a:1}", "expected a member name", 2),
        ("{1:1}", "expected a member name", 2),
        ("{\"a\" 1}", "expected ':'", 6),
        ("1 2", "text after the value", 3),
        ("{}}", "text after the value", 3),
        ("1\0", "text after the value", 2),
        ("// a\n1", "expected a value", 1),
        ("01", "number with a leading zero", 1),
        ("-00", "number with a leading zero", 2),
        ("0x1", "text after the value", 2),
        ("-a", "expected a digit", 2),
        ("1.e1", "expected a digit", 3),
        ("1e.1", "expected a digit", 3),
        ("\"a\nb\"", "control character in a string", 3),
        ("\"a\u{1f}b\"", "control character in a string", 3),
        ("\"\0\"", "control character in a string", 2),
        ("\"\\a\"", "invalid escape", 3),
        ("\"\\u12g4\"", "invalid escape", 6),
        ("\"\\U0041\"", "invalid escape", 3),
    ] {
        assert_refused(text, reason, 1, column);
    }
}

#[test]
fn lines_end_at_a_line_feed_and_columns_count_characters() {
    assert_refused("\n\n  x", "expected a value", 3, 3);
    assert_refused("[\r\nx", "expected a value", 2, 1);
    assert_refused("[\"äö😀\", x", "expected a value", 1, 9);
    assert_refused("[1,\n", "unexpected end of text", 2, 1);
}

#[test]
fn invalid_utf_8_is_refused_at_its_first_byte() {
    for text in [
        &b"[\"\xff\"]"[..],
        b"[\"\xc0\x80\"]",
        b"[\"\xed\xa0\x80\"]",
        b"[\"\xf4\x90\x80\x80\"]",
        b"[\"\xe4",
    ] {
        let error = refused(text);
        assert_eq!((error.reason, error.column), ("invalid UTF-8", 3));
        // At every place in the blocks that are checked at once, near the end and far from it.
        for before in 0..150_u32 {
            for behind in [0, 1, 80] {
                let long = [
                    &text[..2],
                    &vec![b'x'; before as usize],
                    &text[2..],
                    &vec![b'x'; behind],
                ];
                let error = refused(&long.concat());
                let expected = ("invalid UTF-8", before + 3);
                assert_eq!((error.reason, error.column), expected, "{before} {behind}");
            }
        }
    }
    assert_eq!(refused("[\"ä\u{7f}".as_bytes()).column, 5);
}

#[test]
fn a_byte_order_mark_is_refused() {
    assert_refused("\u{feff}{}", "byte order mark", 1, 1);
    assert_refused("\u{feff}", "byte order mark", 1, 1);
    assert_eq!(read("\"\u{feff}\""), "\u{feff}");
}

#[test]
fn a_lone_surrogate_is_refused_where_its_escape_begins() {
    for text in [
        r#""a\ud800""#,
        r#""a\udbff\n""#,
        r#""a\ud800\ud800""#,
        r#""a\ud800A""#,
        r#""a\udc00""#,
        r#""a\udfff\ud800""#,
        r#""a\uD83Dx""#,
    ] {
        assert_refused(text, "lone surrogate", 1, 3);
    }
}

#[test]
fn containers_nest_128_deep_and_no_deeper() {
    assert_eq!(MAX_DEPTH, 128);
    let nested = |open: &str, inner: &str, close: &str, depth: usize| {
        format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
    };
    let mut arena = Arena::new();
    for (open, inner, close) in [("[", "", "]"), ("[", "1", "]"), ("{\"a\":", "1", "}")] {
        let deepest = nested(open, inner, close, 128);
        assert!(arena.parse(deepest.as_bytes()).is_ok());
        let error = refused(nested(open, inner, close, 129).as_bytes());
        assert_eq!(error.reason, "nested deeper than 128 levels");
        assert_eq!(error.column as usize, 128 * open.len() + 1);
    }
    // A megabyte of open brackets: the parser does not recurse, so the stack cannot overflow.
    assert_eq!(refused(&vec![b'['; 1 << 20]).column, 129);
}

#[test]
fn many_containers_beside_each_other_are_not_deep() {
    let text = format!("[{}[]]", "[{}],".repeat(1000));
    assert_eq!(read(&text).as_array().map(Vec::len), Some(1001));
}

#[test]
fn a_duplicate_member_name_is_refused_at_its_second_place() {
    let reason = "duplicate member name";
    assert_refused(r#"{"a":1,"a":1}"#, reason, 1, 8);
    assert_refused(r#"{"":1,"":2}"#, reason, 1, 7);
    assert_refused(r#"{"a":{"a":1,"b":[],"a":2}}"#, reason, 1, 20);
    assert_refused("{\"a\":1,\n\"b\":{},\"a\":1}", reason, 2, 8);
    // A duplicate is reported before an error behind it.
    assert_refused(r#"{"a":1,"a" 1}"#, reason, 1, 8);
    assert_refused(r#"{"a":1,"a"#, "unexpected end of text", 1, 10);
}

#[test]
fn names_are_compared_after_unescaping() {
    let reason = "duplicate member name";
    assert_refused(r#"{"a":1,"\u0061":2}"#, reason, 1, 8);
    assert_refused(r#"{"\u00e9":1,"é":2}"#, reason, 1, 13);
    assert_refused(r#"{"/":1,"\/":2}"#, reason, 1, 8);
    // These look equal but differ in code points, which RFC 8259 compares.
    assert_eq!(
        read("{\"é\":1,\"e\u{301}\":2}").as_object().unwrap().len(),
        2
    );
}

#[test]
fn duplicates_are_found_in_objects_of_every_size() {
    for size in [2, 11, 12, 13, 14, 100, 1000] {
        for (first, second) in [(0, size - 1), (0, 1), (size - 2, size - 1)] {
            let name = |at: usize| if at == second { first } else { at };
            let members: Vec<_> = (0..size)
                .map(|at| format!("\"k{}\":{at}", name(at)))
                .collect();
            let text = format!("{{{}}}", members.join(","));
            let place = text.rfind(&format!("\"k{first}\":")).unwrap() as u32 + 1;
            assert_refused(&text, "duplicate member name", 1, place);
        }
    }
}

#[test]
fn different_names_with_the_same_key_are_no_duplicates() {
    // A short name's key is its bytes, with NULs behind them.
    let many: String = (0..20).map(|at| format!(",\"{at}\":0")).collect();
    for rest in ["", &many] {
        let text = format!(r#"{{"a":1,"a\u0000":2{rest}}}"#);
        assert_eq!(read(&text)["a\0"], 2);
        let text = format!(r#"{{"a":1,"a\u0000":2{rest},"a":3}}"#);
        assert_eq!(refused(text.as_bytes()).reason, "duplicate member name");
    }
}

#[test]
fn the_same_name_in_different_objects_is_fine() {
    read(r#"{"a":{"a":{"a":1},"b":{"a":1}},"c":[{"a":1},{"a":1}]}"#);
}

#[test]
fn names_made_to_look_alike_cost_no_more_than_sorting() {
    // All names have the same length and the same first and last character.
    let members: Vec<_> = (0..50_000).map(|at| format!("\"a{at:08}a\":0")).collect();
    let text = format!("{{{}}}", members.join(","));
    assert_eq!(read(&text).as_object().unwrap().len(), 50_000);
}
