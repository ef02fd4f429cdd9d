//! What commands return. All of it is read from RESP2 and RESP3 alike.

mod created;
mod info;
mod listed;
pub(crate) mod parts;
mod schemas;
mod sealed;
mod session;

pub use created::Created;
pub use info::{Details, Field, FieldValue, Info};
pub use listed::Listed;
pub(crate) use listed::{merged, read_list};
pub use schemas::SchemaEntry;
pub(crate) use schemas::{common, read_schemas};
pub use session::{ReadReply, Session, Values};
