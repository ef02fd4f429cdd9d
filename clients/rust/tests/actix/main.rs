//! The store for actix-session: a served application, and visitors with cookies.

mod app;
mod cluster;
mod cookies;
mod devices;
mod ending;
mod examples;
mod logins;
mod parallel;
mod storing;
mod times;
