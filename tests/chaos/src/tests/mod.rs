//! Tests of the checkers without a server: histories written by hand, and random ones.

mod brute;
mod build;
mod durable_cases;
mod ends_cases;
mod files;
mod linear_cases;
mod orders;
mod properties;
mod simulate;
mod unknown_cases;
