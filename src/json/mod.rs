//! Strict JSON, read in place.
//!
//! [`Arena::parse`] checks a text against RFC 8259 (and RFC 7493 for duplicate member names) and
//! leaves a flat list of nodes that point back into the text. Schema validation, pointers and
//! patches all read those nodes: only strings with escapes are copied.
//!
//! Each file uses only files above it in this list; inside `patch`, the order is that of its own
//! module list:
//!
//! - `error`, `fuel`, `decimal`, `node`, `scan`, `name_key`: the basics, without each other's help
//!   except that `name_key` shares the width of a search with `scan`;
//! - `cursor`, `escape`, `names`, `sink`, `strings`, `digits`, `parse`: the parser;
//! - `arena`, `number`, `value`, `children`: the parsed text, to read;
//! - `pointer`, `find`, `equal`, `edit`: the tools for changes;
//! - `merge`, `pop`, `patch`: the changes;
//! - `metered`, `representation`: the parsed text as jsonschema's validators read it.
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
mod edit;
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
mod patch;
mod pointer;
mod pop;
mod representation;
mod scan;
mod sink;
mod strings;
mod value;

#[cfg(test)]
mod tests;

pub use arena::{Arena, Document};
pub use children::{Elements, Members};
pub use error::ParseError;
pub use find::Finder;
pub use fuel::{OutOfFuel, ReadingCost};
pub use merge::merge;
pub use metered::{MeteredElements, MeteredMembers};
pub use number::Number;
pub use parse::MAX_DEPTH;
pub use patch::{apply, PatchError, PatchErrorKind};
pub use pointer::{array_index, Pointer, PointerError};
pub use pop::{pop, PopError};
pub use representation::{ArrayNode, ObjectNode, Representation};
pub use value::{Value, ValueKind};
