//! Hostile JSON texts.

const MIB: usize = 1 << 20;

fn fill(piece: &str, len: usize) -> String {
    piece.repeat(len / piece.len())
}

/// All texts, each with a name.
pub fn all() -> Vec<(String, Vec<u8>)> {
    let list = |item: fn(usize) -> String, count: usize| {
        (0..count).map(item).collect::<Vec<_>>().join(",")
    };
    let members = |item, count| format!("{{{}}}", list(item, count));
    let mut all: Vec<(&str, Vec<u8>)> = Vec::new();
    let mut add = |name, text: String| all.push((name, text.into_bytes()));
    for depth in [127, 128, 129, 1000, 500_000] {
        add("arrays in arrays", "[".repeat(depth) + &"]".repeat(depth));
    }
    for depth in [64, 65] {
        add(
            "objects in arrays",
            "[{\"a\":".repeat(depth) + "1" + &"}]".repeat(depth),
        );
    }
    for depth in [128, 129] {
        add(
            "objects in objects",
            "{\"\":".repeat(depth) + "1" + &"}".repeat(depth),
        );
    }
    add("brackets without end", fill("[", MIB));
    add("braces without end", fill("{\"a\":", MIB));
    add("closing without opening", fill("]", MIB));
    add(
        "one string of the greatest size",
        format!("\"{}\"", fill("a", MIB - 2)),
    );
    add("one byte more", format!("\"{}\"", fill("a", MIB - 1)));
    add("escapes", format!("\"{}\"", fill("\\u00e9", MIB - 8)));
    add(
        "surrogate pairs",
        format!("\"{}\"", fill("\\ud83d\\ude00", MIB - 12)),
    );
    add("backslashes", format!("\"{}\"", fill("\\\\", MIB - 4)));
    add("a string without end", format!("\"{}", fill("a", MIB - 2)));
    add(
        "an escape without end",
        format!("\"{}\\", fill("a", MIB - 3)),
    );
    add("quotes", fill("\"", MIB));
    add("spaces", fill(" ", MIB));
    add(
        "spaces around",
        format!("{}1{}", fill(" ", MIB / 2 - 1), fill("\n", MIB / 2 - 1)),
    );
    add("digits", fill("7", MIB));
    add("digits of a fraction", format!("0.{}", fill("7", MIB - 2)));
    add("digits of an exponent", format!("1e{}", fill("7", MIB - 2)));
    add(
        "digits of a negative exponent",
        format!("-1e-{}", fill("7", MIB - 4)),
    );
    add("zeros", fill("0", MIB));
    add(
        "nulls in a list",
        format!("[{}null]", fill("null,", MIB - 10)),
    );
    add(
        "empty lists in a list",
        format!("[{}[]]", fill("[],", MIB - 10)),
    );
    add(
        "numbers in a list",
        format!("[{}0]", fill("-0.0e-0,", MIB - 10)),
    );
    add("commas", format!("[{}", fill(",", MIB - 1)));
    add("many members", members(|n| format!("\"{n}\":0"), 90_000));
    add(
        "members, the last twice",
        members(|n| format!("\"{}\":0", n.min(89_998)), 90_000),
    );
    add(
        "members, the first twice",
        members(|n| format!("\"{}\":0", n % 89_999), 90_000),
    );
    add(
        "names that differ late",
        members(|n| format!("\"{:0>90}\":0", n), 10_000),
    );
    add(
        "names that differ early",
        members(|n| format!("\"{:0<90}\":0", n + 10_000), 10_000),
    );
    add(
        "names of one length",
        members(|n| format!("\"a{n:06}z\":0"), 70_000),
    );
    add(
        "small objects",
        format!("[{}0]", fill("{\"a\":1,\"b\":2},", MIB - 20)),
    );
    let twelve = members(|n| format!("\"a{n:02}z\":0"), 12);
    add(
        "objects of twelve alike",
        format!("[{}0]", fill(&format!("{twelve},"), MIB - 200)),
    );
    add(
        "a member twice by an escape",
        "{\"a\":1,\"\\u0061\":2}".into(),
    );
    add(
        "a member twice, deep down",
        "[{\"x\":[{\"a\":1,\"b\":1,\"a\":1}]}]".into(),
    );
    add("an empty name twice", "{\"\":1,\"\":2}".into());
    add(
        "names of one letter, two ways to write it",
        "{\"\u{e9}\":1,\"e\u{301}\":2}".into(),
    );
    for lone in [
        "\\ud800",
        "\\udc00",
        "\\udfff",
        "\\ud800\\ud800",
        "\\udc00\\ud800",
        "\\ud800x",
        "\\ud800\\n",
        "\\ud83d\\u",
        "\\ud83d\\ude0",
        "\\uD800\\u0041",
        "\\u",
        "\\u12",
        "\\ug000",
        "\\x41",
        "\\",
        "\\U0041",
        "\\'",
        "\u{0}",
        "\n",
        "\t",
        "\u{1f}",
    ] {
        add("in a string", format!("\"{lone}\""));
        add("in a name", format!("{{\"{lone}\":1}}"));
    }
    for number in [
        "01",
        "-01",
        "00",
        "-",
        "+1",
        ".5",
        "5.",
        "1e",
        "1e+",
        "1E-",
        "0x10",
        "1_000",
        "١",
        "Infinity",
        "-Infinity",
        "NaN",
        "1e1e1",
        "1.1.1",
        "--1",
        "1-",
        "-0",
        "-0.0",
        "1e400",
        "-1e400",
        "1e-400",
        "1E+0400",
        "18446744073709551616",
        "-9223372036854775809",
        "1e9223372036854775808",
        "0e99999999999999999999",
        "123456789012345678901234567890.123456789012345678901234567890",
    ] {
        add("a number", number.into());
        add("a number in a list", format!("[{number}]"));
    }
    for text in [
        "",
        "\u{feff}1",
        "1\u{feff}",
        "\u{a0}1",
        "\u{2028}1",
        "1\u{0}",
        "\u{0}",
        "{\"a\":\u{0}1}",
        "nul",
        "nulll",
        "True",
        "undefined",
        "'a'",
        "`a`",
        "{a:1}",
        "{1:2}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "[,]",
        "[1,]",
        "[1 2]",
        "{\"a\":1 \"b\":2}",
        "{\"a\",1}",
        "[}",
        "{]",
        "1 2",
        "{}{}",
        "[] []",
        "/*c*/1",
        "1//c",
        "#1",
        "{\"a\":1}}",
        "\u{c}1",
        "\u{b}1",
        "<!-- -->",
        "\"a\"b",
    ] {
        add("a text", text.into());
    }
    let mut all: Vec<_> = all
        .into_iter()
        .map(|(name, text)| (name.to_owned(), text))
        .collect();
    for bad in [
        &b"\xff"[..],
        b"\xc0\x80",
        b"\xc1\xbf",
        b"\xe0\x80\x80",
        b"\xed\xa0\x80",
        b"\xed\xbf\xbf",
        b"\xf0\x80\x80\x80",
        b"\xf4\x90\x80\x80",
        b"\xf8\x88\x80\x80\x80",
        b"\xc3",
        b"\xe2\x82",
        b"\xf0\x9f\x98",
        b"\x80",
        b"\xbf",
        b"\xfe\xff",
        b"\xff\xfe1\0",
    ] {
        all.push(("bytes".into(), bad.to_vec()));
        all.push(("bytes in a string".into(), [b"\"", bad, b"\""].concat()));
        all.push(("bytes in a name".into(), [b"{\"a", bad, b"\":1}"].concat()));
        all.push(("bytes behind all".into(), [b"{} ", bad].concat()));
    }
    let late = [fill("[1],", MIB / 2).as_bytes(), b"\"\xff\""].concat();
    all.push(("bad bytes late".into(), [b"[", &late[..], b"]"].concat()));
    all
}

/// Whether another parser, serde_json, accepts the text; none where its answer does not matter.
pub fn other_opinion(text: &[u8]) -> Option<bool> {
    match serde_json::from_slice::<serde_json::Value>(text) {
        Ok(_) => Some(true),
        // serde_json allows one level less, and no number beyond an f64.
        Err(error) => {
            let why = error.to_string();
            let ours = ["recursion limit exceeded", "number out of range"];
            (!ours.iter().any(|ours| why.starts_with(ours))).then_some(false)
        }
    }
}
