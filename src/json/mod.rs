//! Strict JSON, read in place.
//!
//! [`Arena::parse`] checks a text against RFC 8259 (and RFC 7493 for duplicate member names) and
//! leaves a flat list of nodes that point back into the text. Schema validation, pointers and
//! patches all read those nodes: only strings with escapes are copied.
//!
//! Each file uses only files before it in this list:
//!
//! - foundations: `error`, `fuel`, `decimal`, `node`, `scan`, `name_key`;
//! - the parser: `cursor`, `escape`, `names`, `sink`, `strings`, `digits`, `parse`;
//! - access to a parsed text: `arena`, `number`, `value`, `children`;
//! - finding without a parse: `pointer`, `skip`;
//! - finding, comparing and editing: `find`, `equal`, `edits`, `rewrite`;
//! - changes: `merge` (RFC 7396), `walk`, `parts`, and the folder `patch` (RFC 6902);
//! - access for jsonschema's validators: `metered`, `representation`.
//!
//! ```
//! use redis_session::json::{Arena, Pointer};
//!
//! let mut arena = Arena::new();
//! let document = arena.parse(br#"{"user": {"id": 42}}"#).unwrap();
//! let id = Pointer::parse("/user/id").unwrap().resolve(document.root()).unwrap();
//! assert_eq!(id.text(), "42");
//! ```

mod arena;
mod children;
mod cursor;
mod decimal;
mod digits;
mod edits;
mod equal;
mod error;
mod escape;
mod find;
mod fuel;
mod merge;
mod metered;
mod name_key;
mod names;
mod node;
mod number;
mod parse;
mod parts;
mod patch;
mod pointer;
mod representation;
mod rewrite;
mod scan;
mod sink;
mod skip;
mod strings;
mod value;
mod walk;

#[cfg(test)]
mod tests;

pub use arena::{Arena, Document};
pub use children::{Elements, Members};
pub use edits::{Edits, EncodedEdits};
pub use error::ParseError;
pub use fuel::{Grace, OutOfFuel, ReadingCost};
pub use merge::merge;
pub use number::Number;
pub use parse::MAX_DEPTH;
pub use parts::{find, pop, PopError};
pub use patch::{apply, PatchError, PatchErrorKind};
pub use pointer::{array_index, Pointer, PointerError};
pub use representation::Representation;
pub use skip::NotJson;
pub use value::{Value, ValueKind};
pub use walk::Places;
