//! What the commands share: finding the live session, changing it, what a change sends on, a user's
//! sessions and their limit, new IDs, checks by schemas.

pub mod access;
pub mod change;
pub mod check;
pub mod effect;
pub mod event;
pub mod limit;
pub mod live;
pub mod new_id;
pub mod owned;
pub mod parts;
pub mod patching;
pub mod schemas;
pub mod store;
