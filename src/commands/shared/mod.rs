//! Options and replies that several commands share.

pub mod expiry;
pub mod options;
pub mod reply;
pub mod view;
