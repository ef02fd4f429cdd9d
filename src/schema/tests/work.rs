//! The bound on the work of a check refuses what takes long, and never what does not.

use super::{compile, says};
use crate::cpu_time::of_this_thread;
use crate::json::Arena;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{json, Map, Value};

/// Checks the data. A refusal for its work must have taken what the reference says: more than a
/// microsecond for each byte, and a millisecond. Nothing may take seconds.
#[track_caller]
fn works(schema: &Value, data: &Value) -> String {
    let validator = compile(schema).unwrap_or_else(|refusal| panic!("{schema}: {refusal}"));
    let text = data.to_string();
    let mut arena = Arena::new();
    let document = arena.parse(text.as_bytes()).unwrap();
    let start = of_this_thread().unwrap();
    let verdict = match validator.check(document) {
        Ok(()) => "ok".to_owned(),
        Err(violations) => violations.to_string(),
    };
    let taken = of_this_thread().unwrap() - start;
    if verdict.contains("more work") {
        let least = 1_000_000.max(1000 * text.len() as u64);
        assert!(
            taken > least,
            "{taken} ns for {} bytes: {schema}",
            text.len()
        );
    }
    // Without optimisation all is some twenty times slower, which a limit in time does not see.
    let most = 500_000_000 + 2000 * text.len() as u64;
    let most = most * if cfg!(debug_assertions) { 8 } else { 2 };
    assert!(
        taken < most,
        "{taken} ns for {} bytes: {schema}",
        text.len()
    );
    verdict
}

/// Less than half a second on the machine that the limits were set for. In parses, because a slow or busy machine, or a
/// build without optimisation, is as much slower at these.
const PARSES: u64 = 400;

fn parse_a_megabyte() {
    let text = format!("[{}1]", "{\"name\":[true,\"text\"]},".repeat(40_000));
    Arena::new().parse(text.as_bytes()).unwrap();
}

/// The nanoseconds that `work` takes this thread on a processor.
fn cpu_time(work: impl FnOnce()) -> u64 {
    let start = of_this_thread().unwrap();
    work();
    of_this_thread().unwrap() - start
}

#[test]
fn telling_why_short_data_is_not_valid_takes_little() {
    // Branches that share their parts: the violations double, or more, with each level.
    let part = json!({"$ref": "#/$defs/node"});
    let array = json!({"type": "array", "items": part});
    let object = json!({"type": "object", "properties": {"a": part}});
    for (rule, branches, data) in [
        (
            "anyOf",
            vec![&array; 2],
            format!("{}\"x\"{}", "[".repeat(100), "]".repeat(100)),
        ),
        (
            "anyOf",
            vec![&array; 8],
            format!("{}\"x\"{}", "[".repeat(20), "]".repeat(20)),
        ),
        (
            "oneOf",
            vec![&object; 3],
            format!("{}1{}", "{\"a\":".repeat(100), "}".repeat(100)),
        ),
    ] {
        let mut branches: Vec<&Value> = branches;
        let number = json!({"type": "number"});
        branches.push(&number);
        let validator =
            compile(&json!({"$ref": "#/$defs/node", "$defs": {"node": {rule: branches}}})).unwrap();
        let mut arena = Arena::new();
        let document = arena.parse(data.as_bytes()).unwrap();
        let taken = cpu_time(|| {
            validator.check(document).unwrap_err();
        });
        let most = PARSES * cpu_time(parse_a_megabyte);
        assert!(taken < most, "{taken} ns for {} bytes: {rule}", data.len());
    }
}

/// Words as they are in lists of names, and in any case.
fn words(count: usize) -> Vec<String> {
    let syllables = [
        "al", "be", "cor", "den", "el", "fra", "gus", "ha", "im", "jo",
    ];
    (0..count)
        .map(|n| {
            let [a, b, c] = [n % 10, n / 10 % 10, n / 100 % 10];
            format!("{}{}{}", syllables[a], syllables[b], syllables[c])
        })
        .collect()
}

fn in_any_case(word: &str) -> String {
    word.chars()
        .map(|c| format!("[{c}{}]", c.to_ascii_uppercase()))
        .collect()
}

/// The patterns of the reports, in the forms in which tools write them.
fn alternations(count: usize) -> Vec<String> {
    let plain = words(count).join("|");
    let folded: Vec<String> = words(count).iter().map(|word| in_any_case(word)).collect();
    let folded = folded.join("|");
    vec![
        format!("^(?:{folded})$"),
        format!("^({folded})$"),
        format!("(?:{folded})"),
        format!("\\b(?:{folded})\\b"),
        format!("^(?:(?:{folded}),?)+$"),
        format!("(?i)^({plain})$"),
        format!("^(?i:{plain})$"),
    ]
}

#[test]
fn lists_of_words_under_repeated_counts_are_checked() {
    let schema = json!({"items": {"type": "string", "pattern": "^([a-z]{2,40},?){1,50}$"}});
    for count in [1, 60, 1000] {
        assert_eq!(works(&schema, &json!(vec!["ab,cd,ef"; count])), "ok");
    }
    let mut data = vec!["ab,cd,ef"; 60];
    data[7] = "ab,cD";
    assert_eq!(works(&schema, &json!(data)), "/7: pattern");
}

#[test]
fn names_are_checked_with_alternations_in_any_case() {
    for pattern in alternations(100) {
        let names: Vec<String> = words(100)
            .iter()
            .step_by(10)
            .map(|w| w.to_uppercase())
            .collect();
        assert_eq!(names.len(), 10);
        let object: Map<_, _> = names.iter().map(|name| (name.clone(), json!(1))).collect();
        let rules = [
            (json!({"items": {"pattern": pattern}}), json!(names)),
            (
                json!({"propertyNames": {"pattern": pattern}}),
                json!(object),
            ),
            (
                json!({"patternProperties": {&pattern: {"type": "number"}}, "additionalProperties": false}),
                json!(object),
            ),
            (
                json!({"patternProperties": {&pattern: true}, "unevaluatedProperties": false}),
                json!(object),
            ),
        ];
        for (schema, data) in rules {
            assert_eq!(works(&schema, &data), "ok", "{schema}");
        }
    }
}

/// A string is long, its pattern huge, and the first character settles it.
#[test]
fn a_long_string_that_is_settled_at_once_is_checked() {
    let long = "!".repeat(200_000);
    for pattern in [
        "^[a-z]{1,4000}([a-z]{2,90},?){1,50}$",
        "^(\\p{L}{1,20} ?){1,5}x",
    ] {
        let schema = json!({"pattern": pattern});
        assert_eq!(works(&schema, &json!(long)), "(root): pattern", "{pattern}");
    }
    let fits = "ab,".repeat(50);
    assert_eq!(
        works(&json!({"pattern": "^([a-z]{2,40},?){1,50}$"}), &json!(fits)),
        "ok"
    );
}

/// The engine reads some patterns backwards, in which direction their DFA is exponential.
#[test]
fn a_pattern_that_is_expensive_backwards_is_checked() {
    let run: String = (0..290)
        .map(|n| if n * n % 7 < 3 { 'a' } else { 'b' })
        .collect();
    let text = format!("{run}c").repeat(100);
    for pattern in ["[ab]{300}a.*$", "[ab]{300}a.*(?:xyz)$", "[ab]{300}a[^]*$"] {
        for (schema, data) in [
            (json!({"pattern": pattern}), json!(text)),
            (
                json!({"patternProperties": {pattern: {}}, "additionalProperties": false}),
                json!({&text: 1}),
            ),
        ] {
            let verdict = works(&schema, &data);
            assert!(
                !verdict.contains("more work") && verdict != "ok",
                "{pattern}: {verdict}"
            );
        }
    }
}

#[test]
fn violations_are_told_where_only_the_worst_case_is_expensive() {
    let rule = json!({"type": "string", "pattern": "^([a-z]{2,40},?){1,50}$"});
    let mut data = vec![json!("ab,cd,ef"); 2000];
    data[1999] = json!(1);
    let verdict = says(json!({"items": rule}), json!(data));
    assert!(verdict.starts_with("/1999: type string"), "{verdict}");
}

fn pattern() -> impl Strategy<Value = String> {
    let class = select(vec![
        "[a-z]",
        "[a-z0-9]",
        "\\w",
        ".",
        "[^,]",
        "\\p{L}",
        "[ab]",
        "a",
        "(?:ab?)",
        "[\\p{L}\\p{N} ]",
    ]);
    let count = select(vec![
        "", "+", "*", "?", "{1,40}", "{2,300}", "{30}", "{0,9}",
    ]);
    let piece = (class, count.clone()).prop_map(|(class, count)| format!("{class}{count}"));
    let pieces = proptest::collection::vec((piece, select(vec!["", ",", ",?", "|", "-x"])), 1..5);
    (pieces, count, select(vec!["", "^"]), select(vec!["", "$"])).prop_map(
        |(pieces, count, start, end)| {
            let pieces: String = pieces.iter().map(|(a, b)| format!("{a}{b}")).collect();
            format!("{start}({pieces}){count}{end}")
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 12 } else { 400 }))]

    /// Whatever pattern and data: a check is not refused before it has taken its time, and it ends.
    #[test]
    fn a_check_is_refused_only_for_the_time_that_it_takes(
        pattern in pattern(),
        piece in select(vec!["ab,cd,", "a", "abab!", "\u{e9}\u{43f} ", "x-,9"]),
        (length, count) in select(vec![(1, 200), (40, 60), (1000, 10), (20_000, 1)]),
    ) {
        let texts: Vec<String> = (0..count).map(|n| format!("{}{n}", piece.repeat(length))).collect();
        let object: Map<_, _> = texts.iter().map(|text| (text.clone(), json!(1))).collect();
        let rules = [
            (json!({"items": {"pattern": pattern}}), json!(texts)),
            (json!({"propertyNames": {"pattern": pattern}}), json!(object)),
            (json!({"patternProperties": {&pattern: false}}), json!(object)),
        ];
        // One long member name under an expensive pattern is refused for its worst case: that match
        // cannot be stopped.
        let few = if length > 40 { 2 } else { 3 };
        for (schema, data) in rules.into_iter().take(few) {
            // Some are too large to compile, which is told when they are set.
            if compile(&schema).is_ok() {
                works(&schema, &data);
            }
        }
    }
}
