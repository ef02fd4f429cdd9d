//! Only this crate implements the traits of replies.

pub trait Sealed {}
