//! The claims of a token: an issuer, times, an array of scopes, by which it grows, and after them a nested
//! device object. The changed and the read member are in this object, behind all of the scopes.

use super::random::Random;
use super::Payload;

/// The payload. The schema is of the kind that libraries for data classes generate: a definition with a
/// reference to it, a union with null, closed objects, and strings in a row.
pub const TOKEN: Payload = Payload {
    name: "token",
    schema: SCHEMA_TEXT,
    second: SECOND_TEXT,
    text: claims,
    varied,
    patch: r#"{"device":{"nonce":"9f86__rand_int__"}}"#,
    pointer: "/device/nonce",
    path: "$.device.nonce",
};

const SCHEMA_TEXT: &str = r##"{
  "type": "object",
  "required": ["iss", "sub", "aud", "iat", "exp", "scopes", "device"],
  "additionalProperties": false,
  "properties": {
    "iss": {"type": "string", "pattern": "^https://[a-z.]+$"},
    "sub": {"type": "string", "minLength": 1, "maxLength": 255},
    "aud": {"type": "array", "minItems": 1, "items": {"type": "string"}},
    "iat": {"type": "integer", "minimum": 0},
    "exp": {"type": "integer", "exclusiveMinimum": 0},
    "amr": {"anyOf": [{"type": "array", "items": {"enum": ["pwd", "otp", "hwk"]}}, {"type": "null"}]},
    "scopes": {"type": "array", "maxItems": 4096, "items": {"type": "string", "minLength": 3, "maxLength": 64}},
    "device": {"$ref": "#/$defs/Device"}
  },
  "$defs": {
    "Device": {
      "type": "object",
      "required": ["os", "nonce"],
      "additionalProperties": false,
      "properties": {
        "os": {"enum": ["android", "ios", "web"]},
        "app": {"type": "string", "pattern": "^[0-9]+\\.[0-9]+\\.[0-9]+$"},
        "trusted": {"type": "boolean"},
        "nonce": {"type": "string", "minLength": 12, "maxLength": 32}
      }
    }
  }
}"##;

/// The token is for the API.
const SECOND_TEXT: &str = r#"{
  "type": "object",
  "required": ["aud"],
  "properties": {"aud": {"type": "array", "contains": {"const": "api"}}}
}"#;

const SCOPES: [&str; 6] = [
    "profile:read",
    "orders:read",
    "orders:write",
    "offline_access",
    "invoices:export",
    "cart",
];

/// Claims of exactly `size` bytes, at least 290. Larger ones have more scopes; a longer last scope makes up
/// the exact size.
fn claims(size: usize) -> String {
    let head = concat!(
        r#"{"iss":"https://id.example.org","sub":"248289761001","aud":["shop","api"],"#,
        r#""iat":1795986000,"exp":1795989600,"amr":["pwd","otp"],"scopes":[""#,
    );
    let tail =
        r#""],"device":{"os":"android","app":"4.12.0","trusted":true,"nonce":"9f86d081884c7d65"}}"#;
    let mut text = head.to_owned();
    for scope in SCOPES.iter().cycle() {
        if size - text.len() - tail.len() <= 36 {
            break;
        }
        text += scope;
        text += r#"",""#;
    }
    let pad = size - text.len() - tail.len();
    text.extend(std::iter::repeat_n('s', pad));
    text + tail
}

/// Claims of about `size` bytes. `n` decides on the values, on the lengths of the strings, and on which of
/// the optional members are present.
fn varied(size: usize, n: u32) -> String {
    let mut random = Random::new(n);
    let time = 1_795_000_000 + random.below(1_000_000);
    let mut text = format!(
        r#"{{"iss":"https://{}.example.org","sub":"{}","aud":[{}],"iat":{time},"exp":{},{}"scopes":["#,
        random.word(2, 8),
        random.next(),
        random.pick(&[r#""shop""#, r#""shop","api""#, r#""api","billing","shop""#]),
        time + 3600,
        random.pick(&[
            "",
            r#""amr":null,"#,
            r#""amr":["pwd"],"#,
            r#""amr":["hwk","otp"],"#
        ]),
    );
    let mut tail = format!(
        r#"],"device":{{"os":"{}","#,
        random.pick(&["android", "ios", "web"])
    );
    if random.below(3) > 0 {
        tail += &format!(r#""app":"{}.{}.0","#, random.below(12), random.below(100));
    }
    tail += random.pick(&[r#""trusted":true,"#, r#""trusted":false,"#, ""]);
    tail += &format!(
        r#""nonce":"{:08x}{:08x}"}}}}"#,
        random.next(),
        random.next()
    );
    loop {
        text += &format!(r#""{}:{}""#, random.word(4, 12), random.word(4, 6));
        if text.len() + tail.len() + 10 > size {
            return text + &tail;
        }
        text.push(',');
    }
}
