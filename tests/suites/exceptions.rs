//! The cases of the JSON Schema suite in which the module differs, and why. An exception that is no
//! longer needed fails the test.

/// A schema of the suite that the module refuses with BADSCHEMA.
pub struct Exception {
    drafts: &'static [&'static str],
    pub file: &'static str,
    /// The schema's description in the suite.
    pub group: &'static str,
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
        why,
    }
}

impl Exception {
    pub fn is_of(&self, draft: &str) -> bool {
        self.drafts.contains(&draft)
    }

    pub fn covers(&self, draft: &str, file: &str, group: &str) -> bool {
        self.is_of(draft) && self.file == file && self.group == group
    }
}

const REMOTE: &str = "its $ref leads to another document, and the module fetches none";
const META: &str = "its $schema is another document, and the module fetches none";

const ALL: &[&str] = &["draft4", "draft6", "draft7", "draft2019-09", "draft2020-12"];
const FROM_6: &[&str] = &["draft6", "draft7", "draft2019-09", "draft2020-12"];
const D6_7: &[&str] = &["draft6", "draft7"];
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
    refused(D7_2019, "cross-draft.json", "refs to future drafts are processed as future drafts", REMOTE),
    refused(NEW, "cross-draft.json", "refs to historic drafts are processed as historic drafts", REMOTE),
    refused(D2020, "format-assertion.json", "schema that uses custom metaschema with format-assertion: false", META),
    refused(D2020, "format-assertion.json", "schema that uses custom metaschema with format-assertion: true", META),
];

pub const FORMATS: &[Exception] = &[];
