//! From the text of a schema to something that checks data.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Arc;

use jsonschema::PatternOptions;
use referencing::{Draft, Registry};
use serde_json::Value;

use super::bounds::{self, Costs};
use super::flatten::flatten;
use super::graph::Graph;
use super::one_pass::in_one_pass;
use super::text::printable;
use crate::json::{Arena, ReadingCost, Representation};

/// Longest `$id`, in bytes: every resolution of a reference copies it.
const MAX_ID: usize = 2048;

/// Memory for one compiled pattern, in bytes.
const PATTERN_BYTES: usize = 8 << 20;

/// A compiled schema.
///
/// It knows the drafts 4, 6, 7, 2019-09 and 2020-12, as `$schema` says, and takes 2020-12 where
/// that is absent. It never opens a file or a connection. Patterns run in linear time. `format`
/// asserts in drafts 4, 6 and 7, and in the later ones where the caller wants it to.
#[derive(Debug, Clone)]
pub struct Validator {
    pub(super) compiled: Arc<jsonschema::Validator<Representation>>,
    pub(super) costs: Costs,
    pub(super) schema_bytes: usize,
}

impl Validator {
    /// Compiles the text of a schema; `assert_format` makes `format` an assertion in every draft.
    ///
    /// This takes time in proportion to the text: a schema that would take more, now or when it
    /// checks data, is refused. See [`bounds`](super::bounds) for the limits.
    ///
    /// # Errors
    ///
    /// Why it is refused: one line of printable ASCII that says what is wrong, where (a JSON
    /// pointer into the schema, or line and column where it is not JSON), and mostly what to do.
    pub fn compile(text: &[u8], assert_format: bool) -> Result<Validator, String> {
        let mut arena = Arena::new();
        let schema = {
            let document = arena.parse(text).map_err(|error| {
                format!(
                    "the schema is not JSON: {} at line {} column {}",
                    printable(error.reason, 120),
                    error.line,
                    error.column
                )
            })?;
            // By way of the arena, since serde_json's own parser takes some member names for
            // something else than names.
            document.root().to_value()
        };
        drop(arena);
        // The library has `expect`s on what it was given; a schema must not stop a server.
        catch_unwind(AssertUnwindSafe(|| {
            build(&schema, text.len(), assert_format)
        }))
        .unwrap_or_else(|_| Err("cannot be compiled; check its $id and $ref".to_owned()))
        .map_err(|error| format!("the schema {error}"))
    }
}

fn build(schema: &Value, schema_bytes: usize, assert_format: bool) -> Result<Validator, String> {
    let draft = draft(schema)?;
    limit_ids(schema)?;
    let resource = draft.create_resource_ref(schema);
    let base = resource.id().unwrap_or("json-schema:///");
    let base = referencing::uri::from_str(base).map_err(|error| {
        format!(
            "has an $id that is not a URI: {}",
            printable(&error.to_string(), 200)
        )
    })?;
    let registry = Registry::new()
        .draft(draft)
        .add(base.as_str(), resource)
        .and_then(referencing::RegistryBuilder::prepare)
        .map_err(|error| reference_error(&error))?;
    let graph = Graph::new(&registry, base, schema, draft)?;
    let costs = bounds::check(schema, &graph)?;
    let flat = flatten(schema, &graph)?;
    drop(graph);
    drop(registry);
    let mut options = jsonschema::options_for::<Representation>()
        .offline()
        .with_pattern_options(PatternOptions::regex().size_limit(PATTERN_BYTES));
    if assert_format {
        options = options.should_validate_formats(true);
    }
    let schema = flat.as_ref().unwrap_or(schema);
    // It may look at more members of a large object, each of which must then cost nothing beyond.
    // And what is not valid might be once it is written anew, as a name twice under `required`.
    let faster = (costs.members == ReadingCost::default())
        .then(|| in_one_pass(schema))
        .flatten()
        .filter(|_| jsonschema::meta::is_valid(schema));
    let compiled = match faster.map(|faster| options.build(&faster)) {
        Some(Ok(compiled)) => compiled,
        // What is wrong with a schema is said of it as it was given.
        _ => options.build(schema).map_err(|error| build_error(&error))?,
    };
    Ok(Validator {
        compiled: Arc::new(compiled),
        costs,
        schema_bytes,
    })
}

/// The draft that `$schema` names.
fn draft(schema: &Value) -> Result<Draft, String> {
    let members = match schema {
        Value::Bool(_) => return Ok(Draft::Draft202012),
        Value::Object(members) => members,
        _ => return Err("must be an object, true or false".to_owned()),
    };
    match members.get("$schema") {
        None => Ok(Draft::Draft202012),
        Some(Value::String(uri)) => match Draft::from_schema_uri(uri) {
            Draft::Unknown => Err(format!(
                "has the unknown $schema \"{}\"; use that of draft 4, 6, 7, 2019-09 or 2020-12, \
                 or none for 2020-12",
                printable(uri, 80)
            )),
            known => Ok(known),
        },
        Some(_) => Err("has a $schema that is not a string".to_owned()),
    }
}

fn limit_ids(schema: &Value) -> Result<(), String> {
    match schema {
        Value::Object(members) => members.iter().try_for_each(|(name, member)| {
            match (name.as_str(), member) {
                // Data, in which a long "id" is none of our business.
                ("enum" | "const" | "default" | "examples", _) => Ok(()),
                (
                    "$id" | "id" | "$anchor" | "$dynamicAnchor" | "$ref" | "$dynamicRef",
                    Value::String(text),
                ) if text.len() > MAX_ID => Err(format!(
                    "has a {name} of {} bytes; use at most {MAX_ID}",
                    text.len()
                )),
                _ => limit_ids(member),
            }
        }),
        Value::Array(items) => items.iter().try_for_each(limit_ids),
        _ => Ok(()),
    }
}

fn reference_error(error: &referencing::Error) -> String {
    match error {
        referencing::Error::Unretrievable { uri, .. } => format!(
            "refers to \"{}\", which is not in it; nothing is fetched, so put it under $defs",
            printable(uri, 120)
        ),
        other => format!(
            "has a bad reference: {}",
            printable(&other.to_string(), 200)
        ),
    }
}

/// What the compiler says, without the values in the schema, which may be large.
fn build_error(error: &jsonschema::ValidationError<'_>) -> String {
    use jsonschema::error::ValidationErrorKind as Kind;
    let place = match error.instance_path().as_str() {
        "" => "(root)".to_owned(),
        pointer => printable(pointer, 120),
    };
    let reason = match error.kind() {
        Kind::Referencing(error) => return reference_error(error),
        Kind::Format { format } if format == "regex" => {
            "is not a pattern that runs in linear time; do without look-around and \
             back-references, and escape as ECMA 262 does"
                .to_owned()
        }
        Kind::Custom { message, .. } => printable(message, 200),
        _ => printable(
            &format!("breaks a rule of its draft: {}", super::rule::text(error)),
            200,
        ),
    };
    format!("is not valid at {place}: {reason}")
}
