//! SESSION.SCHEMA: the registry of JSON Schemas. In a cluster each primary has its own, so writes go to all of them.

mod check;
mod delete;
mod get;
mod list;
mod registry;
mod set;

pub use check::CheckSchema;
pub use delete::DeleteSchemas;
pub use get::GetSchema;
pub use list::ListSchemas;
pub use registry::Schemas;
pub use set::SetSchema;
