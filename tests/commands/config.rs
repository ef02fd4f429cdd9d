//! Settings: their defaults, every way to give them, and values with which the module refuses to load.

use support::Server;

const DEFAULTS: [(&str, &str); 9] = [
    ("session.ttl", "21600"),
    ("session.max-ttl", "0"),
    ("session.idle-timeout", "0"),
    ("session.touch-interval-ms", "1000"),
    ("session.max-data-bytes", "1048576"),
    ("session.max-schema-bytes", "1048576"),
    ("session.max-schemas", "10000"),
    ("session.max-schemas-bytes", "67108864"),
    ("session.max-grace-ms", "10000"),
];

fn get(server: &Server, name: &str) -> String {
    server.ok(&["CONFIG", "GET", name]).field(name).text()
}

#[test]
fn every_setting_has_its_documented_default() {
    let server = Server::start();
    let all = server.ok(&["CONFIG", "GET", "session.*"]).pairs();
    assert_eq!(all.len(), DEFAULTS.len());
    for (name, value) in DEFAULTS {
        assert_eq!(get(&server, name), value, "{name}");
    }
}

#[test]
fn config_set_takes_values_in_range_and_refuses_others_with_the_reason() {
    let server = Server::start();
    for (name, _) in DEFAULTS {
        server.ok(&["CONFIG", "SET", name, "77"]);
        assert_eq!(get(&server, name), "77");
        let least = if name.ends_with("-bytes") { "1" } else { "0" };
        server.ok(&["CONFIG", "SET", name, least]);
        for bad in ["-1", "9223372036854775807", "x", "", "1.5"] {
            let error = server.err(&["CONFIG", "SET", name, bad]);
            assert!(
                error.contains(name) && error.contains("argument"),
                "{name} {bad}: {error}"
            );
        }
        assert_eq!(get(&server, name), least);
    }
    server.ok(&["CONFIG", "SET", "session.max-data-bytes", "2mb"]);
    assert_eq!(get(&server, "session.max-data-bytes"), "2097152");
}

#[test]
fn settings_come_from_redis_conf() {
    let server = Server::setup()
        .config("session.ttl 60")
        .config("session.max-data-bytes 1kb")
        .start();
    assert_eq!(get(&server, "session.ttl"), "60");
    assert_eq!(get(&server, "session.max-data-bytes"), "1024");
}

#[test]
fn settings_come_from_loadmodule_arguments_with_or_without_the_prefix() {
    let server = Server::setup()
        .module_arg("ttl 60 SESSION.IDLE-TIMEOUT 30")
        .start();
    assert_eq!(get(&server, "session.ttl"), "60");
    assert_eq!(get(&server, "session.idle-timeout"), "30");
    assert_eq!(get(&server, "session.max-ttl"), "0");
}

#[test]
fn redis_conf_wins_over_loadmodule_arguments() {
    let server = Server::setup()
        .module_arg("ttl 60")
        .config("session.ttl 70")
        .start();
    assert_eq!(get(&server, "session.ttl"), "70");
}

#[test]
fn config_rewrite_keeps_what_was_set() {
    let mut server = Server::start();
    server.ok(&["CONFIG", "SET", "session.ttl", "99"]);
    server.ok(&["CONFIG", "REWRITE"]);
    server.restart();
    assert_eq!(get(&server, "session.ttl"), "99");
}

#[test]
fn an_argument_that_is_wrong_refuses_the_load_and_the_log_says_why() {
    for (argument, why) in [
        (
            "tll 5",
            "unknown module argument 'tll'; known are ttl, max-ttl,",
        ),
        ("ttl", "module argument 'ttl' has no value"),
        (
            "ttl -5",
            "module argument 'ttl' must be an integer from 0 to",
        ),
        ("ttl 1h", "not '1h'"),
        ("ttl 1 session.ttl 2", "is given twice"),
    ] {
        let Err(log) = Server::setup().module_arg(argument).try_start() else {
            panic!("{argument} was taken")
        };
        assert!(log.contains("session: cannot load: "), "{log}");
        assert!(log.contains(why), "{argument}: {log}");
    }
    let Err(log) = Server::setup().config("session.nosuch 1").try_start() else {
        panic!("an unknown setting was taken")
    };
    // The line is core's own, and on some servers does not name the setting.
    assert!(log.contains("aborting"), "{log}");
}

#[test]
fn an_aof_without_the_rdb_preamble_is_warned_of() {
    let warning = "aof-use-rdb-preamble is off";
    let server = Server::setup().config("aof-use-rdb-preamble no").start();
    assert_eq!(server.log().matches(warning).count(), 1);
    let server = Server::start();
    assert_eq!(server.log().matches(warning).count(), 0);
    server.ok(&["CONFIG", "SET", "aof-use-rdb-preamble", "no"]);
    assert_eq!(server.log().matches(warning).count(), 1);
    server.ok(&["CONFIG", "SET", "aof-use-rdb-preamble", "yes"]);
    assert_eq!(server.log().matches(warning).count(), 1);
}

#[test]
fn the_module_cannot_be_unloaded() {
    let server = Server::start();
    let error = server.err(&["MODULE", "UNLOAD", "session"]);
    assert!(
        error.contains("the module exports one or more module-side data types"),
        "{error}"
    );
}

#[test]
fn module_list_names_it() {
    let server = Server::start();
    let list = server.ok(&["MODULE", "LIST"]);
    let module = list
        .items()
        .iter()
        .find(|m| m.field("name").text() == "session")
        .unwrap();
    assert_eq!(module.field("ver").int(), 10_200);
}
