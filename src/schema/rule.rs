//! The wording of a violation: the broken rule as the schema has it, and nothing of the data.

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::ValidationError;
use serde_json::Value;

use super::text::excerpt;

/// The longest rule, in bytes.
const MAX_RULE: usize = 120;

/// The rule that was broken, for example `minimum 18`.
///
/// jsonschema's own messages are not used: they contain values and member names of the data, which
/// must not leave the server.
pub(super) fn text(error: &ValidationError<'_>) -> String {
    let rule = match error.kind() {
        Kind::AdditionalItems { limit } => format!("additionalItems after {limit}"),
        Kind::AdditionalProperties { .. } => "additionalProperties".to_owned(),
        Kind::AnyOf { .. } => "anyOf".to_owned(),
        Kind::Constant { .. } => "const".to_owned(),
        Kind::Contains => contains(error),
        Kind::ContentEncoding { content_encoding } => format!("contentEncoding {content_encoding}"),
        Kind::FromUtf8 { .. } => "contentEncoding".to_owned(),
        Kind::ContentMediaType { content_media_type } => {
            format!("contentMediaType {content_media_type}")
        }
        Kind::Enum { .. } => "enum".to_owned(),
        Kind::ExclusiveMaximum { limit } => format!("exclusiveMaximum {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("exclusiveMinimum {limit}"),
        Kind::FalseSchema => forbidding(error).to_owned(),
        Kind::Format { format } => format!("format {format}"),
        Kind::MaxItems { limit } => format!("maxItems {limit}"),
        Kind::Maximum { limit } => format!("maximum {limit}"),
        Kind::MaxLength { limit } => format!("maxLength {limit}"),
        Kind::MaxProperties { limit } => format!("maxProperties {limit}"),
        Kind::MinItems { limit } => format!("minItems {limit}"),
        Kind::Minimum { limit } => format!("minimum {limit}"),
        Kind::MinLength { limit } => format!("minLength {limit}"),
        Kind::MinProperties { limit } => format!("minProperties {limit}"),
        Kind::MultipleOf { multiple_of } => format!("multipleOf {multiple_of}"),
        Kind::Not { .. } => "not".to_owned(),
        Kind::OneOfMultipleValid { .. } => "oneOf, more than one matches".to_owned(),
        Kind::OneOfNotValid { .. } => "oneOf, none matches".to_owned(),
        Kind::Pattern { .. }
        | Kind::BacktrackLimitExceeded { .. }
        | Kind::RegexEngineFailure { .. }
        // `StepwisePattern` is the only keyword beyond those of jsonschema.
        | Kind::Custom { .. } => "pattern".to_owned(),
        Kind::PropertyNames { .. } => "propertyNames".to_owned(),
        Kind::Required {
            property: Value::String(name),
        } => return format!("required \"{}\"", excerpt(name, MAX_RULE - 11)),
        Kind::Required { .. } => "required".to_owned(),
        Kind::Type { kind } => types(kind),
        Kind::UnevaluatedItems { .. } => "unevaluatedItems".to_owned(),
        Kind::UnevaluatedProperties { .. } => "unevaluatedProperties".to_owned(),
        Kind::UniqueItems => "uniqueItems".to_owned(),
        Kind::Referencing(_) => "$ref".to_owned(),
    };
    excerpt(&rule, MAX_RULE)
}

/// `contains`, `minContains` or `maxContains`. jsonschema has one kind for all three; the keyword is
/// the last step of the path into the schema.
fn contains(error: &ValidationError<'_>) -> String {
    let keyword = error.schema_path().as_str().rsplit('/').next();
    match keyword {
        Some(keyword @ ("minContains" | "maxContains")) => keyword.to_owned(),
        _ => "contains".to_owned(),
    }
}

/// The keyword whose value is the schema `false`; `false` for a schema in a map or a list.
fn forbidding(error: &ValidationError<'_>) -> &'static str {
    let mut steps = error.schema_path().as_str().rsplit('/');
    let (last, before) = (steps.next(), steps.next());
    let named = [
        "properties",
        "patternProperties",
        "dependentSchemas",
        "dependencies",
        "$defs",
        "definitions",
    ];
    if before.is_some_and(|keyword| named.contains(&keyword)) {
        return "false";
    }
    [
        "additionalProperties",
        "additionalItems",
        "items",
        "unevaluatedProperties",
        "unevaluatedItems",
    ]
    .into_iter()
    .find(|keyword| last == Some(keyword))
    .unwrap_or("false")
}

/// The types that are allowed.
fn types(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(name) => format!("type {name}"),
        TypeKind::Multiple(names) => {
            let names: Vec<String> = names.iter().map(|name| name.to_string()).collect();
            format!("type {}", names.join(" or "))
        }
    }
}
