//! The session of a web shop, with its schemas, and Lua functions that do the module's work on plain
//! strings. It grows by lines in the cart.

use super::random::Random;
use super::Payload;

/// The payload. The schema has types, required members, an enum, a pattern, lengths, bounds and a nested
/// array.
pub const SHOP: Payload = Payload {
    name: "shop",
    schema: SCHEMA_TEXT,
    second: SECOND_TEXT,
    text: session,
    varied,
    patch: r#"{"csrf":"9f86__rand_int__"}"#,
    pointer: "/csrf",
    path: "$.csrf",
};

const SCHEMA_TEXT: &str = r#"{
  "type": "object",
  "required": ["user_id", "email", "roles", "csrf", "cart"],
  "properties": {
    "user_id": {"type": "string", "minLength": 4, "maxLength": 64},
    "email": {"type": "string", "maxLength": 254, "pattern": "^[^@ ]+@[^@ ]+$"},
    "roles": {"type": "array", "maxItems": 16, "items": {"enum": ["user", "editor", "admin"]}},
    "csrf": {"type": "string", "minLength": 12, "maxLength": 64},
    "cart": {"type": "array", "maxItems": 1000, "items": {
      "type": "object",
      "required": ["sku", "n"],
      "properties": {
        "sku": {"type": "string", "minLength": 1, "maxLength": 32},
        "n": {"type": "integer", "minimum": 1, "maximum": 99}}}},
    "locale": {"type": "string", "maxLength": 16},
    "theme": {"enum": ["light", "dark"]},
    "visits": {"type": "integer", "minimum": 0}
  }
}"#;

/// The user has the role of an editor.
const SECOND_TEXT: &str = r#"{
  "type": "object",
  "required": ["user_id", "roles"],
  "properties": {"roles": {"type": "array", "contains": {"const": "editor"}}}
}"#;

/// A library of Lua functions to compare with: `rival_set` checks what `SCHEMA_TEXT` checks, and
/// `rival_patch` applies a merge patch (RFC 7396) as SESSION.PATCH does. They are written for speed: one
/// decode, inlined checks, no temporary tables, and locals for globals that are used often. (The locals are
/// inside the functions, since a library cannot read globals while it loads.)
pub const LIBRARY: &str = include_str!("rivals.lua");

/// A session of exactly `size` bytes, at least 290. Larger sessions have more lines in the cart; a longer
/// article number in the last line makes up the exact size.
pub fn session(size: usize) -> String {
    let head = concat!(
        r#"{"user_id":"u_48213907","email":"grace.hopper@example.org","roles":["user","editor"],"#,
        r#""csrf":"9f86d081884c7d65","locale":"en-GB","theme":"dark","tz":"Europe/London","#,
        r#""visits":42,"ab":"b2","cart":[{"sku":"BK-1001","n":1},{"sku":"PN-22","n":3},{"sku":"#,
    );
    let tail = r#"","n":2}]}"#;
    let line = r#"LM-7104","n":2},{"sku":""#;
    let mut text = format!("{head}\"");
    while size - text.len() - tail.len() > 32 {
        text.push_str(line);
    }
    let pad = size - text.len() - tail.len();
    text.extend(std::iter::repeat_n('7', pad));
    text + tail
}

/// A session of about `size` bytes. `n` decides on the values, on the lengths of the strings, and on which
/// of the optional members are present.
fn varied(size: usize, n: u32) -> String {
    let mut random = Random::new(n);
    let mut text = format!(
        r#"{{"user_id":"u_{:08}","email":"{}@{}.org","roles":["#,
        random.below(100_000_000),
        random.word(5, 14),
        random.word(5, 12)
    );
    let roles = [
        r#""user""#,
        r#""user","editor""#,
        r#""admin""#,
        r#""editor","admin""#,
    ];
    text += random.pick(&roles);
    text += &format!(r#"],"csrf":"{:08x}{:08x}""#, random.next(), random.next());
    for member in [
        r#","locale":"en-GB""#,
        r#","theme":"light""#,
        r#","tz":"Europe/London""#,
        r#","ab":"b2""#,
    ] {
        text += if random.below(4) > 0 { member } else { "" };
    }
    if random.below(2) > 0 {
        text += &format!(r#","visits":{}"#, random.below(2000));
    }
    text += r#","cart":["#;
    loop {
        text += &format!(
            r#"{{"sku":"{}-{}","n":{}}}"#,
            random.word(2, 4).to_uppercase(),
            random.below(100_000),
            1 + random.below(99)
        );
        if text.len() + 16 > size {
            return text + "]}";
        }
        text.push(',');
    }
}
