//! The store for tower-sessions, behind real axum servers that browsers ask over HTTP.

mod app;
mod connections;
mod cookies;
mod devices;
mod ending;
mod examples;
mod expiry;
mod gates;
mod logins;
mod nested;
mod outages;
mod parallel;
mod records;
mod renewing;
mod routes;
mod storing;
