//! Options and replies that several commands share.
//!
//! A group of options that belong together is a struct with a method `accept`, which a command's
//! parser offers each word that it does not recognise itself.

pub mod expiry;
pub mod info_field;
pub mod issue;
pub mod options;
pub mod reply;
pub mod view;
