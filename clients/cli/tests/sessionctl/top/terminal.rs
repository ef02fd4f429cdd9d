//! The full screen on real servers.

use super::load::Load;
use super::top;
use support::{Cluster, Server};

/// A number of sessions above zero, after the word.
fn counts(text: &str) -> bool {
    let Some((_, rest)) = text.split_once("Sessions ") else {
        return false;
    };
    rest.split_whitespace()
        .next()
        .is_some_and(|word| word != "0" && word != "-")
}

/// The value of the last interval of a rate.
fn now(text: &str, rate: &str) -> Option<String> {
    let (_, rest) = text.split_once(rate)?;
    rest.split_whitespace().next().map(String::from)
}

#[test]
fn it_shows_a_busy_server_at_every_size() {
    let server = Server::setup().config("maxmemory 100mb").start();
    let load = Load::on(&server, 3.0);
    let node = format!("127.0.0.1:{}", server.port());
    for (columns, rows) in [(60, 15), (80, 24), (120, 40), (200, 60)] {
        let screen = top(&server, "--interval 0.2", columns, rows);
        screen.until("sessions and rates", |text| {
            let rate = now(text, "created ");
            counts(text) && rate.is_some_and(|rate| rate.parse::<f64>().is_ok_and(|it| it > 0.0))
        });
        screen.until("a chart", |text| {
            text.contains(|bar| ('▁'..='█').contains(&bar))
        });
        let text = screen.text();
        assert!(
            text.lines()
                .any(|line| line.starts_with(&format!(" {node}")) && line.contains(" up")),
            "{text}"
        );
        assert!(text.contains("saves nothing to disk"), "{text}");
        assert!(
            text.lines()
                .last()
                .is_some_and(|line| line.starts_with(" q quit")),
            "{text}"
        );
        // Nothing has run over the end of a line: every line begins where lines begin.
        assert_eq!(text.lines().count(), usize::from(rows), "{text}");
        for line in text.lines() {
            assert!(line.is_empty() || line.starts_with([' ', '─']), "{text}");
        }
    }
    drop(load);
}

#[test]
fn a_killed_node_of_a_cluster_keeps_its_row_and_comes_back() {
    let mut cluster = Cluster::start();
    let load = Load::on_cluster(&cluster, 2.0);
    let screen = top(&cluster.nodes[0], "--interval 0.2", 120, 40);
    let ups = |text: &str| text.lines().filter(|line| line.ends_with(" up")).count();
    screen.until("six nodes", |text| {
        text.contains("cluster of 3 primaries, 3 replicas") && ups(text) == 6 && counts(text)
    });
    // The first one is the node of the URL: others are asked for the cluster then.
    for killed in [5, 0] {
        let name = format!("127.0.0.1:{} ", cluster.nodes[killed].port());
        cluster.nodes[killed].kill9();
        screen.until("a node that is down", |text| {
            let mut rows = text.lines();
            let row = rows.find(|line| line.contains(&name) && line.contains("down "));
            row.is_some() && text.contains("1 down") && text.contains("is down for")
        });
        cluster.nodes[killed].start_again();
        screen.until("the node again", |text| {
            ups(text) == 6 && !text.contains("1 down")
        });
    }
    drop(load);
}

#[test]
fn schemas_that_differ_are_told() {
    let cluster = Cluster::start();
    let screen = top(&cluster.nodes[0], "--interval 0.2", 100, 30);
    screen.until("equal schemas", |text| {
        text.contains("Schemas 0 same on all")
    });
    cluster.nodes[1].ok(&["SESSION.SCHEMA", "SET", "cart", "{}"]);
    let differs = format!(
        "Schemas differ between primaries: 127.0.0.1:{} differs",
        cluster.nodes[1].port()
    );
    screen.until("the difference", |text| {
        text.contains("DIFFER") && text.contains(&differs)
    });
}

#[test]
fn a_failover_and_a_new_replica_are_followed() {
    let primary = Server::start();
    let mut first = primary.replica();
    let screen = top(&primary, "--interval 0.2", 100, 24);
    let row = |text: &str, server: &Server, role: &str| {
        let name = format!("127.0.0.1:{} ", server.port());
        text.lines()
            .any(|line| line.contains(&name) && line.contains(role) && line.contains(" up"))
    };
    screen.until("both", |text| {
        row(text, &primary, "primary") && row(text, &first, "replica")
    });
    let second = primary.replica();
    screen.until("the new one", |text| row(text, &second, "replica"));
    let port = first.port().to_string();
    first.ok(&["REPLICAOF", "NO", "ONE"]);
    for node in [&primary, &second] {
        node.ok(&["REPLICAOF", "127.0.0.1", &port]);
    }
    screen.until("the new roles", |text| {
        row(text, &first, "primary")
            && row(text, &primary, "replica")
            && row(text, &second, "replica")
    });
    first.kill9();
    let name = format!("127.0.0.1:{port} ");
    screen.until("it down", |text| {
        text.lines()
            .any(|line| line.contains(&name) && line.contains("down"))
    });
}

#[test]
fn a_node_that_hangs_delays_nothing() {
    let primary = Server::start();
    let replica = primary.replica();
    let screen = top(&primary, "--interval 0.2", 100, 24);
    screen.until("both", |text| text.matches(" up\n").count() == 2);
    let pid = replica.pid().to_string();
    let send = |signal| {
        let kill = std::process::Command::new("kill")
            .args(["-s", signal, &pid])
            .status();
        assert!(kill.expect("kill runs").success());
    };
    send("STOP");
    screen.until("the slow one", |text| {
        text.contains("slow ") || text.contains("down ")
    });
    // The other node is still asked, and drawn.
    primary.ok(&["SESSION.SET", "session:*", "{}"]);
    screen.until("the new session", |text| text.contains("Sessions 1 "));
    send("CONT");
    screen.until("both again", |text| {
        !text.contains("slow ") && !text.contains("down ")
    });
}

#[test]
fn keys_do_what_the_last_line_says() {
    let server = Server::start();
    let _replica = server.replica();
    let mut screen = top(&server, "--interval 0.5", 80, 24);
    let node = format!("127.0.0.1:{}", server.port());
    screen.until("both", |text| text.contains("and 1 replica"));
    screen.press("n");
    screen.until("the first node", |text| text.contains("node 127.0.0.1:"));
    screen.press("a");
    screen.until("all nodes", |text| {
        text.contains(&format!("{node} and 1 replica"))
    });
    screen.press("p");
    screen.until("the pause", |text| text.contains("PAUSED"));
    server.ok(&["SESSION.SET", "session:*", "{}"]);
    screen.press("?");
    screen.until("the help", |text| {
        text.contains("Ctrl-Z") && text.contains("PAUSED")
    });
    screen.press("\u{1b}");
    screen.until("the picture", |text| {
        text.contains("Sessions 0") && !text.contains("Ctrl-Z")
    });
    screen.press("p");
    screen.until("the new session", |text| {
        text.contains("Sessions 1") && !text.contains("PAUSED")
    });
    screen.press("+");
    screen.until("a longer interval", |text| text.contains("every 1 s"));
    screen.press("-");
    screen.until("a shorter one", |text| text.contains("every 0.5 s"));
}

#[test]
fn the_picture_follows_the_size_of_the_terminal() {
    let server = Server::start();
    let screen = top(&server, "--interval 0.2", 120, 40);
    screen.until("the large picture", |text| {
        text.contains("Per second, the last")
    });
    for (columns, rows) in [(60, 15), (200, 60), (80, 24)] {
        screen.resize(columns, rows);
        screen.until("the last line at the bottom", |text| {
            let last = text.lines().last().unwrap_or_default();
            last.starts_with(" q quit") && text.lines().count() == usize::from(rows)
        });
        let first = screen.text();
        let first = first.lines().next().expect("a line");
        assert_eq!(first.chars().count(), usize::from(columns) - 1, "{first}");
    }
    screen.resize(50, 10);
    screen.until("the words", |text| {
        text.contains("It has 50x10, and 60x15 are needed.")
    });
    screen.resize(80, 24);
    screen.until("the picture", |text| text.contains("Needs attention"));
}

#[test]
fn no_color_and_ascii_are_obeyed() {
    let server = Server::start();
    let program = format!("'{}' top --ascii", env!("CARGO_BIN_EXE_sessionctl"));
    let settings = [
        (
            "SESSIONCTL_URL",
            format!("redis://127.0.0.1:{}", server.port()),
        ),
        ("NO_COLOR", "1".to_owned()),
    ];
    let screen = super::Screen::open(&program, &settings, 80, 24);
    screen.until("the picture", |text| text.contains("saves nothing"));
    assert!(screen.text().is_ascii(), "{}", screen.text());
    screen.with(|screen| {
        for row in 0..24 {
            for column in 0..80 {
                let cell = screen.cell(row, column).expect("a cell");
                let colours = [cell.fgcolor(), cell.bgcolor()];
                assert_eq!(colours, [vt100::Color::Default; 2], "{row} {column}");
            }
        }
    });
}
