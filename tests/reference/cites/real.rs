//! Whether a test that a page names is one that runs: it exists, its file is part of its program, and
//! nothing tells the runner to leave it out.

use super::pages::Cite;
use std::fs;
use std::path::Path;

/// What is wrong with the test, if anything is. `root` is the folder of the repository.
pub fn check(root: &Path, cite: &Cite) -> Result<(), String> {
    let path = root.join(&cite.file);
    let text = fs::read_to_string(&path).map_err(|_| "there is no such file".to_owned())?;
    let name = &cite.name;
    match path.extension().and_then(|end| end.to_str()) {
        Some("rs") if !is_compiled(&path) => Err("no program has this file".into()),
        Some("rs") => in_rust(&text, name),
        Some("py") if !is_collected(&path, name) => Err("pytest does not collect it".into()),
        Some("py") => in_python(&text, name),
        _ => in_typescript(&text, name),
    }
}

/// The lines directly above a line that begin as attributes, decorators, or parts of them do.
fn above<'t>(lines: &[&'t str], at: usize, is_part: impl Fn(&str) -> bool) -> Vec<&'t str> {
    let before = lines[..at].iter().rev().map(|line| line.trim());
    before.take_while(|line| is_part(line)).collect()
}

fn in_rust(text: &str, name: &str) -> Result<(), String> {
    let lines: Vec<_> = text.lines().collect();
    let heads = ["fn", "async fn"].map(|word| format!("{word} {name}("));
    let is_head = |line: &&str| heads.iter().any(|head| line.trim_start().starts_with(head));
    let at = lines.iter().position(is_head);
    let at = at.ok_or("there is no such function")?;
    let attributes = above(&lines, at, |line| {
        line.starts_with("#[") || line.starts_with("//")
    });
    let is_test = |line: &&str| {
        let end = line
            .strip_prefix("#[")
            .and_then(|line| line.split(['(', ']']).next());
        end.is_some_and(|path| path == "test" || path.ends_with("::test"))
    };
    if !attributes.iter().any(is_test) {
        return Err("the function is no test".into());
    }
    match attributes
        .iter()
        .find(|line| line.contains("ignore") && line.starts_with("#["))
    {
        Some(line) => Err(format!("it is left out by {line}")),
        None => Ok(()),
    }
}

/// Whether a module above declares the file, up to a `main.rs`, a `lib.rs`, or a test of its own.
fn is_compiled(path: &Path) -> bool {
    let (Some(folder), Some(file)) = (path.parent(), path.file_name().and_then(|f| f.to_str()))
    else {
        return false;
    };
    let is_own = folder.ends_with("tests") && folder.with_file_name("Cargo.toml").exists();
    if matches!(file, "main.rs" | "lib.rs") || is_own {
        return true;
    }
    let (module, folder) = match (file, folder.file_name(), folder.parent()) {
        ("mod.rs", Some(name), Some(parent)) => (name.to_string_lossy().into_owned(), parent),
        _ => (file.trim_end_matches(".rs").to_owned(), folder),
    };
    let declares = |parent: &Path| {
        let text = fs::read_to_string(parent).unwrap_or_default();
        let by_name = text.lines().any(|line| {
            let line = line
                .trim()
                .trim_start_matches("pub ")
                .trim_start_matches("pub(super) ");
            line == format!("mod {module};")
        });
        by_name || text.contains(&format!("#[path = \"{file}\"]"))
    };
    let mut parents: Vec<_> = ["main.rs", "lib.rs", "mod.rs"]
        .map(|name| folder.join(name))
        .into();
    parents.push(folder.with_extension("rs"));
    // By its path, a file can declare another that lies beside it.
    let beside = fs::read_dir(folder).into_iter().flatten().flatten();
    parents.extend(
        beside
            .map(|entry| entry.path())
            .filter(|beside| beside != path),
    );
    parents
        .iter()
        .any(|parent| parent != path && declares(parent) && is_compiled(parent))
}

fn is_collected(path: &Path, name: &str) -> bool {
    let file = path.file_name().and_then(|file| file.to_str());
    file.is_some_and(|file| file.starts_with("test_")) && name.starts_with("test_")
}

fn in_python(text: &str, name: &str) -> Result<(), String> {
    let lines: Vec<_> = text.lines().collect();
    let heads = ["def", "async def"].map(|word| format!("{word} {name}("));
    let is_head = |line: &&str| heads.iter().any(|head| line.starts_with(head));
    let at = lines.iter().position(is_head);
    let at = at.ok_or("there is no such function")?;
    // A decorator can take several lines; a function's body is indented, and ends with an empty line.
    let marks = above(&lines, at, |line| !line.is_empty());
    let marks = marks.into_iter().chain(
        lines
            .iter()
            .copied()
            .filter(|l| l.starts_with("pytestmark")),
    );
    let leaves_out = ["mark.skip", "mark.xfail", "importorskip"];
    let mut marks = marks.filter(|line| leaves_out.iter().any(|word| line.contains(word)));
    marks
        .next()
        .map_or(Ok(()), |line| Err(format!("it is left out by {line}")))
}

/// In the place of each `${…}` of a template, the name has `…`. A helper `overDrivers` makes a test for
/// each driver of the title that it gets.
fn in_typescript(text: &str, name: &str) -> Result<(), String> {
    let calls = ["test(", "overDrivers("].map(|call| text.match_indices(call));
    for (at, call) in calls.into_iter().flatten() {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = text[at + call.len()..].trim_start();
        let Some(quote) = rest.chars().next().filter(|c| "\"'`".contains(*c)) else {
            continue;
        };
        if title(&rest[1..], quote) != name {
            continue;
        }
        let options = rest.split("=>").next().unwrap_or_default();
        let left_out = ["skip:", "todo:"]
            .into_iter()
            .find(|word| options.contains(word));
        return left_out.map_or(Ok(()), |word| Err(format!("it is left out by '{word}'")));
    }
    Err("there is no such test".into())
}

/// The text up to the closing quote.
fn title(text: &str, quote: char) -> String {
    let mut title = String::new();
    let mut depth = 0; // within `${…}`
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '$' if quote == '`' && depth == 0 && chars.peek() == Some(&'{') => {
                title.push('…');
                depth = 1;
                chars.next();
            }
            '{' if depth > 0 => depth += 1,
            '}' if depth > 0 => depth -= 1,
            _ if depth > 0 => {}
            '\\' => title.extend(chars.next()),
            c if c == quote => break,
            c => title.push(c),
        }
    }
    title
}

#[test]
fn a_test_that_does_not_exist_or_does_not_run_is_found() {
    let rust = "#[test]\nfn runs() {}\n\n#[test]\n#[ignore = \"slow\"]\nfn waits() {}\n\nfn helps() {}\n\n\
                #[tokio::test(flavor = \"multi_thread\")]\nasync fn awaits() {}\n";
    assert_eq!(in_rust(rust, "runs"), Ok(()));
    assert_eq!(in_rust(rust, "awaits"), Ok(()));
    for (name, why) in [
        ("waits", "left out"),
        ("helps", "is no test"),
        ("run", "no such"),
    ] {
        assert!(
            in_rust(rust, name).is_err_and(|found| found.contains(why)),
            "{name}"
        );
    }
    let python = "def test_runs() -> None:\n    pass\n\n\n@pytest.mark.skipif(\n    True,\n)\n\
                  async def test_waits() -> None:\n    pass\n";
    assert_eq!(in_python(python, "test_runs"), Ok(()));
    assert!(in_python(python, "test_waits").is_err());
    assert!(in_python(
        &format!("pytestmark = pytest.mark.skip\n{python}"),
        "test_runs"
    )
    .is_err());
    let script = "test(\"it's {so}\", async () => {});\n  test(\n    `${driver.name}: ${f({ a: 1 })} runs`, () => {\n\
                  test.skip(\"waits\", () => {});\ntest(\"later\", { todo: true }, () => {});\nattest(\"no\");";
    assert_eq!(in_typescript(script, "it's {so}"), Ok(()));
    assert_eq!(in_typescript(script, "…: … runs"), Ok(()));
    for name in ["waits", "later", "no", "it's"] {
        assert!(in_typescript(script, name).is_err(), "{name}");
    }
}

/// Every way in which a file becomes part of a program, and files that are part of none.
#[test]
fn files_that_no_program_has_are_found() {
    let root = super::root();
    for file in [
        "tests/fuzz.rs",
        "tests/hostile/main.rs",
        "tests/hostile/data.rs",
        "tests/reference/layers/mod.rs",
        "tests/reference/cites/real.rs",
        "src/id.rs",
        "src/session/codec_tests.rs",
        "clients/rust/tests/tower/ending.rs",
        "clients/cli/tests/sessionctl/doctor/servers.rs",
    ] {
        assert!(is_compiled(&root.join(file)), "{file}");
    }
    for file in ["tests/hostile/none.rs", "clients/rust/tests/tower/none.rs"] {
        assert!(!is_compiled(&root.join(file)), "{file}");
    }
}
