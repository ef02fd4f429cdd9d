//! Numbers in five characters or less, and other short words.

use std::time::Duration;

/// As 9999, 12.3k, 1.2M. Five characters at most up to 999G.
pub fn count(count: u64) -> String {
    if count < 10_000 {
        return count.to_string();
    }
    scaled(count as f64, 1000.0, &["", "k", "M", "G", "T", "P", "E"])
}

/// A number a second: as 0, 0.3, 42, 12.3k.
pub fn rate(rate: f64) -> String {
    if rate <= 0.0 {
        "0".to_owned()
    } else if rate < 0.05 {
        "<0.1".to_owned()
    } else if rate < 9.95 {
        format!("{rate:.1}")
    } else {
        count(rate.round() as u64)
    }
}

/// Bytes in units of 1024: as 512B, 1.2M, 412M.
pub fn bytes(bytes: u64) -> String {
    if bytes < 1000 {
        return format!("{bytes}B");
    }
    scaled(bytes as f64, 1024.0, &["B", "K", "M", "G", "T", "P", "E"])
}

/// Divides until three digits are left before the point, and keeps one after it.
fn scaled(mut value: f64, unit: f64, names: &[&str]) -> String {
    let mut names = names.iter();
    let mut name = names.next().copied().unwrap_or_default();
    while value >= 999.5 {
        let Some(next) = names.next() else {
            break;
        };
        value /= unit;
        name = next;
    }
    if value < 99.95 {
        format!("{value:.1}{name}")
    } else {
        format!("{value:.0}{name}")
    }
}

/// As 12s, 3m, 4h, 5d.
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..172_800 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// The interval: as 1 s, 0.5 s.
pub fn interval(interval: Duration) -> String {
    format!("{} s", interval.as_secs_f64())
}

/// Breaks a text at spaces into lines of this width. A longer word is cut into pieces.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split_whitespace() {
        let mut letters: Vec<char> = word.chars().collect();
        while !letters.is_empty() {
            let gap = usize::from(used > 0);
            if used + gap + letters.len() > width && used > 0 {
                lines.push(String::new());
                used = 0;
                continue;
            }
            let rest = letters.split_off(letters.len().min(width));
            if let Some(line) = lines.last_mut() {
                if gap == 1 {
                    line.push(' ');
                }
                line.extend(&letters);
            }
            used += gap + letters.len();
            letters = rest;
        }
    }
    lines
}

/// Shortens the name of a node in its host, so that the port stays.
pub fn name(name: &str, width: usize, gap: &str) -> String {
    let length = name.chars().count();
    if length <= width {
        return name.to_owned();
    }
    let (host, port) = name
        .rsplit_once(':')
        .map_or((name, ""), |(host, _)| (host, &name[host.len()..]));
    let room = width.saturating_sub(port.chars().count() + gap.chars().count());
    let start: String = host.chars().take(room).collect();
    let all = format!("{start}{gap}{port}");
    all.chars().take(width).collect()
}

#[cfg(test)]
mod tests {
    use super::{bytes, count, duration, name, rate, wrap};
    use proptest::prelude::*;
    use std::time::Duration;

    #[test]
    fn numbers_are_short_and_rounded() {
        let counts = [
            0, 9999, 10_000, 12_345, 99_949, 99_950, 999_499, 999_500, 1_240_000,
        ];
        let words = counts.map(count);
        let expected = [
            "0", "9999", "10.0k", "12.3k", "99.9k", "100k", "999k", "1.0M", "1.2M",
        ];
        assert_eq!(words, expected);
        let rates = [0.0, 0.01, 0.34, 9.94, 9.96, 1234.5, 45_678.0].map(rate);
        assert_eq!(rates, ["0", "<0.1", "0.3", "9.9", "10", "1235", "45.7k"]);
        let sizes = [0, 999, 1000, 1024, 1_048_576, 1_048_575, 5 << 30].map(bytes);
        assert_eq!(
            sizes,
            ["0B", "999B", "1.0K", "1.0K", "1.0M", "1.0M", "5.0G"]
        );
        let times = [0, 59, 60, 3599, 3600, 172_799, 172_800].map(Duration::from_secs);
        assert_eq!(
            times.map(duration),
            ["0s", "59s", "1m", "59m", "1h", "47h", "2d"]
        );
    }

    #[test]
    fn a_long_name_keeps_its_port() {
        assert_eq!(name("127.0.0.1:6379", 20, ".."), "127.0.0.1:6379");
        let long = name("sessions.eu.example:6379", 16, "..");
        assert_eq!(long, "sessions...:6379");
        assert_eq!(name("abcdef", 4, ".."), "ab..");
    }

    proptest! {
        #[test]
        fn a_number_never_takes_more_than_five_characters(number: u64) {
            prop_assert!(count(number).len() <= 5);
            prop_assert!(bytes(number).len() <= 5);
        }

        #[test]
        fn lines_fit_and_no_letter_is_lost(text in "[a-z ]{0,80}", width in 1usize..20) {
            let lines = wrap(&text, width);
            prop_assert!(lines.iter().all(|line| line.chars().count() <= width));
            let letters = |text: &str| text.replace(' ', "");
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }

        #[test]
        fn a_name_fits(text in ".{0,30}", width in 0usize..30) {
            prop_assert!(name(&text, width, "…").chars().count() <= width);
        }
    }
}
