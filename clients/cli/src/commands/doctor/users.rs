//! Reads the lines of ACL LIST and the replies of ACL DRYRUN.

use super::facts::User;
use redis::Value;

/// A line of ACL LIST: `user NAME on nopass ~* &* +@all`. What it may do with sessions is left open.
pub fn read(line: &str) -> User {
    let mut words = line.split_whitespace().skip(1);
    let name = words.next().unwrap_or_default().to_owned();
    // Selectors in brackets only add rights.
    let rules: Vec<&str> = words.take_while(|word| !word.starts_with('(')).collect();
    let has = |wanted: &[&str]| rules.iter().any(|rule| wanted.contains(rule));
    let commands: Vec<&&str> = rules
        .iter()
        .filter(|rule| rule.starts_with(['+', '-']) || rule.ends_with("commands"))
        .collect();
    let all_commands =
        matches!(commands.as_slice(), [only] if matches!(**only, "+@all" | "allcommands"));
    User {
        name,
        on: has(&["on"]),
        without_password: has(&["nopass"]),
        is_admin: all_commands && has(&["~*", "allkeys", "%RW~*"]),
        ..User::default()
    }
}

/// The reply to ACL DRYRUN. A key outside the patterns is no answer: the command itself is allowed.
pub fn may_run(reply: &Value) -> bool {
    match reply {
        Value::Okay => true,
        // From Redis 7.0 on a refusal is text, not an error.
        Value::BulkString(text) => !String::from_utf8_lossy(text).contains(" run the "),
        Value::SimpleString(text) => !text.contains(" run the "),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_read_from_a_line() {
        let admin = read("user default on nopass sanitize-payload ~* &* +@all");
        assert!(admin.on && admin.without_password && admin.is_admin);
        let web =
            read("user web on #9f86 ~session:* resetchannels -@all +session.get +session.import");
        assert!(web.on && !web.without_password && !web.is_admin);
        assert_eq!(web.name, "web");
        let most = read("user most on #9f86 ~* &* +@all -@dangerous");
        assert!(!most.is_admin);
        let off = read("user default off nopass ~* &* -@all (~x +@all)");
        assert!(!off.on && !off.is_admin);
    }

    #[test]
    fn a_key_outside_the_patterns_is_no_refusal_of_the_command() {
        let bulk = |text: &str| Value::BulkString(text.as_bytes().to_vec());
        assert!(may_run(&Value::Okay));
        assert!(may_run(&bulk(
            "User w has no permissions to access the 'k' key"
        )));
        assert!(!may_run(&bulk(
            "User w has no permissions to run the 'session.import' command"
        )));
    }
}
