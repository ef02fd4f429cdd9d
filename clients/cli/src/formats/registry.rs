//! The formats by name.

use super::actix::Actix;
use super::axum_session::AxumSession;
use super::django::Django;
use super::express::Express;
use super::fastapi_redis_sdk::FastapiRedisSdk;
use super::flask_session::FlaskSession;
use super::format::Format;
use super::go::{Redistore, Scs};
use super::koa::{KoaGenericSession, KoaSession};
use super::laravel::Laravel;
use super::ruby::RedisSessionStore;
use super::spring::Spring;
use super::starsessions::Starsessions;
use super::tower_sessions::TowerSessions;

/// The name for `--from`, a line about it, and what makes it.
pub type Named = (&'static str, &'static str, fn() -> Box<dyn Format>);

/// All formats.
pub fn all() -> &'static [Named] {
    ALL
}

/// Other names that people try, and the name in `all` that each means.
pub const ALIASES: &[(&str, &str)] = &[
    ("django-json", "django"),
    ("express", "connect-redis"),
    ("laravel", "laravel-json"),
    ("redistore", "redistore-json"),
    ("scs", "scs-json"),
    ("spring", "spring-json"),
];

/// The name in `all` for a name or an alias.
pub fn canonical(name: String) -> String {
    match ALIASES.iter().find(|(alias, _)| *alias == name) {
        Some((_, meant)) => (*meant).to_owned(),
        None => name,
    }
}

#[rustfmt::skip]
const ALL: &[Named] = &[
    ("connect-redis", "express-session and Nest with connect-redis", || Box::new(Express)),
    ("fastify", "@fastify/session with connect-redis", || Box::new(Express)),
    ("koa", "koa-session with koa-redis", || Box::new(KoaSession)),
    ("koa-generic-session", "koa-generic-session with koa-redis", || Box::new(KoaGenericSession)),
    ("starsessions", "Starlette and FastAPI with starsessions", || Box::new(Starsessions)),
    ("fastapi-redis-sdk", "FastAPI with fastapi-redis-sdk", || Box::new(FastapiRedisSdk)),
    ("flask-session", "Flask with Flask-Session (MessagePack or JSON)", || Box::new(FlaskSession)),
    ("django", "Django with django-redis (JSON or MessagePack)", || Box::new(Django)),
    ("tower-sessions", "axum with tower-sessions-redis-store", || Box::new(TowerSessions)),
    ("axum-session", "axum with axum_session_redispool", || Box::new(AxumSession)),
    ("actix", "Actix Web with actix-session", || Box::new(Actix)),
    ("spring-json", "Spring Session with a Jackson serializer", || Box::new(Spring)),
    ("laravel-json", "Laravel with session.serialization=json", || Box::new(Laravel)),
    ("redis-session-store", "Rails with redis-session-store (JSON)", || Box::new(RedisSessionStore)),
    ("scs-json", "Go with scs and a JSON codec", || Box::new(Scs { hashed: false })),
    ("scs-json-hashed", "the same with HashTokenInStore", || Box::new(Scs { hashed: true })),
    ("redistore-json", "gorilla/sessions and gin with redistore's JSONSerializer", || Box::new(Redistore)),
];

#[cfg(test)]
mod tests {
    use super::all;
    use std::collections::HashSet;

    #[test]
    fn names_are_told_apart() {
        let names: HashSet<_> = all().iter().map(|(name, ..)| name).collect();
        assert_eq!(names.len(), all().len());
    }
}
