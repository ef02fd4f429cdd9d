//! Laravel's sessions in Redis with `session.serialization=json`.
//!
//! The key is the prefixes of the connection and of the cache, and the ID of 40 letters and digits, which the framework
//! takes from its encrypted cookie. The cache writes the JSON as a string in the form of PHP's `serialize`. With
//! `session.encrypt` that string is ciphertext. Each request writes the session, so its lifetime is an idle timeout.

use super::format::{Entry, Format, Id, Old, Refused};
use super::{foreign, json, times};

/// The default of `session.lifetime`.
const LIFETIME: i64 = 120 * times::MINUTE;

pub struct Laravel;

impl Format for Laravel {
    fn default_prefix(&self) -> &'static str {
        "laravel-database-laravel-cache-"
    }

    fn user(&self) -> Option<&'static str> {
        // The guard `web`, and the SHA-1 of its class.
        Some("/login_web_59ba36addc2b2f9401580f014c7f58ea4e30989d")
    }

    fn assumed_idle(&self) -> Option<i64> {
        Some(LIFETIME)
    }

    fn id(&self, _prefix: &[u8], rest: &[u8]) -> Option<Id> {
        // Other entries of the cache have the same prefix.
        let shape = rest.len() == 40 && rest.iter().all(u8::is_ascii_alphanumeric);
        shape.then(|| Id::Cookie(rest.to_vec()))
    }

    fn read(&self, entry: &Entry, _now: i64) -> Result<Old, Refused> {
        let text = php_string(entry.text()?).ok_or(Refused::NotASession("no string of PHP"))?;
        if foreign::is_php(text) {
            return Err(foreign::PHP);
        }
        if foreign::is_base64(text) {
            return Err(Refused::Encrypted);
        }
        Ok(Old {
            data: json::object(text)?,
            created: None,
            idle: Some(times::idle_or_more(LIFETIME, entry.left)?),
            deadline_left: None,
        })
    }
}

/// The string in `s:<bytes>:"<string>";`.
fn php_string(value: &[u8]) -> Option<&[u8]> {
    let rest = value.strip_prefix(b"s:")?;
    let colon = rest.iter().position(|&byte| byte == b':')?;
    let length: usize = std::str::from_utf8(&rest[..colon]).ok()?.parse().ok()?;
    let text = rest[colon + 1..]
        .strip_prefix(b"\"")?
        .strip_suffix(b"\";")?;
    (text.len() == length).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::php_string;

    #[test]
    fn a_string_of_php_has_the_length_that_it_says() {
        assert_eq!(php_string(b"s:2:\"{}\";"), Some(&b"{}"[..]));
        assert_eq!(php_string(b"s:3:\"\xc3\xab\";\";"), None);
        for wrong in [
            "s:3:\"{}\";",
            "s:2:\"{}\"",
            "s::\"\";",
            "s:-1:\"\";",
            "i:1;",
            "s:0:\"",
            "",
        ] {
            assert_eq!(php_string(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
