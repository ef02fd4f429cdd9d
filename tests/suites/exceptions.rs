//! The cases of the JSON Schema suite in which the module differs, and why. An exception that is no
//! longer needed fails the test.

/// A schema of the suite that the module refuses with BADSCHEMA, or a test whose result differs.
pub struct Exception {
    drafts: &'static [&'static str],
    pub file: &'static str,
    /// The schema's description in the suite.
    pub group: &'static str,
    /// The test's description; none if the schema is refused.
    pub test: Option<&'static str>,
    pub why: &'static str,
}

const fn refused(
    drafts: &'static [&'static str],
    file: &'static str,
    group: &'static str,
    why: &'static str,
) -> Exception {
    Exception {
        drafts,
        file,
        group,
        test: None,
        why,
    }
}

/// Data that the module accepts, and the suite does not.
const fn accepted(
    drafts: &'static [&'static str],
    file: &'static str,
    group: &'static str,
    test: &'static str,
    why: &'static str,
) -> Exception {
    Exception {
        test: Some(test),
        ..refused(drafts, file, group, why)
    }
}

impl Exception {
    pub fn is_of(&self, draft: &str) -> bool {
        self.drafts.contains(&draft)
    }

    pub fn covers(&self, draft: &str, file: &str, group: &str, test: Option<&str>) -> bool {
        self.is_of(draft) && self.file == file && self.group == group && self.test == test
    }
}

const REMOTE: &str = "its $ref leads to another document, and the module fetches none";
const META: &str = "its $schema is another document, and the module fetches none";

/// These tests are optional; from 2019-09 on the specification says the same.
const CONTENT: &str = "content keywords are annotations in every draft";

const ALL: &[&str] = &["draft4", "draft6", "draft7", "draft2019-09", "draft2020-12"];
const FROM_6: &[&str] = &["draft6", "draft7", "draft2019-09", "draft2020-12"];
const D6_7: &[&str] = &["draft6", "draft7"];
const D7: &[&str] = &["draft7"];
const D7_2019: &[&str] = &["draft7", "draft2019-09"];
const NEW: &[&str] = &["draft2019-09", "draft2020-12"];
const D2020: &[&str] = &["draft2020-12"];

#[rustfmt::skip] // one line each
pub const REQUIRED: &[Exception] = &[
    refused(D2020, "dynamicRef.json", "strict-tree schema, guards against misspelled properties", REMOTE),
    refused(D2020, "dynamicRef.json", "tests for implementation dynamic anchor and reference link", REMOTE),
    refused(D2020, "dynamicRef.json", "$ref and $dynamicAnchor are independent of order - $defs first", REMOTE),
    refused(D2020, "dynamicRef.json", "$ref and $dynamicAnchor are independent of order - $ref first", REMOTE),
    refused(D2020, "dynamicRef.json", "$ref to $dynamicRef finds detached $dynamicAnchor", REMOTE),
    refused(ALL, "refRemote.json", "remote ref", REMOTE),
    refused(ALL, "refRemote.json", "fragment within remote ref", REMOTE),
    refused(ALL, "refRemote.json", "ref within remote ref", REMOTE),
    refused(ALL, "refRemote.json", "base URI change", REMOTE),
    refused(ALL, "refRemote.json", "base URI change - change folder", REMOTE),
    refused(ALL, "refRemote.json", "base URI change - change folder in subschema", REMOTE),
    refused(ALL, "refRemote.json", "root ref in remote ref", REMOTE),
    refused(ALL, "refRemote.json", "Location-independent identifier in remote ref", REMOTE),
    refused(D6_7, "refRemote.json", "remote ref with ref to definitions", REMOTE),
    refused(FROM_6, "refRemote.json", "retrieved nested refs resolve relative to their URI not $id", REMOTE),
    refused(D6_7, "refRemote.json", "$ref to $ref finds location-independent $id", REMOTE),
    refused(NEW, "refRemote.json", "anchor within remote ref", REMOTE),
    refused(NEW, "refRemote.json", "remote ref with ref to defs", REMOTE),
    refused(NEW, "refRemote.json", "remote HTTP ref with different $id", REMOTE),
    refused(NEW, "refRemote.json", "remote HTTP ref with different URN $id", REMOTE),
    refused(NEW, "refRemote.json", "remote HTTP ref with nested absolute ref", REMOTE),
    refused(NEW, "refRemote.json", "$ref to $ref finds detached $anchor", REMOTE),
    refused(NEW, "vocabulary.json", "schema that uses custom metaschema with with no validation vocabulary", META),
    refused(NEW, "vocabulary.json", "ignore unrecognized optional vocabulary", META),
];

#[rustfmt::skip]
pub const OPTIONAL: &[Exception] = &[
    accepted(D7, "content.json", "validation of string-encoded content based on media type", "an invalid JSON document", CONTENT),
    accepted(D7, "content.json", "validation of binary string-encoding", "an invalid base64 string (% is not a valid character)", CONTENT),
    accepted(D7, "content.json", "validation of binary-encoded media type documents", "a validly-encoded invalid JSON document", CONTENT),
    accepted(D7, "content.json", "validation of binary-encoded media type documents", "an invalid base64 string that is valid JSON", CONTENT),
    refused(D7_2019, "cross-draft.json", "refs to future drafts are processed as future drafts", REMOTE),
    refused(NEW, "cross-draft.json", "refs to historic drafts are processed as historic drafts", REMOTE),
    refused(D2020, "format-assertion.json", "schema that uses custom metaschema with format-assertion: false", META),
    refused(D2020, "format-assertion.json", "schema that uses custom metaschema with format-assertion: true", META),
];

pub const FORMATS: &[Exception] = &[];
