//! Strict JSON, read in place.
//!
//! [`Arena::parse`] checks a text against RFC 8259 (and RFC 7493 for duplicate member names) and
//! leaves a flat list of nodes that point back into the text. Schema validation, pointers and
//! patches all read those nodes: nothing is copied except strings that hold escapes.
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
mod containers;
mod cursor;
mod decimal;
mod digits;
mod edit;
mod equal;
mod error;
mod find;
mod fuel;
mod keep;
mod members;
mod merge;
mod names;
mod number;
mod parse;
mod patch;
mod pointer;
mod pop;
mod representation;
mod special;
mod strings;
mod value;

#[cfg(test)]
mod tests;

pub use arena::{Arena, Document};
pub use containers::{ArrayNode, BurningElements, BurningMembers, ObjectNode};
pub use error::Error;
pub use find::Finder;
pub use fuel::{OutOfFuel, ReadingCost};
pub use members::{Elements, Members};
pub use merge::merge;
pub use number::Number;
pub use parse::MAX_DEPTH;
pub use patch::{apply, PatchError, PatchErrorKind};
pub use pointer::{array_index, Pointer, PointerError};
pub use pop::{pop, PopError};
pub use representation::Representation;
pub use value::{Kind, Value};
