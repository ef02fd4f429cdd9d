//! Compiles the text of a schema into a [`Validator`].
//!
//! The steps: parse, correct what other crates would refuse, read the graph of subschemas, check its
//! limits, make a program of it, put patterns that jsonschema would misread into its words, make one
//! resource of several, and compile it by jsonschema. A schema that fails at any step is refused with a
//! reason.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Arc;

use jsonschema::PatternOptions;
use referencing::Draft;
use serde_json::{json, Value};

use super::bounds::{self, CheckCosts};
use super::flatten::flatten;
use super::formats::Options;
use super::graph::Graph;
use super::matcher::StepwisePattern;
use super::prepare::prepare;
use super::program::rule::Program;
use super::refusal::{with_advice, Refusal};
use super::replace::Replaced;
use super::text::excerpt;
use super::{formats, kept, meta, patterns, program, rule, walk};
use crate::json::{Arena, Representation};

/// The content encodings that jsonschema knows, and the media type.
const ENCODINGS: [&str; 5] = ["base64", "base64url", "base32", "base32hex", "base16"];
const MEDIA_TYPE: &str = "application/json";

/// The most memory for one compiled pattern, in bytes.
const PATTERN_BYTES: usize = 8 << 20;

/// A compiled schema.
///
/// The draft is 4, 6, 7, 2019-09 or 2020-12, as `$schema` says, and 2020-12 without it. No file or
/// connection is ever opened. Patterns run in linear time. `format` asserts in drafts 4, 6 and 7,
/// and in the later ones if the caller wants it to. `contentEncoding` and `contentMediaType` never
/// assert.
#[derive(Debug, Clone)]
pub struct Validator {
    pub(super) compiled: Arc<jsonschema::Validator<Representation>>,
    /// Says "yes" sooner than `compiled` where it can; `None` where it never could.
    pub(super) program: Option<Arc<Program>>,
    pub(super) costs: CheckCosts,
    /// See `kept`.
    pub(super) may_keep_memory: bool,
    /// Length of the schema's text.
    pub(super) schema_bytes: usize,
}

impl Validator {
    /// Compiles the text of a schema; `assert_format` makes `format` an assertion in every draft, and
    /// every format known in every draft.
    ///
    /// This takes time in proportion to the text. A schema that would take more, now or when data
    /// is checked, is refused. The limits are in `bounds.rs`.
    ///
    /// # Errors
    ///
    /// The reason for a refusal, in one line of printable ASCII: the fault, its place (a JSON pointer
    /// into the schema, or line and column of text that is not JSON), and mostly a remedy.
    pub fn compile(text: &[u8], assert_format: bool) -> Result<Validator, String> {
        let schema = parse(text)?;
        // jsonschema has `expect`s on its input; a schema must not be able to stop the server.
        let build = |schema: &mut Value| build(schema, text.len(), assert_format);
        catch_unwind(AssertUnwindSafe(|| {
            build(&mut schema.clone()).map_err(|refusal| with_advice(refusal, &schema, build))
        }))
        .unwrap_or_else(|_| Err("cannot be compiled; check its $id and $ref".to_owned()))
        .map_err(|error| format!("the schema {error}"))
    }
}

fn parse(text: &[u8]) -> Result<Value, String> {
    let mut arena = Arena::new();
    let document = arena.parse(text).map_err(|error| {
        format!(
            "the schema is not JSON: {} at line {} column {}",
            excerpt(error.reason, 120),
            error.line,
            error.column
        )
    })?;
    // Not by serde_json's own parser, to which some member names have a special meaning
    // (`$serde_json::private::Number`).
    Ok(document.root().to_value())
}

/// Whether compiling this text may take memory for good. If the text is refused before it comes to
/// that, it does not.
pub(super) fn may_keep_memory(text: &[u8]) -> bool {
    let may_keep = || -> Result<bool, Refusal> {
        let mut schema = parse(text)?;
        prepare(&mut schema, Draft::default())?;
        with_graph(&schema, draft(&schema)?, |graph| {
            bounds::check(&schema, graph)?;
            Ok(kept::may_keep(graph))
        })
    };
    catch_unwind(may_keep).is_ok_and(|kept| kept.unwrap_or(false))
}

/// Compiles a schema of `schema_bytes` bytes.
fn build(
    schema: &mut Value,
    schema_bytes: usize,
    assert_format: bool,
) -> Result<Validator, Refusal> {
    prepare(schema, Draft::default())?;
    let schema = &*schema;
    let draft = draft(schema)?;
    let (costs, may_keep_memory, program, mut flat, replaced) =
        with_graph(schema, draft, |graph| {
            let (costs, replacements) = bounds::check(schema, graph)?;
            let program = program::compile::program(program::compile::Schema {
                root: schema,
                bytes: schema_bytes,
                graph,
                draft,
                assert_format,
                replacements: &replacements,
            });
            let replaced = Replaced::of(schema, graph, replacements)?;
            let flat = match replaced {
                None => flatten(schema, graph)?,
                Some(_) => None,
            };
            Ok((costs, kept::may_keep(graph), program, flat, replaced))
        })?;
    let mut options = jsonschema::options_for::<Representation>()
        .offline()
        .with_pattern_options(PatternOptions::regex().size_limit(PATTERN_BYTES));
    // By the specification they are annotations, but jsonschema asserts them in drafts 6 and 7.
    for encoding in ENCODINGS {
        options = options.without_content_encoding_support(encoding);
    }
    options = options.without_content_media_type_support(MEDIA_TYPE);
    if assert_format {
        options = formats::assert_all(options, schema, draft);
    }
    let mut schema = schema;
    if let Some(replaced) = &replaced {
        // As it was given: the older meta-schemas know only patterns of ECMA-262.
        meta::check(schema).map_err(|(place, error)| build_error(&error, &place, None))?;
        schema = &replaced.schema;
        flat = with_graph(schema, draft, |graph| flatten(schema, graph))?;
        let matchers = replaced.matchers.clone();
        options = options.with_keyword(&replaced.keyword, move |_, pattern, _| {
            let matcher = pattern.as_str().and_then(|pattern| matchers.get(pattern));
            let matcher = matcher.expect("the keyword is in no schema");
            Ok(Box::new(StepwisePattern(Arc::clone(matcher))))
        });
    }
    let schema = flat.as_ref().unwrap_or(schema);
    let compiled = match replaced {
        None => options.build(schema),
        Some(_) => build_unchecked(options, schema, draft),
    };
    let compiled = compiled.map_err(|error| build_error(&error, "", replaced.as_ref()))?;
    Ok(Validator {
        compiled: Arc::new(compiled),
        program: program.map(Arc::new),
        costs,
        may_keep_memory,
        schema_bytes,
    })
}

/// Compiles a schema without checking it by its meta-schema: jsonschema checks only the schema that
/// it is given, and not what that refers to.
fn build_unchecked(
    options: Options<'_>,
    schema: &Value,
    draft: Draft,
) -> Result<jsonschema::Validator<Representation>, jsonschema::ValidationError<'static>> {
    let resource = draft.create_resource_ref(schema);
    let base = referencing::uri::from_str(resource.id().unwrap_or("json-schema:///"))?;
    let mut whole = json!({"$ref": base.as_str().trim_end_matches('#')});
    if let Some(uri) = schema.get("$schema") {
        whole["$schema"] = uri.clone();
    }
    let registry = referencing::Registry::new()
        .draft(draft)
        .add(base.as_str(), resource)?
        .prepare()?;
    options
        .with_base_uri("json-schema:///whole")
        .with_registry(&registry)
        .build(&whole)
}

/// The result of `read` for the graph of a schema.
fn with_graph<T>(
    schema: &Value,
    draft: Draft,
    read: impl FnOnce(&Graph<'_>) -> Result<T, String>,
) -> Result<T, Refusal> {
    let resource = draft.create_resource_ref(schema);
    let base = resource.id().unwrap_or("json-schema:///");
    let base = referencing::uri::from_str(base).map_err(|error| {
        format!(
            "has an $id that is not a URI: {}",
            excerpt(&error.to_string(), 200)
        )
    })?;
    let registry = referencing::Registry::new()
        .draft(draft)
        .add(base.as_str(), resource)
        .and_then(referencing::RegistryBuilder::prepare)
        .map_err(|error| Refusal::by_draft(reference_error(&error)))?;
    let graph = walk::read(&registry, base, schema, draft).map_err(Refusal::by_draft)?;
    Ok(read(&graph)?)
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
                excerpt(uri, 80)
            )),
            known => Ok(known),
        },
        Some(_) => Err("has a $schema that is not a string".to_owned()),
    }
}

fn reference_error(error: &referencing::Error) -> String {
    match error {
        referencing::Error::Unretrievable { uri, .. } => format!(
            "refers to \"{}\", which is not in it; nothing is fetched, so put it under $defs",
            excerpt(uri, 120)
        ),
        other => format!("has a bad reference: {}", excerpt(&other.to_string(), 200)),
    }
}

/// The reason why jsonschema refuses the part of a schema at `place`, without the values in the
/// schema, which may be large.
fn build_error(
    error: &jsonschema::ValidationError<'_>,
    place: &str,
    replaced: Option<&Replaced>,
) -> Refusal {
    use jsonschema::error::ValidationErrorKind as Kind;
    let mut pointer = format!("{place}{}", error.instance_path().as_str());
    if let Some(replaced) = replaced {
        pointer = replaced.pointer_before(&pointer);
    }
    let place = match pointer.as_str() {
        "" => "(root)".to_owned(),
        pointer => excerpt(pointer, 120),
    };
    let reason = match error.kind() {
        Kind::Referencing(error) => return Refusal::by_draft(reference_error(error)),
        Kind::Format { format } if format == "regex" => {
            match replaced {
                // All of them were found valid before they were replaced.
                Some(_) => patterns::TOO_LARGE.to_owned(),
                None => patterns::refusal(error.instance().as_str().unwrap_or_default()),
            }
        }
        Kind::Custom { message, .. } => excerpt(message, 200),
        _ => {
            let rule = format!("breaks a rule of its draft: {}", rule::text(error));
            return Refusal::by_draft(format!("is not valid at {place}: {}", excerpt(&rule, 200)));
        }
    };
    format!("is not valid at {place}: {reason}").into()
}
