//! The documented syntax on a real server: every combination of options that the table allows is
//! accepted, in several orders, and every other gets the error of the reference.

use crate::table::rules::{error_by_rule, Form, NEEDS_MAXSESSIONS, NEEDS_USER};
use crate::table::samples::{self, Choice};
use crate::table::{all_tokens, callable, entry, flat, Entry};
use std::collections::BTreeSet;
use support::{say, Conn, Server, Value};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/commands.md");
const SYNTAX: &str = "ERR syntax error";

/// A server, with the number of calls and the errors so far.
struct Run {
    server: Server,
    conn: Conn,
    calls: usize,
    errors: BTreeSet<String>,
}

impl Run {
    fn new() -> Run {
        let server = Server::start();
        let mut conn = server.conn();
        conn.ok(&["SESSION.SCHEMA", "SET", "any", "true"]);
        Run {
            server,
            conn,
            calls: 0,
            errors: BTreeSet::new(),
        }
    }

    /// Runs a command and returns its error, if any. `lower`: with all words in lower case.
    fn call(&mut self, entry: Entry, form: Form, args: &[String], lower: bool) -> Option<String> {
        self.calls += 1;
        let n = self.calls.to_string();
        if form == Form::Live {
            let key = format!("live:{n}");
            let user = format!("ada{n}");
            let made = ["SESSION.SET", &key, r#"{"n":1}"#, "NX", "USER", &user];
            assert_eq!(self.conn.ok(&made).text(), key);
        }
        if entry.full_name() == "session.schema|check" {
            let name = format!("schema{n}");
            self.conn.ok(&["SESSION.SCHEMA", "SET", &name, "true"]);
        }
        let mut words = entry.words();
        words.extend(args.iter().cloned());
        for word in &mut words {
            *word = word.replace("{n}", &n);
            if lower {
                *word = word.to_lowercase();
            }
        }
        let error = match self.conn.cmd(&words) {
            Value::Error(line) => Some(line),
            _ => None,
        };
        self.errors.extend(error.clone());
        error
    }

    /// Runs a command with these options after its positional arguments, and checks its error.
    #[track_caller]
    fn expect(&mut self, entry: Entry, form: Form, options: &[String], error: Option<&str>) {
        for positional in samples::every_positional(entry, &form) {
            let args = [&positional, options].concat();
            for lower in [false, true] {
                let is = self.call(entry, form, &args, lower);
                assert_eq!(is.as_deref(), error, "{} {form:?} {args:?}", entry.title());
            }
        }
    }
}

/// The words of all options. An option that takes all words after it comes last.
fn words(choices: &[&Choice]) -> Vec<String> {
    let (last, rest): (Vec<&&Choice>, Vec<&&Choice>) =
        choices.iter().partition(|choice| choice.takes_the_rest);
    let ordered = rest.into_iter().chain(last);
    ordered.flat_map(|choice| choice.words.clone()).collect()
}

/// All combinations of options: each option left out, or given in each of its forms.
fn combinations(choices: &[Choice]) -> Vec<Vec<&Choice>> {
    let options = choices.iter().map(|choice| choice.option + 1).max();
    let mut all: Vec<Vec<&Choice>> = vec![Vec::new()];
    for option in 0..options.unwrap_or(0) {
        let ways = choices.iter().filter(|choice| choice.option == option);
        let with: Vec<Vec<&Choice>> = ways
            .flat_map(|way| all.iter().map(move |some| [&some[..], &[way]].concat()))
            .collect();
        all.extend(with);
    }
    all
}

#[test]
fn every_combination_is_taken_in_any_order_and_every_contradiction_refused() {
    let mut run = Run::new();
    combinations_in_any_order(&mut run);
    two_ways_to_give_one_option(&mut run);
    let alone = ["MAXSESSIONS", "10"].map(String::from);
    run.expect(entry("session.set"), Form::Star, &alone, Some(NEEDS_USER));
    let alone = ["REFUSE".to_owned()];
    let error = Some(NEEDS_MAXSESSIONS);
    run.expect(entry("session.set"), Form::Star, &alone, error);
    every_documented_contradiction_is_among(&run.errors);
}

fn combinations_in_any_order(run: &mut Run) {
    for entry in callable() {
        let before = run.calls;
        for &form in Form::of(entry) {
            let choices = samples::choices(entry, &form);
            for (i, given) in combinations(&choices).into_iter().enumerate() {
                let wanted = error_by_rule(entry, form, &given);
                run.expect(entry, form, &words(&given), wanted);
                if given.len() < 2 {
                    continue;
                }
                let mut other = given.clone();
                other.reverse();
                run.expect(entry, form, &words(&other), wanted);
                other.rotate_left(1 + i % (given.len() - 1));
                run.expect(entry, form, &words(&other), wanted);
            }
        }
        say(&format!("{}: {} calls", entry.title(), run.calls - before));
    }
}

/// The errors of contradictions are those that docs/commands.md lists.
#[track_caller]
fn every_documented_contradiction_is_among(errors: &BTreeSet<String>) {
    let page = std::fs::read_to_string(PAGE).expect("the reference");
    let quoted = page.split('`').skip(1).step_by(2);
    let documented: BTreeSet<_> = quoted
        .filter(|text| text.starts_with("ERR syntax error: "))
        .map(String::from)
        .collect();
    let seen: BTreeSet<_> = errors
        .iter()
        .filter(|line| line.starts_with("ERR syntax error: "))
        .cloned()
        .collect();
    assert_eq!(seen, documented);
}

/// An option given twice, and two alternatives of one option.
fn two_ways_to_give_one_option(run: &mut Run) {
    for entry in callable() {
        for &form in Form::of(entry) {
            let choices = samples::choices(entry, &form);
            for first in choices.iter().filter(|choice| !choice.takes_the_rest) {
                let same = choices.iter().filter(|c| c.option == first.option);
                for second in same {
                    let both = [first, second];
                    let wanted = if first.again && second.again {
                        error_by_rule(entry, form, &both)
                    } else if first.tokens[0] == second.tokens[0] {
                        Some(SYNTAX)
                    } else {
                        error_by_rule(entry, form, &both)
                            .filter(|line| line.starts_with(SYNTAX))
                            .or(Some(SYNTAX))
                    };
                    run.expect(entry, form, &words(&both), wanted);
                }
            }
        }
    }
}

/// MAXSESSIONS follows USER in the documented syntax, and REFUSE that; each may stand anywhere in a
/// command. Without USER, MAXSESSIONS is refused, and REFUSE without MAXSESSIONS.
#[test]
fn maxsessions_goes_with_user_wherever_they_stand() {
    let mut run = Run::new();
    for (command, form) in [("session.set", Form::Star), ("session.rotate", Form::Live)] {
        let entry = entry(command);
        for order in [
            ["MAXSESSIONS", "10", "TOKEN", "USER", "ada{n}"],
            ["USER", "ada{n}", "TOKEN", "MAXSESSIONS", "10"],
        ] {
            run.expect(entry, form, &order.map(String::from), None);
        }
        for options in [&["MAXSESSIONS", "10"][..], &["TOKEN", "MAXSESSIONS", "10"]] {
            let options: Vec<_> = options.iter().map(|word| word.to_string()).collect();
            run.expect(entry, form, &options, Some(NEEDS_USER));
        }
        for order in [
            ["REFUSE", "TOKEN", "MAXSESSIONS", "10", "USER", "ada{n}"],
            ["MAXSESSIONS", "10", "USER", "ada{n}", "TOKEN", "REFUSE"],
        ] {
            run.expect(entry, form, &order.map(String::from), None);
        }
        let refuse = ["USER", "ada", "REFUSE"].map(String::from);
        run.expect(entry, form, &refuse, Some(NEEDS_MAXSESSIONS));
        let twice = ["USER", "ada", "MAXSESSIONS", "10", "MAXSESSIONS", "10"];
        run.expect(entry, form, &twice.map(String::from), Some(SYNTAX));
    }
}

#[test]
fn an_option_without_its_value_is_refused() {
    let mut run = Run::new();
    for entry in callable() {
        for &form in Form::of(entry) {
            for choice in samples::choices(entry, &form) {
                for (at, word) in choice.words.iter().enumerate() {
                    let is_token = choice.tokens.contains(&word.as_str());
                    if is_token && at + 1 < choice.words.len() {
                        run.expect(entry, form, &choice.words[..=at], Some(SYNTAX));
                    }
                }
            }
        }
    }
}

/// A command accepts only the options of its own syntax.
#[test]
fn the_options_of_other_commands_are_refused() {
    let mut run = Run::new();
    for entry in callable() {
        let own: Vec<_> = flat(entry.spec.args)
            .iter()
            .filter_map(|arg| arg.token)
            .collect();
        let has_options = entry.spec.args.iter().any(|arg| arg.optional);
        let foreign = all_tokens()
            .into_iter()
            .filter(|token| !own.contains(token));
        for token in foreign.chain(["NOSUCHOPTION", ""]) {
            let form = *Form::of(entry).last().expect("a form");
            for options in [vec![token.to_owned()], vec![token.to_owned(), "1".into()]] {
                let arity = format!(
                    "ERR wrong number of arguments for '{}' command",
                    entry.full_name()
                );
                let error = if has_options {
                    SYNTAX
                } else if entry.spec.arity > 0 {
                    &arity
                } else {
                    // A list of keys, pointers or names takes any word.
                    continue;
                };
                run.expect(entry, form, &options, Some(error));
            }
        }
    }
}

#[test]
fn too_few_arguments_are_refused() {
    let mut run = Run::new();
    for entry in callable() {
        let least = usize::try_from(entry.spec.arity.abs()).expect("a number");
        let mut words = entry.words();
        words.extend(vec!["x".to_owned(); least]);
        let wanted = format!(
            "ERR wrong number of arguments for '{}' command",
            entry.full_name()
        );
        for n in entry.words().len()..least {
            assert_eq!(run.conn.err(&words[..n]), wanted, "{n} words");
        }
    }
}

/// Every word after PATH is a pointer, also the word of an option.
#[test]
fn nothing_comes_after_path() {
    let mut run = Run::new();
    let mut tried = 0;
    for entry in callable() {
        let form = Form::of(entry)[0];
        let choices = samples::choices(entry, &form);
        let Some(path) = choices.iter().find(|choice| choice.tokens == ["PATH"]) else {
            continue;
        };
        for other in choices.iter().filter(|choice| choice.option != path.option) {
            let positional = samples::positional(entry, &form);
            let args = [positional, path.words.clone(), other.words.clone()].concat();
            let error = run.call(entry, form, &args, false).expect("an error");
            let wanted = format!("ERR '{}' is not a JSON Pointer", other.words[0]);
            assert!(error.starts_with(&wanted), "{error}");
            tried += 1;
        }
    }
    assert!(tried > 0, "no command has PATH and another option");
    assert!(run.server.is_running());
}
