//! The official JSON Schema suite, run through SESSION.SCHEMA SET and SESSION.VERIFY. `exceptions.rs`
//! lists the cases in which the module differs.

use crate::exceptions::{self, Exception};
use crate::raw;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use support::{args, say, Conn, Server, Value};

const SUITE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/suites/json-schema-test-suite"
);

/// Each draft: its folder, and its meta-schema.
const DRAFTS: [(&str, &str); 5] = [
    ("draft4", "http://json-schema.org/draft-04/schema#"),
    ("draft6", "http://json-schema.org/draft-06/schema#"),
    ("draft7", "http://json-schema.org/draft-07/schema#"),
    (
        "draft2019-09",
        "https://json-schema.org/draft/2019-09/schema",
    ),
    (
        "draft2020-12",
        "https://json-schema.org/draft/2020-12/schema",
    ),
];

#[test]
fn schemas_that_must_work() {
    run("", &[], exceptions::REQUIRED);
}

#[test]
fn schemas_of_the_optional_parts() {
    run("optional", &[], exceptions::OPTIONAL);
}

#[test]
fn formats_as_assertions() {
    run("optional/format", &["ASSERTFORMAT"], exceptions::FORMATS);
}

/// Runs the files of one folder of each draft. All results must be those of the suite, except for the
/// exceptions, and every exception must still be needed.
fn run(folder: &str, options: &[&str], exceptions: &[Exception]) {
    let server = Server::start();
    let mut c = server.conn();
    let mut wrong = Vec::new();
    for (draft, meta) in DRAFTS {
        let (mut tests, mut excepted, mut used) = (0, 0, HashSet::new());
        let suite = Path::new(SUITE).join(draft);
        for path in files(&suite.join(folder)) {
            let text = fs::read_to_string(&path).expect("a file of the suite");
            let file = path.file_name().expect("a name").to_string_lossy();
            for group in raw::elements(&text) {
                let group = Group::parse(group, meta);
                let known = |test: Option<&str>| {
                    let mut all = exceptions.iter();
                    all.position(|e| e.covers(draft, &file, &group.name, test))
                };
                tests += group.tests.len();
                match group.run(&mut c, options) {
                    Outcome::Refused(why) => match known(None) {
                        Some(known) => {
                            excepted += group.tests.len();
                            used.insert(known);
                        }
                        None => wrong.push(format!("{draft} | {file} | {} : {why}", group.name)),
                    },
                    Outcome::Ran(failures) => {
                        for (test, failure) in failures {
                            match known(Some(test)) {
                                Some(known) => {
                                    excepted += 1;
                                    used.insert(known);
                                }
                                None => wrong.push(format!(
                                    "{draft} | {file} | {} | {test}: {failure}",
                                    group.name
                                )),
                            }
                        }
                    }
                }
            }
        }
        let part = if folder.is_empty() {
            "required"
        } else {
            folder
        };
        say(&format!(
            "{draft} {part}: {tests} tests, {excepted} of them exceptions"
        ));
        assert!(tests > 50, "the tests of {draft}/{folder} are missing");
        for (i, e) in exceptions
            .iter()
            .enumerate()
            .filter(|(_, e)| e.is_of(draft))
        {
            if !used.contains(&i) {
                wrong.push(format!(
                    "{draft} | {} | {} : no exception any more (it was: {})",
                    e.file, e.group, e.why
                ));
            }
        }
    }
    assert_eq!(c.ok(&["PING"]), Value::Simple("PONG".into()));
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).expect("a folder of the suite");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "json")
    });
    files.sort();
    files
}

/// One schema, and its tests.
struct Group<'a> {
    name: String,
    schema: String,
    tests: Vec<Test<'a>>,
}

struct Test<'a> {
    name: String,
    data: &'a str,
    valid: bool,
}

enum Outcome<'g> {
    /// The error with which the server refused the schema.
    Refused(String),
    /// The tests that failed, and how.
    Ran(Vec<(&'g str, String)>),
}

impl<'a> Group<'a> {
    fn parse(text: &'a str, meta: &str) -> Group<'a> {
        let test = |text: &'a str| Test {
            name: raw::string(raw::member(text, "description")),
            data: raw::member(text, "data"),
            valid: raw::member(text, "valid") == "true",
        };
        Group {
            name: raw::string(raw::member(text, "description")),
            schema: with_meta(raw::member(text, "schema"), meta),
            tests: raw::elements(raw::member(text, "tests"))
                .into_iter()
                .map(test)
                .collect(),
        }
    }

    fn run(&self, c: &mut Conn, options: &[&str]) -> Outcome<'_> {
        let mut commands = vec![args!["SESSION.SCHEMA", "SET", "suite", self.schema].to_vec()];
        commands[0].extend(options.iter().map(|option| option.as_bytes().to_vec()));
        for (i, test) in self.tests.iter().enumerate() {
            let key = format!("suite:{i}");
            commands.push(args!["SESSION.SET", key, test.data, "NX"].to_vec());
            commands.push(args!["SESSION.VERIFY", key, "SCHEMA", "suite"].to_vec());
            commands.push(args!["DEL", key].to_vec());
        }
        let replies = c.pipeline(&commands);
        if let Some(line) = replies[0]
            .error()
            .filter(|line| line.starts_with("BADSCHEMA "))
        {
            return Outcome::Refused(line.to_owned());
        }
        assert!(
            replies[0].is_ok(),
            "{}: {} for {}",
            self.name,
            replies[0],
            self.schema
        );
        let results = self.tests.iter().zip(replies[1..].chunks(3));
        Outcome::Ran(
            results
                .filter_map(|(test, replies)| Some((&*test.name, test.failure(replies)?)))
                .collect(),
        )
    }
}

impl Test<'_> {
    fn failure(&self, replies: &[Value]) -> Option<String> {
        let [set, verify, deleted] = replies else {
            unreachable!("three commands a test")
        };
        let kept = set.error().is_none() && deleted.int() == 1;
        let passed = *verify == Value::Bulk(self.data.as_bytes().to_vec());
        let failed = verify
            .error()
            .is_some_and(|line| line.starts_with("INVALID "));
        let right = kept && if self.valid { passed } else { failed };
        let Test { data, valid, .. } = self;
        let wanted = if *valid { "valid" } else { "invalid" };
        (!right).then(|| format!("{data} is {wanted}; SET replied {set}, VERIFY {verify}"))
    }
}

/// The schema with its `$schema`. Older files of the suite leave that out and rely on the folder.
fn with_meta(schema: &str, meta: &str) -> String {
    if !schema.starts_with('{')
        || raw::members(schema)
            .iter()
            .any(|(name, _)| name == "$schema")
    {
        return schema.to_owned();
    }
    let comma = if raw::members(schema).is_empty() {
        ""
    } else {
        ","
    };
    format!("{{\"$schema\":\"{meta}\"{comma}{}", &schema[1..])
}
