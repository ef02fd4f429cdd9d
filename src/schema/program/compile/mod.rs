//! Compiles a schema into a program.
//!
//! A schema is a graph of subschemas. Rules are made for sets of subschemas, see `sets`: first a shape,
//! which says what a value of each type must be, and then a rule and its tables.
//!
//! Where the schema asks for something that no rule says, or that takes too much room, the rule is not sure.
//! That is right everywhere, and costs only time. The work is in proportion to the text of the schema.
//!
//! Each file uses only files before it in this list:
//!
//! - `sets`, `nodes`, `decimal`: subschemas and sets of them, and bounds of numbers;
//! - `shape`, `union`: what a value must be, and all or one of several shapes;
//! - `assertions`, `reader`: reading subschemas into shapes;
//! - `texts`, `numbers`, `arrays`, `parts`, `objects`: what the values of one type must be;
//! - `exclusive`: whether alternatives exclude each other;
//! - `containers`, `tables`, `rules`: the rules and tables of the program.

mod arrays;
mod assertions;
mod containers;
mod decimal;
mod exclusive;
mod nodes;
mod numbers;
mod objects;
mod parts;
mod reader;
mod rules;
mod sets;
mod shape;
mod tables;
mod texts;
mod union;

use referencing::Draft;
use serde_json::Value;

use super::super::graph::Graph;
use super::super::patterns::Replacements;
use super::rule::{Program, Rule};
use nodes::Nodes;
use reader::Reader;
use rules::Rules;
use texts::Texts;

/// The work on every schema, in steps of some 100 ns.
const BASE_WORK: u64 = 4000;
/// The additional work for each byte of the schema.
const WORK_PER_BYTE: u64 = 2;

/// What is known of a schema that is compiled.
#[derive(Clone, Copy)]
pub struct Schema<'g, 'r> {
    pub root: &'r Value,
    /// The length of its text.
    pub bytes: usize,
    pub graph: &'g Graph<'r>,
    pub draft: Draft,
    /// Whether `format` asserts in every draft.
    pub assert_format: bool,
    pub replacements: &'g Replacements,
}

/// The program of a schema; `None` if it would not be sure of anything.
pub fn program(schema: Schema<'_, '_>) -> Option<Program> {
    let Schema {
        graph,
        draft,
        assert_format,
        replacements,
        ..
    } = schema;
    let work = BASE_WORK + WORK_PER_BYTE * schema.bytes as u64;
    let mut nodes = Nodes::new(graph, draft, work);
    let root = nodes.set(schema.root);
    let texts = Texts::new(replacements, draft, assert_format);
    let program = Rules::new(Reader::new(nodes), texts).program(root);
    (program.root != Rule::Unsure).then_some(program)
}
