//! Whether what one sees is what the page shows.
//!
//! In the page, `…` stands for anything within a line, and a line that is only `…` for any number of lines. IDs
//! are random: one that the page shows stands for that of this run from then on. Times are as long as they are.

use std::collections::HashMap;

/// Words of the page, and what they are here.
pub type Made = HashMap<String, String>;

/// Whether the lines of this run are those of the page.
pub fn same(is: &[String], shown: &[String], made: &mut Made) -> bool {
    let Some((first, rest)) = shown.split_first() else {
        return is.is_empty();
    };
    if first == "…" {
        return (0..=is.len()).any(|skipped| same(&is[skipped..], rest, made));
    }
    let Some((line, others)) = is.split_first() else {
        return false;
    };
    let mut tried = made.clone();
    if same_line(&plain(line), &plain(first), &mut tried) && same(others, rest, &mut tried) {
        *made = tried;
        return true;
    }
    false
}

/// A line with its columns one space apart, and its times as a word.
fn plain(line: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    for word in line.split_whitespace() {
        match out.last() {
            Some(&"TIME") if is_time(word) => {}
            _ => out.push(if is_time(word) { "TIME" } else { word }),
        }
    }
    out.join(" ").replace("just now", "TIME ago")
}

/// `(0.58s)`, which redis-cli shows on a terminal behind the reply to a command that took half a second or more.
pub fn is_duration(line: &str) -> bool {
    let seconds = line
        .strip_prefix('(')
        .and_then(|line| line.strip_suffix("s)"));
    seconds.is_some_and(|seconds| seconds.parse::<f64>().is_ok())
}

/// `3d`, `59m`, `12s`
fn is_time(word: &str) -> bool {
    let number = word.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let unit = &word[number.len()..];
    !number.is_empty()
        && number.chars().all(|c| c.is_ascii_digit())
        && ["d", "h", "m", "s", "ms"].contains(&unit)
}

fn same_line(is: &str, shown: &str, made: &mut Made) -> bool {
    let mut is = is;
    let mut parts = shown.split('…').peekable();
    let mut first = true;
    while let Some(part) = parts.next() {
        let last = parts.peek().is_none();
        let found = if first {
            prefix(is, part, made)
        } else if part.is_empty() && last {
            return true;
        } else {
            anywhere(is, part, last, made)
        };
        match found {
            Some(rest) => is = rest,
            None => return false,
        }
        first = false;
    }
    is.is_empty()
}

fn anywhere<'a>(is: &'a str, part: &str, last: bool, made: &mut Made) -> Option<&'a str> {
    let starts = is.char_indices().map(|(at, _)| at);
    for at in starts {
        let mut tried = made.clone();
        if let Some(rest) = prefix(&is[at..], part, &mut tried) {
            if !last || rest.is_empty() {
                *made = tried;
                return Some(rest);
            }
        }
    }
    None
}

/// What follows in `is` after the words of `part`.
fn prefix<'a>(is: &'a str, part: &str, made: &mut Made) -> Option<&'a str> {
    let mut is = is;
    let mut part = part;
    while !part.is_empty() {
        let (word, rest) = token(part);
        let (here, after) = token(is);
        if is_id(word) {
            if !is_id(here) || here.len() != word.len() {
                return None;
            }
            let known = made.entry(word.to_owned()).or_insert(here.to_owned());
            if known != here {
                return None;
            }
            is = after;
        } else {
            is = is.strip_prefix(word)?;
        }
        part = rest;
    }
    Some(is)
}

/// A run of word characters, or one other character; and what follows.
fn token(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !is_word(c))
        .filter(|end| *end > 0)
        .unwrap_or_else(|| {
            let first = text.chars().next();
            match first {
                Some(c) if is_word(c) => text.len(),
                Some(c) => c.len_utf8(),
                None => 0,
            }
        });
    text.split_at(end)
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-".contains(c)
}

/// The ID of a session: 32 hex digits, or these with a `t` before them; or a token.
fn is_id(word: &str) -> bool {
    let hex = word.strip_prefix('t').unwrap_or(word);
    hex.len() == 32 && hex.chars().all(|c| c.is_ascii_hexdigit()) || word.len() == 43
}

/// The commands with the IDs of this run.
pub fn here(commands: &str, made: &Made) -> String {
    let (mut out, mut rest) = (String::new(), commands);
    while !rest.is_empty() {
        let (word, after) = token(rest);
        out.push_str(made.get(word).map_or(word, String::as_str));
        rest = after;
    }
    out
}

mod tests {
    use super::{here, is_duration, same, Made};

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    fn is_same(is: &str, shown: &str) -> bool {
        same(&lines(is), &lines(shown), &mut Made::new())
    }

    #[test]
    fn what_the_page_leaves_out_can_be_anything() {
        assert!(is_same("a\nb 12 c", "a\nb … c"));
        assert!(is_same("a\nx\ny\nb", "a\n…\nb"));
        assert!(is_same("7:M 30 Nov # Module x failed", "… # Module …"));
        assert!(is_same("", ""));
        for (is, shown) in [
            ("a", "b"),
            ("a\nb", "a"),
            ("a", "a\nb"),
            ("a\nx\nc", "a\n…\nb"),
            ("b 12 d", "b … c"),
            ("anything", ""),
        ] {
            assert!(!is_same(is, shown), "{is:?} {shown:?}");
        }
    }

    #[test]
    fn columns_and_times_may_differ() {
        assert!(is_same("12s ago    in 3h 4m  x", "3d 4h ago  in 59s x"));
        assert!(is_same("just now  x", "5m ago x"));
        assert!(!is_same("12s ago  x", "12s ago  y"));
    }

    #[test]
    fn how_long_a_command_took_is_no_part_of_its_reply() {
        assert!(is_duration("(0.58s)") && is_duration("(12.30s)"));
        for reply in ["(integer) 1", "(s)", "0.58s", "(nil)"] {
            assert!(!is_duration(reply), "{reply}");
        }
    }

    #[test]
    fn an_id_of_the_page_stands_for_one_of_this_run() {
        let (a, b, c) = ("a".repeat(32), "b".repeat(32), "c".repeat(32));
        let mut made = Made::new();
        let shown = lines(&format!("session:{a}\n{b}\n{a}"));
        let is = lines(&format!("session:{c}\n{a}\n{c}"));
        assert!(same(&is, &shown, &mut made));
        assert_eq!(here(&format!("GET {b}"), &made), format!("GET {a}"));
        let other = lines(&format!("session:{b}"));
        assert!(!same(&other, &lines(&format!("session:{a}")), &mut made));
    }
}
