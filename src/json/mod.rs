//! Strict JSON, read in place.
//!
//! [`is_strict`] checks a text against RFC 8259 (and RFC 7493 for duplicate member names). What it does
//! not say yes to, [`Arena::parse`] decides: it words the errors, and leaves a flat list of nodes that point
//! back into the text. Schema validation, pointers and patches all read those nodes: only strings with
//! escapes are copied.
//!
//! Each file uses only files before it in this list:
//!
//! - foundations: `error`, `fuel`, `decimal`, `node`, `search`, `name_key`;
//! - the parser: `position`, `escape`, `names`, `builder`, `strings`, `digits`, `parse`;
//! - the scan: `predicted`, `cursor` (a position in a text), `padded` (a text with room behind it),
//!   `scalar`, `seen`, `rows`, `scan`;
//! - access to a parsed text: `arena`, `number`, `value`, `children`;
//! - finding without a parse: `blocks`, `pointer`, `skip`;
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
mod blocks;
mod builder;
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
mod padded;
mod parse;
mod parts;
mod patch;
mod pointer;
mod position;
mod predicted;
mod representation;
mod rewrite;
mod rows;
pub(crate) mod scalar;
pub(crate) mod scan;
mod search;
mod seen;
mod skip;
mod strings;
mod value;
mod walk;

#[cfg(test)]
mod tests;

pub use arena::{Arena, Document};
pub use children::{Elements, Members};
pub use cursor::Cursor;
pub use edits::{Edits, EncodedEdits};
pub use error::ParseError;
pub use fuel::{Grace, OutOfFuel, ReadingCost};
pub use merge::merge;
pub use name_key::key as name_key;
pub(crate) use name_key::short_key;
pub use number::Number;
pub use padded::Padded;
pub use parse::MAX_DEPTH;
pub use parts::{find, pop, PopError};
pub use patch::{apply, PatchError, PatchErrorKind};
pub use pointer::{array_index, Pointer, PointerError};
pub use predicted::Predicted;
pub use representation::Representation;
pub use scan::{is_strict, is_utf8, ScanMemory};
pub(crate) use seen::Seen;
pub use skip::NotJson;
pub use value::{Value, ValueKind};
pub use walk::Places;
