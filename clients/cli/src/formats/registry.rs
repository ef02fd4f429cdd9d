//! The formats by name.

use super::express::Express;
use super::flask_session::FlaskSession;
use super::format::Format;
use super::starsessions::Starsessions;

/// The name for `--from`, a line about it, and what makes it.
pub type Named = (&'static str, &'static str, fn() -> Box<dyn Format>);

/// All formats.
pub fn all() -> &'static [Named] {
    const ALL: &[Named] = &[
        (
            "connect-redis",
            "express-session and Nest with connect-redis",
            || Box::new(Express),
        ),
        ("fastify", "@fastify/session with connect-redis", || {
            Box::new(Express)
        }),
        (
            "starsessions",
            "Starlette and FastAPI with starsessions",
            || Box::new(Starsessions),
        ),
        (
            "flask-session",
            "Flask with Flask-Session (MessagePack or JSON)",
            || Box::new(FlaskSession),
        ),
    ];
    ALL
}
