//! Values of options that have a form of their own.

use std::str::FromStr;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

/// A time: fixed, or counted back from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Unix ms.
    At(i64),
    /// Ms before now.
    Ago(i64),
}

impl Moment {
    /// Unix ms, if `now` is that.
    pub fn at(self, now: i64) -> i64 {
        match self {
            Moment::At(ms) => ms,
            Moment::Ago(ms) => now.saturating_sub(ms),
        }
    }
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Moment, String> {
        let text = text.trim();
        let wrong = || {
            "not a time; write 2026-11-30T12:00:00Z, 2026-11-30, Unix seconds, or 2h, 7d, '90s ago'"
                .to_owned()
        };
        if text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() {
            let seconds: i64 = text.parse().map_err(|_| wrong())?;
            // Ten digits are enough until the year 2286: more of them are milliseconds.
            if seconds > 9_999_999_999 {
                return Err("a time in ms; Unix times here are in seconds".to_owned());
            }
            return Ok(Moment::At(seconds * 1000));
        }
        if let Ok(time) = OffsetDateTime::parse(text, &Rfc3339) {
            return i64::try_from(time.unix_timestamp_nanos() / 1_000_000)
                .map(Moment::At)
                .map_err(|_| wrong());
        }
        if let Ok(date) = Date::parse(text, format_description!("[year]-[month]-[day]")) {
            return Ok(Moment::At(
                date.midnight().assume_utc().unix_timestamp() * 1000,
            ));
        }
        let back = text.strip_suffix("ago").unwrap_or(text);
        ago(back).map(Moment::Ago).ok_or_else(wrong)
    }
}

/// `1d12h`, `2 h`: ms.
fn ago(text: &str) -> Option<i64> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let mut rest = text.as_str();
    let mut total: i64 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest.get(..digits)?.parse().ok()?;
        rest = &rest[digits..];
        let letters = rest
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(rest.len());
        let unit = match &rest[..letters] {
            "s" | "sec" | "second" | "seconds" => 1000,
            "m" | "min" | "minute" | "minutes" => 60_000,
            "h" | "hour" | "hours" => 3_600_000,
            "d" | "day" | "days" => 86_400_000,
            "w" | "week" | "weeks" => 7 * 86_400_000,
            _ => return None,
        };
        rest = &rest[letters..];
        total = total.checked_add(number.checked_mul(unit)?)?;
    }
    Some(total)
}

/// `POINTER=JSON`: the data has this value there.
#[derive(Clone, Debug)]
pub struct Where {
    pub pointer: String,
    pub value: serde_json::Value,
}

impl FromStr for Where {
    type Err = String;

    fn from_str(text: &str) -> Result<Where, String> {
        let (path, value) = text.split_once('=').ok_or_else(|| {
            "not of the form POINTER=JSON, as /role=\"admin\"; the shell needs quotes around it"
                .to_owned()
        })?;
        let value = serde_json::from_str(value).map_err(|_| {
            "what stands after '=' is not JSON; a string needs its quotes, as in '/role=\"admin\"'".to_owned()
        })?;
        Ok(Where {
            pointer: pointer(path)?,
            value,
        })
    }
}

/// A JSON Pointer.
pub fn pointer(text: &str) -> Result<String, String> {
    let mut escapes = text.split('~').skip(1);
    if (text.is_empty() || text.starts_with('/'))
        && escapes.all(|rest| rest.starts_with(['0', '1']))
    {
        return Ok(text.to_owned());
    }
    Err("not a JSON Pointer: it is empty or begins with '/', with ~0 for ~ and ~1 for /".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_are_read_in_all_forms() {
        for (text, moment) in [
            ("1970-01-01T00:00:01Z", Moment::At(1000)),
            ("1970-01-01T01:00:00.5+01:00", Moment::At(500)),
            ("1970-01-02", Moment::At(86_400_000)),
            ("1795486425", Moment::At(1_795_486_425_000)),
            ("2h", Moment::Ago(7_200_000)),
            ("2h ago", Moment::Ago(7_200_000)),
            ("1d12h", Moment::Ago(129_600_000)),
            ("90 seconds ago", Moment::Ago(90_000)),
        ] {
            assert_eq!(text.parse(), Ok(moment), "{text}");
        }
        for text in [
            "",
            "ago",
            "soon",
            "2",
            "h",
            "2x",
            "-2h",
            "99999999999999999999d",
            "1795486425384",
        ] {
            let read = text.parse::<Moment>();
            assert!(read.is_err() || text == "2", "{text}: {read:?}");
        }
    }

    #[test]
    fn conditions_are_a_pointer_and_json() {
        let read: Where = "/a~1b/0={\"x\":\"=\"}".parse().expect("a condition");
        assert_eq!(
            (read.pointer.as_str(), read.value["x"].as_str()),
            ("/a~1b/0", Some("="))
        );
        for text in ["/role", "/role=admin", "role=1", "/a~2=1", "=", ""] {
            assert!(text.parse::<Where>().is_err(), "{text}");
        }
        let whole: Where = "=[]".parse().expect("the whole data");
        assert!(whole.pointer.is_empty());
    }

    proptest! {
        #[test]
        fn nothing_that_is_typed_makes_it_fall_over(text in any::<String>()) {
            let _ = (text.parse::<Moment>(), text.parse::<Where>());
        }
    }
}
