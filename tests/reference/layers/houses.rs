//! The layers of each crate: which folders and files directly below its `src` may use which others.

/// A crate, and the order of its parts.
pub struct House {
    /// Its sources, below the project's root.
    pub src: &'static str,
    /// Parts that any other may use: they use none but each other.
    pub ground: &'static [&'static str],
    /// Each layer, from the top down, and the layers that it may use beside itself and the ground.
    pub layers: &'static [(&'static str, &'static [&'static str])],
    /// Whether files of the layer `commands` must not use each other.
    pub one_file_a_command: bool,
}

/// The module. The ground knows neither Redis nor sessions.
pub const MODULE: House = House {
    src: "src",
    ground: &[
        "config", "cpu_time", "error", "id", "integer", "leb128", "slots", "stats",
    ],
    layers: &[
        (
            "commands",
            &[
                "engine", "keyspace", "session", "users", "schema", "json", "server",
            ],
        ),
        (
            "engine",
            &["keyspace", "session", "users", "schema", "json", "server"],
        ),
        (
            "keyspace",
            &["session", "users", "schema", "json", "server"],
        ),
        ("session", &["schema"]),
        ("users", &[]),
        ("schema", &["json"]),
        ("json", &[]),
        ("server", &[]),
    ],
    one_file_a_command: true,
};

/// The client for Rust applications.
pub const CLIENT: House = House {
    src: "clients/rust/src",
    ground: &["error", "values"],
    layers: &[
        (
            "tower_sessions",
            &["store", "commands", "connection", "replies"],
        ),
        (
            "actix_session",
            &["store", "commands", "connection", "replies"],
        ),
        ("store", &["commands", "connection", "replies"]),
        ("commands", &["connection", "replies"]),
        ("connection", &["replies"]),
        ("replies", &[]),
    ],
    one_file_a_command: false,
};

/// The program for operators. `formats` knows nothing of servers.
pub const SESSIONCTL: House = House {
    src: "clients/cli/src",
    ground: &["failure"],
    layers: &[
        ("main", &["lib"]),
        ("commands", &["args", "output", "server", "formats"]),
        ("output", &["args"]),
        ("server", &["args"]),
        ("args", &["formats"]),
        ("formats", &[]),
    ],
    one_file_a_command: false,
};
