//! Runs a program over a text, in the same pass that checks that the text is JSON.
//!
//! The files, each of which uses only files before it:
//!
//! - `answer`: yes, no, or not sure, and how such answers are combined
//! - `text`, `number`: strings and numbers
//! - `quick`: the short way through data that is as most data is
//! - `state`, `values`: the state of a run, and the way from containers to the values in them
//! - `unique`, `arrays`, `members`, `objects`: arrays and objects
//! - `walk`: the whole way

mod answer;
mod arrays;
mod members;
mod number;
mod objects;
mod quick;
mod state;
mod text;
mod unique;
mod values;
mod walk;

pub use answer::Answer;

use super::rule::Program;
use crate::json::{is_utf8, Padded, ScanMemory, MAX_DEPTH};
use walk::Walk;

/// What a program says of a text: yes if the text is strict JSON and satisfies the schema. No means that
/// it does not satisfy the schema, if it is strict JSON.
pub fn judge(program: &Program, padded: Padded<'_>, memory: &mut ScanMemory) -> Answer {
    let text = padded.text();
    // Lengths of strings are compared as 32 bits.
    if u32::try_from(text.len()).is_err() {
        return Answer::NotSure;
    }
    let is_ascii = padded.is_ascii();
    if !is_ascii && !is_utf8(text) {
        return Answer::NotSure;
    }
    // Elements of arrays that must differ have keys too, and are shorter than members.
    let has_unique = program.arrays.iter().any(|array| array.is_unique);
    let stack = memory.stack_for(text.len() * if has_unique { 3 } else { 1 });
    let mut walk = Walk::new(program, padded, is_ascii);
    match walk.judge(&program.root, padded.start().space_end(), stack, MAX_DEPTH) {
        Answer::Yes(end) if padded.is_end(end.space_end()) => Answer::Yes(()),
        Answer::No => Answer::No,
        _ => Answer::NotSure,
    }
}
