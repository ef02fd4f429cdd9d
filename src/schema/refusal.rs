//! Why a schema does not compile, and whether it would as one of an older draft.
//!
//! Much of what is written without `$schema` is of an older draft: `items` as a list,
//! `exclusiveMinimum: true`, an `id`. The error for such a schema says what to add.

use std::collections::BTreeSet;

use referencing::Draft;
use serde_json::Value;

use super::keywords::{holds, Holds};
use super::prepare::prepare;

/// The reason why a schema does not compile. The text continues "the schema ...".
#[derive(Debug)]
pub(super) struct Refusal {
    pub text: String,
    /// Whether the reason is a rule that another draft may not have.
    pub by_draft: bool,
}

impl From<String> for Refusal {
    fn from(text: String) -> Self {
        Self {
            text,
            by_draft: false,
        }
    }
}

impl Refusal {
    /// A refusal for a rule that another draft may not have.
    pub fn by_draft(text: String) -> Self {
        Self {
            text,
            by_draft: true,
        }
    }
}

/// The older drafts, by their names in errors and their meta-schemas. Those come first that most
/// schemas are written for.
const OLDER: [(&str, &str); 4] = [
    ("7", "http://json-schema.org/draft-07/schema#"),
    ("2019-09", "https://json-schema.org/draft/2019-09/schema"),
    ("4", "http://json-schema.org/draft-04/schema#"),
    ("6", "http://json-schema.org/draft-06/schema#"),
];

/// Keywords that a schema of an older draft may have although that draft does not define them: they
/// check nothing, or are accepted in every draft.
const ANYWHERE: [&str; 6] = [
    "$id",
    "$defs",
    "const",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
];

/// Adds to the refusal of `schema` that it compiles as one of an older draft, if `build` finds that
/// it does and the schema names no draft itself. A draft is not advised if it lacks a keyword of the
/// schema: the schema may compile because its fault is ignored.
///
/// Compiling may be much work, so `build` gets only what the meta-schema of the draft accepts, and a
/// refusal for another reason than the draft ends the search.
pub(super) fn with_advice<T>(
    refusal: Refusal,
    schema: &Value,
    mut build: impl FnMut(&mut Value) -> Result<T, Refusal>,
) -> String {
    let Value::Object(keywords) = schema else {
        return refusal.text;
    };
    let names_draft = match keywords.get("$schema") {
        None => false,
        // The URI without a version means the newest draft.
        Some(Value::String(uri)) => {
            !uri.trim_end_matches('#')
                .ends_with("json-schema.org/schema")
                || Draft::from_schema_uri(uri) == Draft::Unknown
        }
        Some(_) => true,
    };
    if !refusal.by_draft || names_draft {
        return refusal.text;
    }
    let mut used = BTreeSet::new();
    add_keywords(schema, &mut used);
    let has_all = |draft: Draft| {
        let newest = Draft::default();
        let mut used = used.iter();
        used.all(|word| draft.is_known_keyword(word) || !newest.is_known_keyword(word))
    };
    for (draft, meta_schema) in OLDER {
        if !has_all(Draft::from_schema_uri(meta_schema)) {
            continue;
        }
        let mut keywords = keywords.clone();
        keywords.insert("$schema".to_owned(), meta_schema.into());
        let mut candidate = Value::Object(keywords);
        if prepare(&mut candidate, Draft::default()).is_err()
            || !jsonschema::meta::is_valid(&candidate)
        {
            continue;
        }
        match build(&mut candidate) {
            Ok(_) => {
                return format!(
                    "{}; add $schema for an older draft (it compiles as draft {draft})",
                    refusal.text
                );
            }
            Err(Refusal { by_draft: true, .. }) => {}
            Err(_) => break,
        }
    }
    refusal.text
}

/// Adds the keywords of a schema and of the schemas in it, without those of [`ANYWHERE`].
fn add_keywords<'v>(schema: &'v Value, used: &mut BTreeSet<&'v str>) {
    match schema {
        Value::Object(keywords) => {
            for (keyword, value) in keywords {
                if !ANYWHERE.contains(&&**keyword) {
                    used.insert(keyword);
                }
                match (holds(keyword), value) {
                    (Holds::Map, Value::Object(schemas)) => {
                        schemas
                            .values()
                            .for_each(|schema| add_keywords(schema, used));
                    }
                    (Holds::Schemas, _) => add_keywords(value, used),
                    _ => {}
                }
            }
        }
        Value::Array(schemas) => schemas.iter().for_each(|schema| add_keywords(schema, used)),
        _ => {}
    }
}
