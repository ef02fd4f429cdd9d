//! The data of sessions, in sizes from some dozens of bytes to some thousands.

use support::Random;

/// The member `text` of the data is at most this long, in bytes, except for one in 400.
const LONGEST: usize = 2000;
const LONGEST_OF_ALL: usize = 20_000;

pub fn text(random: &mut Random) -> String {
    let most = match random.below(400) {
        0 => LONGEST_OF_ALL,
        1..=100 => LONGEST,
        _ => 300,
    };
    let len = random.below(most);
    let letters = b"abcdefghijklmnopqrstuvwxyz     ";
    let from = random.below(letters.len());
    let letter = |n: usize| char::from(letters[(from + n * 7) % letters.len()]);
    (0..len).map(letter).collect()
}

pub fn flash(count: usize) -> String {
    let messages: Vec<_> = (0..count).map(|n| format!("\"saved {n}\"")).collect();
    format!("[{}]", messages.join(","))
}

/// The data of a session.
pub fn session(random: &mut Random, n: i64, flash_count: usize) -> String {
    let (text, flash) = (text(random), flash(flash_count));
    format!(r#"{{"n":{n},"flash":{flash},"cart":[{{"sku":"BK-{n}","n":2}}],"text":"{text}"}}"#)
}

/// A patch that changes the member `n`, and sometimes others.
pub fn patch(random: &mut Random, n: i64) -> String {
    match random.below(4) {
        0 => format!(r#"[{{"op":"replace","path":"/n","value":{n}}}]"#),
        1 => format!(r#"{{"n":{n},"text":"{}"}}"#, text(random)),
        2 => format!(
            r#"[{{"op":"add","path":"/cart/-","value":{{"sku":"PN-{n}","n":1}}}},{{"op":"replace","path":"/n","value":{n}}},{{"op":"remove","path":"/cart/0"}}]"#
        ),
        _ => format!(r#"{{"n":{n}}}"#),
    }
}

/// The schema of most sessions that have one. It is replaced by another text that accepts the same data.
pub const CART: &str = "cart";

pub fn cart_schema(n: usize) -> String {
    format!(
        r##"{{"$comment":"{n}","type":"object","required":["n","text"],"properties":{{"n":{{"type":"integer"}},
        "flash":{{"type":"array","maxItems":20}},"cart":{{"type":"array","items":{{"$ref":"#/$defs/line"}}}},
        "text":{{"type":"string","pattern":"^[a-z ]*$"}}}},"$defs":{{"line":{{"type":"object","required":["sku"],
        "properties":{{"sku":{{"pattern":"^(BK|PN)-[0-9]+$"}},"n":{{"type":"integer","minimum":1}}}}}}}}}}"##
    )
}

/// How many schemas come and go.
pub const PASSING: usize = 8;

pub fn passing(n: usize) -> String {
    format!("passing{}", n % PASSING)
}

/// A schema that some sessions satisfy, or none, or all.
pub fn passing_schema(random: &mut Random) -> String {
    match random.below(4) {
        0 => r#"{"required":["nowhere"]}"#.into(),
        1 => "true".into(),
        2 => format!(
            r#"{{"properties":{{"text":{{"maxLength":{}}}}}}}"#,
            random.below(600)
        ),
        _ => {
            let words: Vec<_> = (0..random.below(60)).map(|n| format!("\"w{n}\"")).collect();
            format!(
                r#"{{"properties":{{"n":{{"minimum":1}},"role":{{"enum":[{}0]}}}}}}"#,
                words.join(",") + if words.is_empty() { "" } else { "," }
            )
        }
    }
}
