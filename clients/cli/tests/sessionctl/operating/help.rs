//! What the program says of itself.

use crate::common::{program, run, Ran};
use clap::CommandFactory;

fn typed(args: &[&str]) -> Ran {
    let mut command = program();
    command.args(args);
    run(command)
}

#[test]
fn typing_errors_are_answered_with_a_suggestion() {
    let ran = typed(&["docter"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("'doctor'"), "{ran:?}");
    let ran = typed(&["revoke", "--al"]);
    assert!(ran.code == 2 && ran.err.contains("'--all'"), "{ran:?}");
    let ran = typed(&["revoke", "--where", "/role=admin"]);
    assert!(
        ran.code == 2 && ran.err.contains("a string needs its quotes"),
        "{ran:?}"
    );
    let ran = typed(&[]);
    assert!(
        ran.code == 2 && ran.err.contains("Usage: sessionctl"),
        "{ran:?}"
    );
    let version = typed(&["--version"]).ok().out;
    assert_eq!(
        version,
        format!("sessionctl {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn every_subcommand_and_every_option_is_explained() {
    fn check(command: &clap::Command, path: &str) {
        let path = format!("{path} {}", command.get_name());
        assert!(command.get_about().is_some(), "{path}");
        for arg in command.get_arguments() {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            assert!(!help.is_empty(), "{path} {}", arg.get_id());
            assert!(!help.ends_with('.'), "{path} {}: {help}", arg.get_id());
        }
        for sub in command.get_subcommands() {
            check(sub, &path);
        }
    }
    let mut command = sessionctl::args::Cli::command();
    command.build();
    check(&command, "");
}

#[test]
fn no_option_takes_a_password() {
    let help = typed(&["help", "doctor"]).ok().out;
    assert!(
        help.contains("--password-file") && !help.contains("--password <"),
        "{help}"
    );
}

#[test]
fn no_option_of_a_subcommand_hides_one_of_all_subcommands() {
    fn check(command: &clap::Command, global: &[String]) {
        for arg in command.get_arguments() {
            let same = global.iter().any(|id| arg.get_id() == id.as_str());
            assert!(
                !same || arg.is_global_set(),
                "{} {}",
                command.get_name(),
                arg.get_id()
            );
        }
        command.get_subcommands().for_each(|sub| check(sub, global));
    }
    let mut command = sessionctl::args::Cli::command();
    let global = command.get_arguments().filter(|arg| arg.is_global_set());
    let global: Vec<String> = global.map(|arg| arg.get_id().to_string()).collect();
    assert!(global.contains(&"url".to_owned()), "{global:?}");
    command.build();
    check(&command, &global);
}
