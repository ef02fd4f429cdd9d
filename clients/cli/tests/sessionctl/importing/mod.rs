//! `sessionctl import` against real servers.

mod again;
mod cluster;
mod deleting;
mod missing;
mod moving;
mod refusing;
mod stopping;
mod store;
mod times;
mod trouble;
