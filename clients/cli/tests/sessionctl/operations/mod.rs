//! The chapters "The first day" and "The worst day" of docs/operations.md, typed from the first command to the last.
//!
//! Every command of the page runs as it stands there, on real servers, and must print what the page shows. The
//! tests bring about what the page says has happened, and look afterwards whether it is over.

mod first_day;
mod lab;
mod machine;
mod page;
mod seen;
mod shell;
mod worst_day;

use lab::Lab;

const FIRST: &str = "The first day";
const WORST: &str = "The worst day";
