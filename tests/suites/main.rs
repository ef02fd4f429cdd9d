//! Official test suites, through the commands of a real server. `tests/suites/README.md` says where
//! they come from.

mod exceptions;
mod json;
mod json_patch;
mod json_schema;
mod raw;
