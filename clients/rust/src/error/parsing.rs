//! Reads what INVALID says: which rules of a schema the data breaks, and where.

use super::kinds::Error;
use super::violation::Violation;

/// The error for the text of an INVALID reply: `schema 'user': /name: maxLength 10; (root): required "a"; and 2 more`
pub(super) fn invalid(message: String) -> Error {
    let (schema, told) = named(&message);
    let (told, more) = counted(told);
    Error::Invalid {
        schema: schema.to_owned(),
        violations: violations(told),
        more,
        message: message.clone(),
    }
}

/// The violations that are told, and how many more there are.
fn counted(text: &str) -> (&str, Option<u64>) {
    let (told, rest) = match text.rsplit_once("; ") {
        Some((told, rest)) => (told, rest),
        None => ("", text),
    };
    match rest
        .strip_prefix("and ")
        .and_then(|rest| rest.strip_suffix("more"))
    {
        Some("") => (told, None),
        Some(count) => match count.trim_end().parse() {
            Ok(count) => (told, Some(count)),
            Err(_) => (text, Some(0)),
        },
        None => (text, Some(0)),
    }
}

/// The name of the schema, and what follows it. The name can have any characters, also those that end it, so the end is
/// where a place follows: a pointer, or the root.
fn named(message: &str) -> (&str, &str) {
    const END: &str = "': ";
    let Some(rest) = message.strip_prefix("schema '") else {
        return ("", message);
    };
    let mut ends = rest.match_indices(END).map(|(at, _)| at);
    let is_place = |told: &str| told.starts_with('/') || told.starts_with("(root): ");
    let end = ends.clone().find(|at| is_place(&rest[at + END.len()..]));
    match end.or_else(|| ends.next()) {
        Some(at) => (&rest[..at], &rest[at + END.len()..]),
        None => (rest, ""),
    }
}

/// Each violation begins with a pointer. A `; ` that no pointer follows is part of a rule.
fn violations(text: &str) -> Vec<Violation> {
    let mut parts: Vec<String> = Vec::new();
    for part in text.split("; ") {
        match parts.last_mut() {
            Some(last) if !part.starts_with('/') && !part.starts_with("(root): ") => {
                last.push_str("; ");
                last.push_str(part);
            }
            _ => parts.push(part.to_owned()),
        }
    }
    parts
        .iter()
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (pointer, rule) = part.split_once(": ").unwrap_or((part, ""));
            Violation {
                pointer: if pointer == "(root)" { "" } else { pointer }.to_owned(),
                rule: rule.to_owned(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parts(message: &str) -> (String, Vec<(String, String)>, Option<u64>) {
        let Error::Invalid {
            schema,
            violations,
            more,
            ..
        } = invalid(message.to_owned())
        else {
            panic!("another error");
        };
        let pair = |v: Violation| (v.pointer, v.rule);
        (schema, violations.into_iter().map(pair).collect(), more)
    }

    fn pair(pointer: &str, rule: &str) -> (String, String) {
        (pointer.to_owned(), rule.to_owned())
    }

    #[test]
    fn the_parts_of_a_message_are_told_apart() {
        let (schema, violations, more) =
            parts("schema 'user': (root): required \"a\"; /b: pattern x; y; and 2 more");
        assert_eq!(schema, "user");
        assert_eq!(
            violations,
            [pair("", "required \"a\""), pair("/b", "pattern x; y")]
        );
        assert_eq!(more, Some(2));
        assert_eq!(parts("schema 's': /a: type string; and more").2, None);
        assert_eq!(parts("schema 's': /a: pattern b and 3 more").2, Some(0));
    }

    #[test]
    fn a_message_without_places_has_none() {
        let text = "schema 'x': not valid, and telling why takes more work than the sizes allow";
        let (schema, _, more) = parts(text);
        assert_eq!((&schema[..], more), ("x", Some(0)));
        assert_eq!(parts(""), (String::new(), Vec::new(), Some(0)));
    }

    proptest! {
        #[test]
        fn any_text_is_an_error(text in "(schema ')?[a-z';:/() ]{0,40}(and )?[0-9]{0,30}( more)?") {
            let error = invalid(text.clone());
            prop_assert_eq!(error.to_string(), text);
        }

        #[test]
        fn what_the_server_writes_is_read_back(
            schema in "[ -~]{1,20}",
            places in prop::collection::vec(("(/[a-z0-9]{1,5}){1,3}|", "[a-z]{1,9}( [0-9]{1,3})?"), 1..6),
            more in 0_u64..1000,
        ) {
            prop_assume!(!schema.contains("': "));
            let told = |(pointer, rule): &(String, String)| match &pointer[..] {
                "" => format!("(root): {rule}"),
                _ => format!("{pointer}: {rule}"),
            };
            let mut text: Vec<_> = places.iter().map(told).collect();
            if more > 0 {
                text.push(format!("and {more} more"));
            }
            let message = format!("schema '{schema}': {}", text.join("; "));
            prop_assert_eq!(parts(&message), (schema, places, Some(more)));
        }
    }
}
