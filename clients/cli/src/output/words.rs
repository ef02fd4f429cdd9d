//! Times, durations, sizes and foreign text, for people.

use std::fmt::Write;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::OffsetDateTime;

const FORMAT: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");

/// A Unix time in ms as a date and time of UTC.
pub fn time(ms: i64) -> String {
    OffsetDateTime::from_unix_timestamp(ms.div_euclid(1000))
        .ok()
        .and_then(|time| time.format(FORMAT).ok())
        .unwrap_or_else(|| format!("{ms} ms"))
}

/// How long before or after `now` a time is; both in Unix ms.
pub fn ago(ms: i64, now: i64) -> String {
    match now.saturating_sub(ms) {
        0..1000 => "just now".to_owned(),
        past @ 1000.. => format!("{} ago", duration(past)),
        future => format!("in {}", duration(future.saturating_neg())),
    }
}

/// A duration in ms, as its two largest units: `3d 4h`, `2h`, `90ms`.
pub fn duration(ms: i64) -> String {
    const UNITS: [(i64, &str); 5] = [
        (86_400_000, "d"),
        (3_600_000, "h"),
        (60_000, "m"),
        (1000, "s"),
        (1, "ms"),
    ];
    if ms <= 0 {
        return "0s".to_owned();
    }
    let Some(first) = UNITS.iter().position(|(size, _)| ms >= *size) else {
        return "0s".to_owned();
    };
    let (size, name) = UNITS[first];
    let mut text = format!("{}{name}", ms / size);
    // Milliseconds are of interest only below a second.
    if let Some((next, name)) = UNITS.get(first + 1).filter(|(next, _)| *next > 1) {
        let rest = ms % size / next;
        if rest > 0 {
            let _ = write!(text, " {rest}{name}");
        }
    }
    text
}

/// Bytes with a unit of 1024.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1023.95 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// A number and its noun: `1 session`, `2,000 sessions`.
pub fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

/// A number with commas.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Text from a server, without what could drive a terminal or reorder its line: control characters, and those
/// that set the direction of writing.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        let hidden = c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
        if hidden {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_are_those_of_utc() {
        assert_eq!(time(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(time(1_795_486_425_384), "2026-11-24 02:13:45 UTC");
        assert_eq!(time(-1), "1969-12-31 23:59:59 UTC");
        assert_eq!(time(i64::MAX), format!("{} ms", i64::MAX));
    }

    #[test]
    fn durations_have_their_two_largest_units() {
        for (ms, text) in [
            (0, "0s"),
            (90, "90ms"),
            (1500, "1s"),
            (60_000, "1m"),
            (61_000, "1m 1s"),
            (7_200_000, "2h"),
            (7_320_000, "2h 2m"),
            (86_400_000 * 3 + 3_600_000 * 4 + 5000, "3d 4h"),
        ] {
            assert_eq!(duration(ms), text);
        }
        assert_eq!(ago(1000, 121_000), "2m ago");
        assert_eq!(ago(121_000, 1000), "in 2m");
        assert_eq!(ago(5, 900), "just now");
    }

    #[test]
    fn sizes_and_counts_are_short() {
        for (bytes, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1_048_575, "1.0 MiB"),
            (5 << 30, "5.0 GiB"),
        ] {
            assert_eq!(size(bytes), text);
        }
        assert_eq!(count(1, "session"), "1 session");
        assert_eq!(count(1_234_567, "session"), "1,234,567 sessions");
        assert_eq!(grouped(100), "100");
    }

    proptest! {
        #[test]
        fn nothing_foreign_drives_a_terminal(text in any::<String>()) {
            prop_assert!(!printable(&text).chars().any(char::is_control));
        }

        #[test]
        fn every_time_and_duration_can_be_shown(ms in any::<i64>(), now in any::<i64>(), bytes in any::<u64>()) {
            prop_assert!(!time(ms).is_empty() && !ago(ms, now).is_empty() && !duration(ms).is_empty());
            prop_assert!(!size(bytes).is_empty());
        }
    }
}
