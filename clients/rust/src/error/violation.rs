//! A rule of a schema that data breaks.

/// A place in the data, and the rule of the schema that it breaks. Both are ASCII, and show no value of the data.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// A JSON Pointer; empty for the whole data.
    pub pointer: String,
    /// The schema's keyword, with what it requires if that is short, as in `maxLength 10`.
    pub rule: String,
}
