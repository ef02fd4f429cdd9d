//! `sessionctl metrics`: what it exports, and how its listener behaves.

mod dashboard;
mod documented;
mod exporter;
mod exposition;
mod http;
mod nodes;
