//! Schemas as people register them, with their documents: those of SchemaStore, and those that
//! libraries generate.
//!
//! A schema that is refused, or a document with another verdict than that of its origin, is listed
//! here with the reason that docs/commands.md gives. An entry that is no longer needed fails the test.

use crate::raw;
use std::collections::BTreeMap;
use std::io::Read;
use support::{args, say, Conn, Server, Value};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suites/data");

const LOOK_AROUND: &str = "look-around needs an engine that takes more than linear time";
const OFFSET: &str = "a date-time needs an offset or Z (RFC 3339), and asserts in draft 4";

/// What is not as its origin has it: the name of a schema, with the place and index of a document
/// unless the schema is refused, and the reason.
type Exceptions = &'static [(&'static str, &'static str)];

#[rustfmt::skip] // one line each
const SCHEMASTORE: Exceptions = &[
    ("browser.i18n", LOOK_AROUND),
    ("bukkit-plugin", LOOK_AROUND),
    ("chrome-extension-locales-messages", LOOK_AROUND),
    ("emmet", LOOK_AROUND),
    ("luaurc", LOOK_AROUND),
    ("webjob-publish-settings valid 2", OFFSET),
    ("yap", LOOK_AROUND),
];

#[rustfmt::skip]
const GENERATED: Exceptions = &[
    ("zod4 draft-7 emoji", LOOK_AROUND),
    ("zod4 draft-7 duration", LOOK_AROUND),
    ("zod4 draft-7 hostname", LOOK_AROUND),
    ("zod3 jsonSchema7 look", LOOK_AROUND),
    ("zod3 jsonSchema2019-09 look", LOOK_AROUND),
    ("zod3 email pattern:zod", LOOK_AROUND),
];

#[test]
fn schemas_of_schemastore_accept_and_refuse_their_documents() {
    let file = std::fs::File::open(format!("{DATA}/schemastore.json.gz")).expect("the data");
    let mut text = String::new();
    let mut decoder = flate2::read::GzDecoder::new(file);
    decoder.read_to_string(&mut text).expect("a whole file");
    let places = [("valid", true, 460), ("invalid", false, 157)];
    run(&text, 270, places, &[], SCHEMASTORE);
}

/// The libraries whose values these are check formats in every draft.
#[test]
fn generated_schemas_accept_and_refuse_their_values() {
    let text = std::fs::read_to_string(format!("{DATA}/generated-schemas.json")).expect("the data");
    let places = [("good", true, 128), ("bad", false, 102)];
    run(&text, 137, places, &["ASSERTFORMAT"], GENERATED);
}

/// Runs all schemas of a file. `places` are the members with documents, whether these are valid, and
/// how many there are.
fn run(
    text: &str,
    schemas: usize,
    places: [(&str, bool, usize); 2],
    options: &[&str],
    exceptions: Exceptions,
) {
    let server = Server::start();
    let mut c = server.conn();
    let mut differences = BTreeMap::new();
    let mut counts = BTreeMap::new();
    let cases = raw::elements(text);
    for case in &cases {
        let members: BTreeMap<_, _> = raw::members(case).into_iter().collect();
        let name = raw::string(members["name"]);
        let mut set = args!["SESSION.SCHEMA", "SET", name, members["schema"]].to_vec();
        set.extend(options.iter().map(|option| option.as_bytes().to_vec()));
        let registered = c.cmd(&set);
        for (place, valid, _) in places {
            let documents = members
                .get(place)
                .map_or(Vec::new(), |list| raw::elements(list));
            *counts.entry(place).or_insert(0) += documents.len();
            if registered.error().is_some() {
                continue;
            }
            for (index, document) in documents.into_iter().enumerate() {
                if let Some(difference) = verdict(&mut c, &name, document, valid) {
                    differences.insert(format!("{name} {place} {index}"), difference);
                }
            }
        }
        if let Some(error) = registered.error() {
            assert!(error.starts_with("BADSCHEMA "), "{name}: {error}");
            differences.insert(name, error.to_owned());
        }
    }
    let wanted: BTreeMap<_, _> = places
        .iter()
        .map(|&(place, _, count)| (place, count))
        .collect();
    assert_eq!(
        (cases.len(), counts),
        (schemas, wanted),
        "schemas or documents are missing"
    );
    say(&format!(
        "{schemas} schemas, {} documents to accept and {} to refuse, {} exceptions",
        places[0].2,
        places[1].2,
        differences.len()
    ));
    let mut wrong = Vec::new();
    for (name, why) in exceptions {
        match differences.remove(*name) {
            Some(difference) => say(&format!("{name}: {why}: {difference}")),
            None => wrong.push(format!("{name}: no exception any more (it was: {why})")),
        }
    }
    wrong.extend(differences.iter().map(|(name, it)| format!("{name}: {it}")));
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// What is wrong with the replies for a document, if anything is. A session with the document is set
/// and verified, or refused; CHECK says the same.
fn verdict(c: &mut Conn, schema: &str, document: &str, valid: bool) -> Option<String> {
    let replies = c.pipeline(&[
        args!["SESSION.SET", "s:*", document, "SCHEMA", schema].to_vec(),
        args!["SESSION.SCHEMA", "CHECK", schema, document].to_vec(),
    ]);
    let [set, check] = &replies[..] else {
        unreachable!("two commands")
    };
    let is_right = match set {
        Value::Bulk(key) => {
            let data = c.ok(&args!["SESSION.VERIFY", key]);
            c.ok(&args!["DEL", key]);
            valid && check.is_ok() && data == Value::Bulk(document.as_bytes().to_vec())
        }
        Value::Error(line) => {
            !valid && line.starts_with("INVALID ") && check.error() == Some(line.as_str())
        }
        _ => false,
    };
    (!is_right).then(|| format!("SET replied {set}, CHECK {check}"))
}
