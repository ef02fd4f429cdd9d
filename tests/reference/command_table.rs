//! Invariants of the command table, checked for every entry.

use crate::sources::texts;
use crate::table::{all_tokens, callable, entries, facts, flat};
use redis_session::table::{ArgSpec, Keys, Kind, Repeat, Spec, TABLE};
use std::collections::BTreeSet;
use support::Server;

#[track_caller]
fn each(check: impl Fn(&str, &Spec)) {
    for entry in entries() {
        check(&entry.full_name(), entry.spec);
    }
}

#[track_caller]
fn each_arg(check: impl Fn(&str, &ArgSpec)) {
    for entry in entries() {
        for arg in flat(entry.spec.args) {
            check(&format!("{} {}", entry.full_name(), arg.name), arg);
        }
    }
}

fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(plain)
}

#[test]
fn names_are_lower_case_and_given_once() {
    let names: Vec<_> = entries().iter().map(|entry| entry.full_name()).collect();
    let once: BTreeSet<_> = names.iter().collect();
    assert_eq!(once.len(), names.len());
    for spec in TABLE {
        assert!(spec.name.starts_with("session."), "{}", spec.name);
        assert_eq!(spec.name, spec.name.to_lowercase());
        for sub in spec.subcommands {
            assert!(is_name(sub.name), "{}", sub.name);
            assert!(sub.subcommands.is_empty(), "{}", sub.name);
        }
    }
}

#[test]
fn a_container_does_nothing_itself_and_everything_else_does() {
    each(|name, spec| {
        assert_eq!(spec.entry.is_none(), !spec.subcommands.is_empty(), "{name}");
        if spec.entry.is_none() {
            assert!(spec.args.is_empty() && spec.flags.is_empty(), "{name}");
            let subcommands = spec.subcommands.iter();
            assert_eq!(
                subcommands.filter(|s| s.name == "help").count(),
                1,
                "{name}"
            );
        }
    });
}

#[test]
fn summaries_are_one_sentence_each() {
    let mut seen = BTreeSet::new();
    for entry in entries() {
        let (name, text) = (entry.full_name(), entry.spec.summary);
        let inner = text
            .strip_suffix('.')
            .unwrap_or_else(|| panic!("{name}: no period"));
        assert!(
            !inner.contains(". ") && !inner.ends_with('.'),
            "{name}: more than one"
        );
        assert!(text.starts_with(|c: char| c.is_ascii_uppercase()), "{name}");
        assert!(text.is_ascii() && !text.contains("  "), "{name}: {text}");
        assert!(text.len() <= 130, "{name}: {} characters", text.len());
        assert!(seen.insert(text), "{name}: the same as another's");
    }
}

#[test]
fn complexities_are_in_big_o_and_say_what_n_is() {
    for entry in entries() {
        let (name, text) = (entry.full_name(), entry.spec.complexity);
        if entry.is_container() {
            assert_eq!(text, "Depends on subcommand.", "{name}"); // core's words
            continue;
        }
        assert!(text.starts_with("O("), "{name}: {text}");
        assert!(
            text.is_ascii() && !text.ends_with('.') && !text.contains("  "),
            "{name}"
        );
        let constant = text == "O(1)";
        assert_ne!(constant, text.contains("where N is"), "{name}: {text}");
    }
}

#[test]
fn arities_follow_from_the_arguments() {
    for entry in entries() {
        assert_eq!(
            entry.spec.arity,
            facts::arity(entry),
            "{}",
            entry.full_name()
        );
    }
}

#[test]
fn module_list_shows_the_version_of_the_package() {
    let parts: Vec<i64> = env!("CARGO_PKG_VERSION")
        .split('.')
        .map(|part| part.parse().expect("a number"))
        .collect();
    let wanted = parts[0] * 10_000 + parts[1] * 100 + parts[2];
    let server = Server::start();
    let modules = server.ok(&["MODULE", "LIST"]);
    let ours = modules
        .items()
        .iter()
        .find(|module| module.field("name").text() == "session")
        .expect("the module");
    assert_eq!(ours.field("ver").int(), wanted);
}

#[test]
fn every_version_named_is_one_that_there_is() {
    let of = |text: &str| -> Vec<u32> {
        let parts = text.split('.').map(|part| part.parse().expect("a number"));
        parts.collect()
    };
    let this = of(env!("CARGO_PKG_VERSION"));
    each(|name, spec| {
        let first = of(spec.since);
        assert!(first.len() == 3 && first <= this, "{name}: {}", spec.since);
        let changes = spec.history.iter().map(|change| change.since);
        let added = flat(spec.args).into_iter().filter_map(|arg| arg.since);
        for version in changes.chain(added) {
            let since = of(version);
            assert!(since > first && since <= this, "{name}: {version}");
        }
    });
}

/// An argument that a later version added is named in that version's part of the history.
#[test]
fn the_history_names_every_argument_that_was_added() {
    each(|name, spec| {
        for arg in flat(spec.args) {
            let (Some(version), Some(word)) = (arg.since, arg.token) else {
                continue;
            };
            let named = spec.history.iter().any(|change| {
                change.since == version && change.what.contains(&format!("`{word}`"))
            });
            assert!(named, "{name}: {word} of {version}");
        }
    });
}

#[test]
fn flags_categories_and_keys_agree() {
    for entry in entries() {
        let (name, spec) = (entry.full_name(), entry.spec);
        let known = [
            "write",
            "readonly",
            "fast",
            "deny-oom",
            "allow-loading",
            "allow-stale",
            "internal",
        ];
        let flags = facts::words(spec.flags);
        assert!(flags.iter().all(|flag| known.contains(flag)), "{name}");
        assert_eq!(spec.has("internal"), entry.is_internal(), "{name}");
        assert_eq!(
            flags.iter().collect::<BTreeSet<_>>().len(),
            flags.len(),
            "{name}"
        );
        let (write, read) = (spec.has("write"), spec.has("readonly"));
        assert!(!(write && read), "{name}: a write that is read-only");
        assert!(
            write || !spec.has("deny-oom"),
            "{name}: only writes need memory"
        );
        let categories = spec.categories();
        let has = |category: &str| categories.contains(&category);
        assert_eq!(has("write"), write, "{name}");
        assert_eq!(has("read"), read, "{name}");
        let one = usize::from(!entry.is_container());
        let speeds = [has("fast"), has("slow")];
        assert_eq!(speeds.iter().filter(|has| **has).count(), one, "{name}");
        let constant = spec.complexity.starts_with("O(1)");
        assert!(constant || !spec.has("fast"), "{name}: only O(1) is fast");
        assert!(
            facts::words(spec.acl)
                .iter()
                .all(|category| *category == "dangerous"),
            "{name}: a category that does not follow from the flags"
        );
        for range in spec.keys.ranges() {
            let flags = facts::key_flags(&range);
            let changes = flags.iter().any(|f| ["RW", "OW", "RM"].contains(f));
            assert_eq!(changes, write, "{name}: keys are changed by writes alone");
            assert_eq!(flags.contains(&"RO"), read, "{name}");
            let said = ["update", "insert", "delete"]
                .iter()
                .filter(|f| flags.contains(f));
            assert_eq!(said.count(), usize::from(write), "{name}: {flags:?}");
            assert!(
                !flags.contains(&"RO") || flags.contains(&"access"),
                "{name}"
            );
        }
        if !entry.is_internal() && !entry.is_container() && name != "session.schema|help" {
            assert!(write || read, "{name}: neither reads nor writes");
        }
    }
}

/// The commands with the flags that decide when a client is refused, written out.
#[test]
fn memory_is_needed_by_what_adds_and_reads_are_reads() {
    let with = |flag: &str| -> Vec<String> {
        let mut entries = callable();
        entries.retain(|entry| entry.spec.has(flag));
        entries.into_iter().map(|entry| entry.full_name()).collect()
    };
    let adds = [
        "session.set",
        "session.patch",
        "session.rotate",
        "session.import",
        "session.schema|set",
    ];
    assert_eq!(with("deny-oom"), adds);
    let reads = [
        "session.get",
        "session.verify",
        "session.info",
        "session.list",
        "session.schema|get",
        "session.schema|check",
        "session.schema|list",
    ];
    assert_eq!(with("readonly"), reads);
}

/// Key arguments and key specifications correspond one to one, in the same order.
#[test]
fn keys_come_first_and_are_described() {
    each(|name, spec| {
        let keys = facts::key_args(spec);
        assert_eq!(keys.len(), spec.keys.ranges().len(), "{name}");
        let first: Vec<_> = spec.args.iter().take(keys.len()).collect();
        for (key, first) in keys.iter().zip(first) {
            assert_eq!(key.name, first.name, "{name}: keys stand first");
            assert!(!key.optional && key.token.is_none(), "{name}");
            let all = matches!(spec.keys, Keys::All(_) | Keys::AllButLast(_));
            let repeat = if all { Repeat::Value } else { Repeat::No };
            assert!(key.repeat == repeat, "{name}");
        }
    });
}

#[test]
fn names_of_arguments_are_words_and_each_is_given_once() {
    each_arg(|at, arg| {
        assert!(is_name(arg.name), "{at}");
        assert!(
            arg.display
                .is_none_or(|text| is_name(text) && text != arg.name),
            "{at}"
        );
        if let (Kind::Token, Some(token)) = (arg.kind, arg.token) {
            assert_eq!(arg.name, token.to_lowercase(), "{at}");
        }
    });
    for entry in entries() {
        let names: Vec<_> = flat(entry.spec.args).iter().map(|arg| arg.name).collect();
        let once: BTreeSet<_> = names.iter().collect();
        assert_eq!(once.len(), names.len(), "{}: {names:?}", entry.full_name());
    }
}

#[test]
fn tokens_are_upper_case_and_mean_one_thing_in_a_command() {
    for entry in entries() {
        let tokens: Vec<_> = flat(entry.spec.args)
            .iter()
            .filter_map(|arg| arg.token)
            .collect();
        let once: BTreeSet<_> = tokens.iter().collect();
        assert_eq!(
            once.len(),
            tokens.len(),
            "{}: {tokens:?}",
            entry.full_name()
        );
        for token in tokens {
            assert!(token.chars().all(|c| c.is_ascii_uppercase()), "{token}");
        }
    }
    each_arg(|at, arg| match arg.kind {
        Kind::Token => assert!(arg.token.is_some(), "{at}: a word without the word"),
        Kind::OneOf(sub) => {
            assert!(sub.len() > 1 && arg.token.is_none(), "{at}");
            assert!(
                arg.optional,
                "{at}: there is no way to show one that must be there"
            );
            assert!(
                sub.iter().all(|arg| !arg.optional && arg.token.is_some()),
                "{at}"
            );
        }
        Kind::Block(sub) => {
            assert!(sub.len() > 1, "{at}");
            for two in sub.windows(2) {
                let is_count = matches!(two[0].kind, Kind::Integer);
                assert!(two[1].repeat != Repeat::Counted || is_count, "{at}");
            }
        }
        _ => assert!(
            arg.repeat != Repeat::WithToken || arg.token.is_some(),
            "{at}"
        ),
    });
}

/// Positional arguments come first, then options, those that must be given before the others, and last
/// an argument that takes all words after it.
#[test]
fn positional_arguments_come_before_options_and_lists_come_last() {
    for entry in callable() {
        let (name, args) = (entry.full_name(), entry.spec.args);
        let first_option = args
            .iter()
            .position(|arg| arg.optional || arg.token.is_some())
            .unwrap_or(args.len());
        let (positional, options) = args.split_at(first_option);
        for arg in positional {
            assert!(!arg.optional && arg.token.is_none(), "{name} {}", arg.name);
        }
        let required = options.iter().take_while(|arg| !arg.optional).count();
        let (required, options) = options.split_at(required);
        assert!(required.iter().all(|arg| arg.token.is_some()), "{name}");
        assert!(options.iter().all(|arg| arg.optional), "{name}");
        for arg in args.iter().rev().skip(1) {
            let takes_the_rest = |arg: &&ArgSpec| arg.repeat == Repeat::Value;
            assert!(
                !flat(std::slice::from_ref(arg)).iter().any(takes_the_rest),
                "{name} {}",
                arg.name
            );
        }
    }
}

#[test]
fn tips_are_those_that_clients_know() {
    const KNOWN: [&str; 9] = [
        "nondeterministic_output",
        "nondeterministic_output_order",
        "request_policy:all_nodes",
        "request_policy:all_shards",
        "request_policy:multi_shard",
        "response_policy:all_succeeded",
        "response_policy:agg_sum",
        "response_policy:one_succeeded",
        "response_policy:special",
    ];
    each(|name, spec| {
        let tips = facts::words(spec.tips);
        assert!(
            tips.iter().all(|tip| KNOWN.contains(tip)),
            "{name}: {tips:?}"
        );
        let some = |start: &str| tips.iter().any(|tip| tip.starts_with(start));
        assert!(
            some("request_policy:") || !some("response_policy:"),
            "{name}"
        );
        // A command for all nodes has no key to route by.
        let everywhere = tips.iter().any(|tip| tip.starts_with("request_policy:all"));
        assert!(!everywhere || matches!(spec.keys, Keys::None), "{name}");
        // A command with any number of keys goes to several shards, unless they must be in one slot.
        let keys = matches!(spec.keys, Keys::All(_)) && !spec.has("internal");
        assert_eq!(tips.contains(&"request_policy:multi_shard"), keys, "{name}");
    });
}

/// The words that the commands' parsers compare arguments with are the options of the table. (That each
/// command accepts only its own is tested in `command_syntax`.)
#[test]
fn the_words_that_the_parsers_know_are_those_of_the_table() {
    let mut known = BTreeSet::new();
    for text in texts("src/commands").values() {
        for piece in text.split(".is(\"").skip(1) {
            let word = piece.split('"').next().unwrap_or_default();
            known.insert(word.to_owned());
        }
    }
    let in_table: BTreeSet<_> = all_tokens().into_iter().map(String::from).collect();
    assert_eq!(known, in_table);
}
