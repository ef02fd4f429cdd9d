//! The official suites for JSON, JSON Patch and JSON Schema, and schemas that people register, run through
//! the commands of a real server.
//! `tests/suites/README.md` has their origins.

mod exceptions;
mod json;
mod json_patch;
mod json_schema;
mod raw;
mod registered;
