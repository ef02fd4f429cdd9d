//! Wrong calls of every command of the table, with a unique marker in each place: MONITOR, SLOWLOG and
//! Valkey's COMMANDLOG show none of them.

mod calls;

use crate::table::{entries, Entry};
use calls::{Call, OPEN, SECRET};
use std::collections::BTreeMap;
use support::{say, Conn, Monitor, Server, Value};

/// The codes of errors that come only when all arguments have been understood. After these, and where a
/// command succeeds, the markers in names and options are shown.
const UNDERSTOOD: [&str; 9] = [
    "CONFLICT",
    "INVALID",
    "NOPERM",
    "NOSESSION",
    "OTHERUSER",
    "STALE",
    "TOOMANY",
    "TRYAGAIN",
    "WRONGTYPE",
];

/// How a call reaches the server.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Plain,
    Multi,
    Lua,
}

/// The server shows the arguments of EVAL as they are, so the script makes the markers.
const SCRIPT: &str = "for i, word in ipairs(ARGV) do ARGV[i] = string.gsub(word, '@@', 'mk') end \
                      return redis.pcall(unpack(ARGV))";

/// A server whose logs show everything.
struct Run {
    server: Server,
    conn: Conn,
    monitor: Monitor,
    /// Valkey's three command logs; none elsewhere.
    command_logs: Vec<&'static str>,
    /// Whether each marker may be shown.
    may_show: Vec<bool>,
    /// How often each code came, and how often markers were looked for and found where they may be.
    counts: BTreeMap<String, usize>,
}

impl Run {
    fn new() -> Run {
        let server = Server::start();
        let mut conn = server.conn();
        for (name, value) in [
            ("slowlog-log-slower-than", "0"),
            ("slowlog-max-len", "100000"),
        ] {
            conn.ok(&["CONFIG", "SET", name, value]);
        }
        let mut command_logs = Vec::new();
        for (log, threshold) in [
            ("slow", "commandlog-execution-slower-than"),
            ("large-request", "commandlog-request-larger-than"),
            ("large-reply", "commandlog-reply-larger-than"),
        ] {
            if conn.cmd(&["CONFIG", "SET", threshold, "0"]).is_ok() {
                let length = match log {
                    "slow" => "commandlog-slow-execution-max-len",
                    "large-request" => "commandlog-large-request-max-len",
                    _ => "commandlog-large-reply-max-len",
                };
                conn.ok(&["CONFIG", "SET", length, "100000"]);
                command_logs.push(log);
            }
        }
        let monitor = Monitor::of(&server);
        Run {
            server,
            conn,
            monitor,
            command_logs,
            may_show: Vec::new(),
            counts: BTreeMap::new(),
        }
    }

    /// Puts a new marker in the place of each placeholder. Returns the call, and whether each of its
    /// markers is in a value that is never shown.
    fn mark(&self, call: &Call) -> (Vec<String>, Vec<bool>) {
        let mut secrets = Vec::new();
        let mut marked = Vec::new();
        for (at, word) in call.words.iter().enumerate() {
            let is_secret = call.secrets.contains(&at);
            let mut word = word.clone();
            for placeholder in [OPEN, SECRET] {
                if !word.contains(placeholder) {
                    continue;
                }
                let number = self.may_show.len() + secrets.len();
                word = word.replace(placeholder, &format!("mk{number:08}"));
                secrets.push(is_secret);
            }
            marked.push(word);
        }
        (marked, secrets)
    }

    /// Sends calls, and looks for their markers.
    fn send(&mut self, calls: &[Call], way: Way) {
        self.reset();
        let mut sent = Vec::new();
        for call in calls {
            let (marked, secrets) = self.mark(call);
            let first = self.may_show.len();
            // Until the reply is known.
            self.may_show.extend(secrets.iter().map(|_| false));
            let batch: Vec<Vec<String>> = match way {
                Way::Plain => vec![marked],
                Way::Multi => vec![vec!["MULTI".into()], marked, vec!["EXEC".into()]],
                Way::Lua => {
                    let pieces = marked.iter().map(|word| word.replace("mk", "@@"));
                    let head = ["EVAL", SCRIPT, "0"].map(String::from);
                    vec![head.into_iter().chain(pieces).collect()]
                }
            };
            let replies = self.conn.pipeline(&batch);
            let reply = match &replies[..] {
                [_, Value::Simple(_), Value::Array(done)] => &done[0],
                [_, refused, _] => refused,
                replies => &replies[0],
            };
            let code = match reply {
                Value::Error(line) => line.split(' ').next().unwrap_or_default(),
                _ => "OK",
            };
            *self.counts.entry(code.to_owned()).or_default() += 1;
            if code == "OK" || UNDERSTOOD.contains(&code) {
                for (i, secret) in secrets.iter().enumerate() {
                    self.may_show[first + i] = !secret;
                }
            }
            sent.push((first, &call.words, reply.clone()));
        }
        for line in self.shown() {
            for (at, _) in line.match_indices("mk") {
                let digits = line.get(at + 2..at + 10).unwrap_or_default();
                let Ok(number) = digits.parse::<usize>() else {
                    continue;
                };
                let of = sent.partition_point(|(first, ..)| *first <= number) - 1;
                let (_, words, reply) = &sent[of];
                assert!(
                    self.may_show[number],
                    "{words:?} ({way:?}), answered by {reply}, shows a marker:\n{line}"
                );
                *self.counts.entry("shown".into()).or_default() += 1;
            }
        }
    }

    /// Everything that MONITOR and the logs show of commands since the last call.
    fn shown(&mut self) -> Vec<String> {
        let mut lines = self.monitor.so_far();
        let mut logs = vec![["SLOWLOG", "GET", "-1"].to_vec()];
        let kinds = self.command_logs.iter();
        logs.extend(kinds.map(|kind| ["COMMANDLOG", "GET", "-1", kind].to_vec()));
        for log in logs {
            let reply = self.conn.ok(&log);
            assert!(!reply.items().is_empty(), "{log:?}");
            lines.extend(
                reply
                    .items()
                    .iter()
                    .map(|entry| format!("{}", entry.items()[3])),
            );
        }
        lines
    }

    /// Empties the logs, and makes the session that the calls name.
    fn reset(&mut self) {
        for schema in self.conn.ok(&["SESSION.SCHEMA", "LIST"]).items() {
            let name = schema.field("name").bytes().to_vec();
            self.conn.ok(&[b"SESSION.SCHEMA", &b"DEL"[..], &name]);
        }
        self.conn.ok(&["FLUSHALL"]);
        let made = ["SESSION.SET", "live", "{}", "NX", "USER", "ada"];
        self.conn.ok(&made);
        self.shown();
        self.conn.ok(&["SLOWLOG", "RESET"]);
        for kind in self.command_logs.clone() {
            self.conn.ok(&["COMMANDLOG", "RESET", kind]);
        }
    }

    /// Sends every call of a command.
    fn all_of(&mut self, entry: Entry, way: Way, step: usize) -> usize {
        let names = entry.words();
        let with_name = |call: Call| Call {
            words: [names.clone(), call.words].concat(),
            secrets: call.secrets.iter().map(|at| at + names.len()).collect(),
        };
        let calls: Vec<Call> = calls::all(entry)
            .into_iter()
            .step_by(step)
            .map(with_name)
            .collect();
        for batch in calls.chunks(500) {
            self.send(batch, way);
        }
        calls.len()
    }
}

#[test]
fn no_log_shows_data_in_a_wrong_place_of_any_call() {
    let mut run = Run::new();
    for entry in entries() {
        let mut sent = 0;
        for (way, step) in [(Way::Plain, 1), (Way::Multi, 9), (Way::Lua, 7)] {
            sent += run.all_of(entry, way, step);
        }
        say(&format!("{}: {sent} calls", entry.title()));
    }
    say(&format!("{:?}; logs: {:?}", run.counts, run.command_logs));
    let count = |of: &str| run.counts.get(of).copied().unwrap_or(0);
    // The calls were right and wrong in all those ways, and the markers would have been found.
    for code in ["OK", "ERR", "NOSESSION", "BADJSON", "NOSCHEMA", "shown"] {
        assert!(count(code) > 20, "{code}: {:?}", run.counts);
    }
    assert!(run.server.is_running());
}

/// The calls that were found to show a password.
#[test]
fn a_password_after_an_option_that_does_not_exist_is_redacted() {
    let mut run = Run::new();
    let data = format!(r#"{{"pw":"{SECRET}"}}"#);
    let commands = [
        "SESSION.ROTATE live new:* TOKENS PATCH",
        "SESSION.SET live SCHEMA u",
        "SESSION.PATCH live IFVERSION 3",
        "SESSION.PATCH live {}",
        "SESSION.ROTATE live new:* EX 10",
        "SESSION.TOUCH live",
        "SESSION.GET live",
        "SESSION.GET live PATH",
        "SESSION.POP live",
        "SESSION.VERIFY live FRESH",
        "SESSION.VERIFY live SCHEMA",
        "SESSION.REVOKE ada",
        "SESSION.SCHEMA SET",
        "SESSION._PUT live",
        "SESSION._SPLICE live",
        "SESSION._REGISTRY",
    ];
    let calls = commands.map(|command| {
        let words = command.split(' ').chain([&data[..]]).map(String::from);
        Call {
            words: words.collect(),
            secrets: Vec::new(),
        }
    });
    for way in [Way::Plain, Way::Multi, Way::Lua] {
        run.send(&calls, way);
    }
    assert_eq!(run.counts.get("OK"), None, "{:?}", run.counts);
    run.conn.cmd(&calls[0].words);
    let lines = run.monitor.so_far();
    let wanted = r#""SESSION.ROTATE" "live" "new:*" "(redacted)" "PATCH" "(redacted)""#;
    assert!(lines.iter().any(|line| line.ends_with(wanted)), "{lines:?}");
}

#[test]
fn the_patch_of_a_rotation_is_redacted_wherever_the_word_stands() {
    let mut run = Run::new();
    run.conn.ok(&["SESSION.SCHEMA", "SET", "PATCH", "true"]);
    let data = r#"{"pw":"hunter2"}"#;
    for (key, options, shown) in [
        ("a", &["PATCH", data][..], r#""PATCH" "(redacted)""#),
        (
            "b",
            &["TOKEN", "PATCH", data, "EX", "9"],
            r#""TOKEN" "PATCH" "(redacted)" "EX" "9""#,
        ),
        (
            "c",
            &["USER", "PATCH", "PATCH", data],
            r#""USER" "PATCH" "(redacted)" "(redacted)""#,
        ),
        (
            "d",
            &["PATCH", data, "SCHEMA", "PATCH"],
            r#""PATCH" "(redacted)" "SCHEMA" "PATCH""#,
        ),
        ("patch", &["TOKEN"], r#""TOKEN""#),
        ("e", &["USER", "PATCH"], r#""USER" "PATCH""#),
    ] {
        run.conn.ok(&["SESSION.SET", key, "{}", "NX"]);
        run.conn
            .ok(&[&["SESSION.ROTATE", key, "new:*"], options].concat());
        let lines = run.monitor.so_far();
        let wanted = format!(r#""SESSION.ROTATE" "{key}" "new:*" {shown}"#);
        assert!(
            lines.iter().any(|line| line.ends_with(&wanted)),
            "{wanted}: {lines:?}"
        );
    }
}
