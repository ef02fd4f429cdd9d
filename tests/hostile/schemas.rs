//! Hostile schemas, each with the data that costs the most to check.

/// The divisor of all sizes. Full sizes are for a release build, or with `HOSTILE_FULL` in the
/// environment (for a `REDIS_SESSION_MODULE` of the release profile); else they would take minutes.
pub fn part() -> usize {
    if cfg!(debug_assertions) && std::env::var_os("HOSTILE_FULL").is_none() {
        32
    } else {
        1
    }
}

fn mib() -> usize {
    (1 << 20) / part()
}

/// A count of 1000 or more, divided.
fn scaled(count: usize) -> usize {
    if count < 1000 {
        count
    } else {
        count / part()
    }
}

pub struct Case {
    pub kind: String,
    pub schema: String,
    pub data: String,
    /// Whether SESSION.SCHEMA SET must refuse it.
    pub refused: bool,
}

fn list(item: impl Fn(usize) -> String, count: usize) -> String {
    (0..scaled(count)).map(item).collect::<Vec<_>>().join(",")
}

fn members(item: impl Fn(usize) -> String, count: usize) -> String {
    format!("{{{}}}", list(item, count))
}

fn elements(item: impl Fn(usize) -> String, count: usize) -> String {
    format!("[{}]", list(item, count))
}

fn nested(open: &str, middle: &str, close: &str, depth: usize) -> String {
    open.repeat(depth) + middle + &close.repeat(depth)
}

pub fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut case = |kind: &str, schema: String, data: String, refused: bool| {
        cases.push(Case {
            kind: kind.to_owned(),
            schema,
            data,
            refused,
        });
    };
    references(&mut case);
    patterns(&mut case);
    sizes(&mut case);
    applicators(&mut case);
    cases
}

type Add<'a> = &'a mut dyn FnMut(&str, String, String, bool);

fn references(add: Add<'_>) {
    for uri in [
        "http://127.0.0.1:1/s.json",
        "https://example.com/s",
        "http://json-schema.org/none",
        "file:///etc/passwd",
        "/etc/passwd",
        "../../etc/passwd",
        "//example.com/s",
        "ftp://x/y",
        "urn:a:b",
        "data:application/json,{}",
        "json-schema:///other",
        "#/no/such",
        "#none",
        "%00",
        "",
    ] {
        for keyword in ["$ref", "$dynamicRef"] {
            let schema = format!(r#"{{"properties":{{"a":{{"{keyword}":"{uri}"}}}}}}"#);
            add(
                &format!("{keyword} to '{uri}'"),
                schema,
                r#"{"a":1}"#.into(),
                !uri.is_empty(),
            );
        }
        let schema = format!(r#"{{"$schema":"{uri}"}}"#);
        add(&format!("$schema '{uri}'"), schema, "1".into(), true);
        let schema = format!(r#"{{"$id":"{uri}","$ref":"other.json"}}"#);
        add(
            &format!("$id '{uri}', a relative $ref"),
            schema,
            "1".into(),
            true,
        );
    }
    let loops = [
        ("to itself", r##"{"$ref":"#"}"##),
        ("to itself by not", r##"{"not":{"$ref":"#"}}"##),
        (
            "to itself by allOf",
            r##"{"allOf":[{"$ref":"#"},{"$ref":"#"}]}"##,
        ),
        (
            "to itself by anyOf",
            r##"{"type":"string","anyOf":[{"$ref":"#"},{"$ref":"#"}]}"##,
        ),
        (
            "by if",
            r##"{"if":{"$ref":"#"},"then":{"$ref":"#"},"else":{"$ref":"#"}}"##,
        ),
        (
            "of two",
            r##"{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}"##,
        ),
        (
            "by dependentSchemas",
            r##"{"dependentSchemas":{"a":{"$ref":"#"}}}"##,
        ),
        (
            "by a dynamic anchor",
            r##"{"$dynamicAnchor":"a","$dynamicRef":"#a"}"##,
        ),
    ];
    for (kind, schema) in loops {
        add(
            &format!("$ref {kind}"),
            schema.into(),
            r#"{"a":1}"#.into(),
            false,
        );
    }
    let deep = nested("{\"a\":[", "1", "]}", 63);
    let tree = r##"{"properties":{"a":{"$ref":"#"}},"items":{"$ref":"#"}}"##;
    add("$ref down the data", tree.into(), deep.clone(), false);
    let twice = r##"{"properties":{"a":{"allOf":[{"$ref":"#"},{"$ref":"#"}]}},"items":{"allOf":[{"$ref":"#"},{"$ref":"#"}]}}"##;
    add("$ref twice down the data", twice.into(), deep, false);
    for (keyword, ways) in [("anyOf", 2), ("allOf", 2), ("oneOf", 3), ("anyOf", 10)] {
        let step = |n: usize| {
            let next = elements(|_| format!("{{\"$ref\":\"#/$defs/d{}\"}}", n + 1), ways);
            format!("\"d{n}\":{{\"{keyword}\":{next}}}")
        };
        let steps = list(step, 30);
        let schema =
            format!(r##"{{"$defs":{{{steps},"d30":{{"type":"string"}}}},"$ref":"#/$defs/d0"}}"##);
        add(
            &format!("30 steps of {ways} ways by {keyword}"),
            schema,
            "1".into(),
            true,
        );
    }
    let step = |n: usize| format!("\"d{n}\":{{\"$ref\":\"#/$defs/d{}\"}}", n + 1);
    let schema = format!(
        r##"{{"$defs":{{{},"d{}":{{}}}},"$ref":"#/$defs/d0"}}"##,
        list(step, 9999),
        scaled(9999)
    );
    add("10,000 references in a row", schema, "1".into(), true);
    let schema = format!(
        "{{\"$defs\":{{\"a\":{{\"type\":\"string\"}}}},\"properties\":{}}}",
        members(|n| format!("\"p{n}\":{{\"$ref\":\"#/$defs/a\"}}"), 25_000)
    );
    let data = members(|n| format!("\"p{n}\":1"), 25_000);
    add("25,000 references to one", schema, data, false);
    let id = nested("{\"$id\":\"a/\",\"items\":", "{}", "}", 100);
    add("an $id in an $id", id, "[]".into(), false);
    let id = format!(
        "{{\"$defs\":{}}}",
        members(|n| format!("\"{n}\":{{\"$id\":\"http://x/{n}\"}}"), 25_000)
    );
    add("25,000 of $id", id, "1".into(), false);
    let id = format!("{{\"$id\":\"http://x/{}\"}}", "a".repeat(mib() - 100));
    add("a long $id", id, "1".into(), true);
    let reference = format!("{{\"$ref\":\"#/{}\"}}", "%25".repeat(mib() / 3 - 100));
    add("a long $ref", reference, "1".into(), true);
    let same = format!(
        "{{\"$defs\":{}}}",
        members(|n| format!("\"{n}\":{{\"$anchor\":\"a\"}}"), 1000)
    );
    add("an anchor a thousand times", same, "1".into(), false);
}

fn patterns(add: Add<'_>) {
    let letters = format!("\"{}!\"", "a".repeat(mib() - 3));
    let pattern = |text: &str| {
        let text = serde_json::Value::from(text);
        format!("{{\"pattern\":{text},\"type\":\"string\"}}")
    };
    for text in [
        "(a+)+$",
        "(a|a)*b",
        "(a|aa)+$",
        "^(.*)*(.*)*(.*)*c$",
        "(.*a){20}",
        "(.*a){200}",
        "(x{100}){100}",
        "(x{1000}){1000}",
        "((a{0,100}){0,100}){0,100}",
        r"\p{L}{500}",
        r"[\w\p{L}]{1,1000}$",
        "(a?){500}a{500}",
        "(a?){5000}a{5000}",
        "(?=a)",
        "(?<=a)b",
        r"(a)\1",
        "(?<n>a)\\k<n>",
        "[",
        "(",
        "a{99999999999}",
        "^[^@]+@[^@]+$",
        "(^|.)*$",
        r"(\b|\B)*",
        "(?i)\u{e9}{300}",
        r"(a.{1,100}){10}b",
        ".*.*.*.*.*.*.*.*.*.*=x",
        r"[^\u0000-\uffff]*x",
        "",
        "|||||||||",
    ] {
        add(
            &format!("pattern {text}"),
            pattern(text),
            letters.clone(),
            false,
        );
    }
    add(
        "a nested pattern",
        pattern(&nested("(", "a", ")*", 5000)),
        letters.clone(),
        false,
    );
    add(
        "a long pattern",
        pattern(&"ab|".repeat(scaled(100_000))),
        letters.clone(),
        false,
    );
    add(
        "a pattern of letters",
        pattern(&"a".repeat(mib() / 2)),
        letters.clone(),
        false,
    );
    let schema = format!(
        "{{\"allOf\":{}}}",
        elements(|n| format!("{{\"pattern\":\"(a|b{n})*c\"}}"), 1000)
    );
    add("1000 patterns for a string", schema, letters.clone(), false);
    let data = members(|n| format!("\"member{n}\":{n}"), 50_000);
    for (kind, count) in [("100", 100), ("2000", 2000), ("20,000", 20_000)] {
        let schema = format!(
            "{{\"patternProperties\":{}}}",
            members(|n| format!("\"(a|r){n}$\":{{\"type\":\"string\"}}"), count)
        );
        add(
            &format!("{kind} patterns, 50,000 members"),
            schema,
            data.clone(),
            false,
        );
    }
    let long = format!("{{\"{}!\":1}}", "a".repeat(mib() - 10));
    let schema = r#"{"patternProperties":{"(a|a)*b":false,"^(.*a){20}$":false},"propertyNames":{"pattern":"(a+)+$"}}"#;
    add("patterns, a long name", schema.into(), long, false);
    for format in [
        "regex",
        "date-time",
        "date",
        "time",
        "duration",
        "email",
        "idn-email",
        "hostname",
        "idn-hostname",
        "ipv4",
        "ipv6",
        "uri",
        "uri-reference",
        "iri",
        "iri-reference",
        "uuid",
        "uri-template",
        "json-pointer",
        "relative-json-pointer",
    ] {
        let schema = format!(
            r#"{{"$schema":"http://json-schema.org/draft-07/schema#","items":{{"format":"{format}"}}}}"#
        );
        let strings = [
            "a", "(", "[a", "\u{e9}.", "xn--a.", "1", "a@", "a.", "%41", "~1", ":", "{a}/", "P1",
        ];
        let strings =
            strings.map(|piece| format!("\"{}\"", piece.repeat(scaled(70_000) / piece.len())));
        add(
            &format!("format {format}"),
            schema,
            format!("[{}]", strings.join(",")),
            false,
        );
    }
    for (encoding, media) in [
        ("base64", ""),
        ("", "application/json"),
        ("base64", "application/json"),
    ] {
        let schema = format!(
            r#"{{"$schema":"http://json-schema.org/draft-07/schema#","contentEncoding":"{encoding}","contentMediaType":"{media}"}}"#
        );
        for piece in ["[", "W1tb"] {
            let data = format!("\"{}\"", piece.repeat(mib() / piece.len() - 1));
            add(
                &format!("content {encoding} {media}"),
                schema.clone(),
                data,
                false,
            );
        }
    }
}

fn sizes(add: Add<'_>) {
    for (kind, value) in [
        ("integers", "{n}"),
        ("strings", "\"value{n}\""),
        ("objects", "{\"a\":{n}}"),
        ("lists", "[[{n}]]"),
        ("decimals", "{n}.5e-7"),
    ] {
        let schema = format!(
            "{{\"items\":{{\"enum\":{}}}}}",
            elements(|n| value.replace("{n}", &format!("{n}")), 60_000)
        );
        let data = elements(|n| value.replace("{n}", &format!("{}", n + 60_001)), 40_000);
        add(&format!("enum of 60,000 {kind}"), schema, data, false);
    }
    let long = format!("[{}]", "1,".repeat(mib() / 2 - 20) + "2");
    add(
        "a large const",
        format!("{{\"const\":{}}}", &long[..]).replace("2]", "3]"),
        long,
        false,
    );
    for bound in [
        "1e308",
        "1e400",
        "-1e400",
        "1e-400",
        "1e999999999",
        "99999999999999999999",
        "0.1",
        "5e-324",
        "-1",
        "1.5",
    ] {
        for keyword in [
            "maximum",
            "exclusiveMinimum",
            "multipleOf",
            "maxLength",
            "minItems",
            "maxProperties",
            "minContains",
        ] {
            let schema = format!(
                "{{\"contains\":{{}},\"{keyword}\":{bound},\"items\":{{\"{keyword}\":{bound}}}}}"
            );
            let data = r#"[1e308,1e400,-1e-400,18446744073709551616,0.30000000000000004,"a",{}]"#;
            add(&format!("{keyword} {bound}"), schema, data.into(), false);
        }
    }
    let digits = "7".repeat(mib() / 2);
    for keyword in ["maximum", "multipleOf", "const"] {
        add(
            &format!("{keyword} of half a million digits"),
            format!("{{\"{keyword}\":{digits}}}"),
            digits.clone(),
            false,
        );
        add(
            &format!("{keyword}, data of half a million digits"),
            format!("{{\"{keyword}\":0.7}}"),
            format!("0.{digits}"),
            false,
        );
    }
    for depth in [60, 64, 120, 127] {
        add(
            &format!("{depth} of not"),
            nested("{\"not\":", "{}", "}", depth),
            "1".into(),
            false,
        );
        add(
            &format!("{depth} of items"),
            nested("{\"items\":", "false", "}", depth),
            nested("[", "1", "]", 128),
            false,
        );
    }
    add(
        "64 of properties",
        nested("{\"properties\":{\"a\":", "{}", "}}", 63),
        nested("{\"a\":", "1", "}", 128),
        false,
    );
    add(
        "too deep",
        nested("{\"items\":", "{}", "}", 300),
        "1".into(),
        true,
    );
    for (kind, item) in [
        ("integers", "{n}"),
        ("objects", "{\"a\":1,\"b\":{n}}"),
        ("lists", "[[],{n}]"),
        ("strings", "\"{n}\""),
        ("decimals", "{n}.0"),
        ("large numbers", "1{n}0000000000000000000000"),
        ("exponents", "1e{n}"),
    ] {
        let data = elements(|n| item.replace("{n}", &format!("{n}")), 60_000);
        let data = if data.len() > mib() {
            elements(|n| item.replace("{n}", &format!("{n}")), 20_000)
        } else {
            data
        };
        add(
            &format!("uniqueItems of {kind}"),
            "{\"uniqueItems\":true}".into(),
            data,
            false,
        );
    }
    let digits = "1".repeat(mib() / 3);
    add(
        "uniqueItems of long ones",
        "{\"uniqueItems\":true}".into(),
        format!("[{digits},{digits}.0]"),
        false,
    );
    let lists = elements(|n| elements(|m| format!("{}", n * m), 10), 20_000);
    add(
        "uniqueItems at two levels",
        "{\"uniqueItems\":true,\"items\":{\"uniqueItems\":true}}".into(),
        lists,
        false,
    );
    let names = members(|n| format!("\"n{n}\":{{\"type\":\"string\"}}"), 30_000);
    let schema = format!("{{\"properties\":{names},\"additionalProperties\":false}}");
    add(
        "30,000 properties",
        schema,
        members(|n| format!("\"m{n}\":1"), 60_000),
        false,
    );
    let schema = format!(
        "{{\"required\":{}}}",
        elements(|n| format!("\"r{n}\""), 80_000)
    );
    add(
        "80,000 required",
        schema,
        members(|n| format!("\"m{n}\":1"), 60_000),
        false,
    );
    let schema = format!(
        "{{\"items\":{{\"required\":{}}}}}",
        elements(|n| format!("\"r{n}\""), 80_000)
    );
    add(
        "80,000 required, often",
        schema,
        elements(|_| "{}".into(), 100_000),
        false,
    );
    let names = members(|n| format!("\"abcdefgh{n:06}stuvwxyz\":true"), 20_000);
    let data = members(
        |n| format!("\"abcdefgh{:06}stuvwxyz\":1", n + 20_000),
        30_000,
    );
    add(
        "properties alike",
        format!("{{\"properties\":{names}}}"),
        data,
        false,
    );
    let schema = format!(
        "{{\"properties\":{{\"{}\":{{\"type\":\"string\"}}}}}}",
        "n".repeat(mib() - 100)
    );
    add(
        "a long name",
        schema,
        format!("{{\"{}\":1}}", "n".repeat(mib() - 100)),
        false,
    );
    let schema = nested(
        &format!("{{\"properties\":{{\"{}\":", "n".repeat(8000)),
        "{}",
        "}}",
        60,
    );
    add("long names in one another", schema, "{}".into(), false);
}

fn applicators(add: Add<'_>) {
    let objects = elements(|n| format!("{{\"k\":{n},\"v\":\"x\"}}"), 30_000);
    for keyword in ["anyOf", "oneOf", "allOf"] {
        for count in [100, 5000] {
            let item = |n: usize| {
                format!(
                "{{\"properties\":{{\"k\":{{\"const\":\"c{n}\"}},\"p{n}\":{{\"type\":\"null\"}}}},\"required\":[\"k\"]}}"
            )
            };
            let schema = format!("{{\"items\":{{\"{keyword}\":{}}}}}", elements(item, count));
            add(
                &format!("{keyword} of {count}"),
                schema,
                objects.clone(),
                false,
            );
        }
        let item = |n: usize| format!("{{\"not\":{{\"enum\":[\"a{n}\",{n}]}}}}");
        let schema = format!("{{\"items\":{{\"{keyword}\":{}}}}}", elements(item, 5000));
        add(
            &format!("{keyword} of 5000 not"),
            schema,
            elements(|n| format!("{n}"), 50_000),
            false,
        );
        let schema = format!("{{\"{keyword}\":{}}}", elements(|_| "{}".into(), 100_000));
        add(&format!("{keyword} of 100,000"), schema, "1".into(), false);
        let schema = nested(&format!("{{\"{keyword}\":[{{}},{{}},"), "{}", "]}", 50);
        add(
            &format!("50 of {keyword} in one another"),
            schema,
            "1".into(),
            false,
        );
    }
    let wide = members(|n| format!("\"m{n}\":1"), 50_000);
    for (kind, inner) in [
        (
            "anyOf",
            elements(|n| format!("{{\"properties\":{{\"m{n}\":true}}}}"), 200),
        ),
        (
            "allOf",
            elements(
                |n| format!("{{\"patternProperties\":{{\"^m{n}$\":true}}}}"),
                200,
            ),
        ),
        (
            "allOf",
            elements(|n| format!("{{\"properties\":{{\"m{n}\":true}}}}"), 20_000),
        ),
    ] {
        let schema = format!("{{\"{kind}\":{inner},\"unevaluatedProperties\":false}}");
        add(
            &format!("unevaluatedProperties by {kind}"),
            schema,
            wide.clone(),
            false,
        );
    }
    let schema = nested("{\"unevaluatedProperties\":", "{}", "}", 100);
    add(
        "unevaluatedProperties in itself",
        schema,
        nested("{\"a\":", "1", "}", 120),
        false,
    );
    let schema = nested("{\"allOf\":[{\"unevaluatedProperties\":", "{}", "}]}", 40);
    add(
        "unevaluatedProperties and allOf",
        schema,
        nested("{\"a\":", "1", "}", 120),
        false,
    );
    let schema = nested(
        "{\"unevaluatedItems\":{\"type\":\"array\"},\"contains\":",
        "{}",
        "}",
        100,
    );
    add(
        "unevaluatedItems and contains",
        schema,
        elements(|_| "[]".into(), 200_000),
        false,
    );
    let schema = format!(
        "{{\"allOf\":{}}}",
        elements(
            |n| format!("{{\"contains\":{{\"const\":\"c{n}\"}},\"minContains\":{n}}}"),
            2000
        )
    );
    add(
        "2000 of contains",
        schema,
        elements(|n| format!("{n}"), 100_000),
        false,
    );
    let schema = format!(
        "{{\"dependentRequired\":{}}}",
        members(|n| format!("\"m{n}\":[\"x{n}\",\"y\"]"), 30_000)
    );
    add("30,000 of dependentRequired", schema, wide.clone(), false);
    let schema = format!(
        "{{\"dependentSchemas\":{}}}",
        members(|n| format!("\"m{n}\":{{\"required\":[\"x\"]}}"), 3_000)
    );
    add("3000 of dependentSchemas", schema, wide.clone(), false);
    let schema = r#"{"propertyNames":{"anyOf":[{"pattern":"(x|y)*z"},{"format":"idn-hostname"},{"enum":["a"]}]}}"#;
    add(
        "propertyNames of 50,000",
        schema.into(),
        wide.clone(),
        false,
    );
    add(
        "additionalProperties fails 50,000 times",
        r#"{"additionalProperties":{"type":"string","minLength":3}}"#.into(),
        wide,
        false,
    );
    let schema = r#"{"items":{"enum":[1,2,3],"type":"string","minimum":-5,"multipleOf":7,"not":{"type":"integer"}}}"#;
    add(
        "items fails 250,000 times",
        schema.into(),
        elements(|n| format!("{}", n % 10), 500_000),
        false,
    );
    let schema = r#"{"$ref":"https://json-schema.org/draft/2020-12/schema"}"#;
    let data = nested("{\"properties\":{\"a\":", "{\"type\":1}", "}}", 60);
    add("the meta-schema, deep", schema.into(), data, false);
    let data = format!(
        "{{\"allOf\":{}}}",
        elements(|_| "{\"minimum\":\"\"}".into(), 50_000)
    );
    add("the meta-schema, wide", schema.into(), data, false);
}
