//! `sessionctl generate`.

use crate::common::{program, run, Ran};
use std::process::{Command, Stdio};
use support::process::own_path;

fn generate(args: &[&str]) -> Ran {
    let mut command = program();
    command.arg("generate").args(args);
    run(command).ok()
}

#[test]
fn bash_can_source_and_use_the_completions() {
    let script = generate(&["completions", "bash"]).out;
    let file = own_path("completions");
    std::fs::write(&file, script).expect("write the script");
    let test = r#"
        set -u
        source "$1"
        COMP_WORDS=(sessionctl schemas pu); COMP_CWORD=2
        _sessionctl sessionctl pu schemas
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let output = Command::new("bash")
        .args(["-c", test, "bash"])
        .arg(&file)
        .output();
    let _ = std::fs::remove_file(&file);
    let output = output.expect("bash starts");
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        out.split_whitespace().collect::<Vec<_>>(),
        ["push", "pull"],
        "{output:?}"
    );
}

#[test]
fn every_shell_has_completions() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = generate(&["completions", shell]);
        for word in ["doctor", "revoke", "accessed-before"] {
            assert!(ran.out.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn the_man_page_has_every_subcommand_and_is_well_formed() {
    let page = generate(&["man"]).out;
    for word in [
        ".TH sessionctl 1",
        ".SH \"SESSIONCTL REVOKE\"",
        ".SH \"SESSIONCTL USER REVOKE\"",
        "accessed\\-before",
    ] {
        assert!(page.contains(word), "{word}");
    }
    for line in page.lines().filter(|line| line.starts_with('.')) {
        let request = line.split_whitespace().next().unwrap_or_default();
        let known = [
            ".TH", ".SH", ".SS", ".TP", ".PP", ".IP", ".RS", ".RE", ".br", ".ie", ".el", ".nf",
            ".fi",
        ];
        assert!(known.contains(&request), "{line}");
    }
    let dir = own_path("man");
    generate(&["man", "--dir", &dir.display().to_string()]);
    for name in ["sessionctl", "sessionctl-doctor", "sessionctl-schemas-push"] {
        let text = std::fs::read_to_string(dir.join(format!("{name}.1"))).expect(name);
        assert!(text.contains(&format!(".TH {name} 1")), "{name}");
    }
    let _ = std::fs::remove_dir_all(&dir);
    no_warnings(&page);
}

/// groff, where it is there, has nothing to say of the page.
fn no_warnings(page: &str) {
    use std::io::Write;
    let groff = Command::new("groff")
        .args(["-man", "-Tutf8", "-ww", "-z"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut groff) = groff else {
        return;
    };
    let mut stdin = groff.stdin.take().expect("its input");
    stdin.write_all(page.as_bytes()).expect("write the page");
    drop(stdin);
    let output = groff.wait_with_output().expect("groff ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !said.contains("error"), "{said}");
}
