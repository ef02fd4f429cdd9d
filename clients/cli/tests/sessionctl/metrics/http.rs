//! The listener: paths, methods, connections that stay, slow clients, and the end.

use super::exporter::Exporter;
use super::exposition::Exposition;
use crate::common::{for_server, run};
use std::io::{BufRead, BufReader, Read, Write};
use support::Server;

#[test]
fn other_paths_and_methods_are_refused() {
    let server = Server::start();
    let exporter = Exporter::start(server.port(), &[]);
    let page = exporter.request("GET", "/", "");
    assert!(page.head.contains("text/html"), "{}", page.head);
    assert!(page.body.contains("href=\"/metrics\"") && page.body.lines().count() == 1);
    let missing = exporter.request("GET", "/metrics/", "");
    assert!(
        missing.head.starts_with("HTTP/1.1 404 "),
        "{}",
        missing.head
    );
    let post = exporter.request("POST", "/metrics", "Content-Length: 0\r\n");
    assert!(post.head.starts_with("HTTP/1.1 405 "), "{}", post.head);
    assert!(
        post.head.to_lowercase().contains("\r\nallow: get, head"),
        "{}",
        post.head
    );
}

#[test]
fn head_has_the_headers_of_get_and_no_body() {
    let server = Server::start();
    let exporter = Exporter::start(server.port(), &[]);
    let head = exporter.request("HEAD", "/metrics", "");
    assert!(head.head.starts_with("HTTP/1.1 200 "), "{}", head.head);
    let headers = head.head.to_lowercase();
    assert!(headers.contains("content-type: text/plain; version=0.0.4; charset=utf-8"));
    assert!(headers.contains("content-length: ") && head.body.is_empty());
}

#[test]
fn a_connection_stays_for_the_next_scrape() {
    let server = Server::start();
    let exporter = Exporter::start(server.port(), &[]);
    let mut stream = exporter.connect();
    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
    for _ in 0..3 {
        stream
            .write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
            .expect("a request");
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).expect("a line");
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("the body");
        Exposition::parse(&String::from_utf8(body).expect("UTF-8"));
    }
}

#[test]
fn many_clients_that_send_nothing_or_half_a_request_hold_up_nobody() {
    let server = Server::start();
    let exporter = Exporter::start(server.port(), &[]);
    // More than are served at once.
    let idle: Vec<_> = (0..300)
        .map(|n| {
            let mut stream = exporter.connect();
            if n % 2 == 0 {
                stream
                    .write_all(b"GET /metrics HTTP/1.1\r\nHo")
                    .expect("half a request");
            }
            stream
        })
        .collect();
    let scrapes: Vec<_> = std::thread::scope(|scope| {
        let scrapes = (0..20).map(|_| scope.spawn(|| exporter.scrape().0.len()));
        let scrapes: Vec<_> = scrapes.collect();
        scrapes
            .into_iter()
            .map(|it| it.join().expect("a scrape"))
            .collect()
    });
    assert!(scrapes.iter().all(|families| *families > 20), "{scrapes:?}");
    drop(idle);
}

#[test]
fn nonsense_is_refused_and_the_next_scrape_works() {
    let server = Server::start();
    let exporter = Exporter::start(server.port(), &[]);
    let mut stream = exporter.connect();
    stream
        .write_all(b"\x16\x03\x01 TLS?\r\n\r\n")
        .expect("nonsense");
    let mut reply = String::new();
    let _ = stream.read_to_string(&mut reply);
    assert!(
        reply.is_empty() || reply.starts_with("HTTP/1.1 400"),
        "{reply}"
    );
    exporter.scrape();
}

#[test]
fn a_signal_ends_it_while_a_client_is_connected() {
    let server = Server::start();
    for signal in ["TERM", "INT"] {
        let mut exporter = Exporter::start(server.port(), &[]);
        let idle = exporter.connect();
        exporter.scrape();
        assert_eq!(exporter.end(signal).code(), Some(0));
        drop(idle);
    }
}

#[test]
fn a_taken_or_wrong_address_is_told() {
    let server = Server::start();
    for listen in [
        format!("127.0.0.1:{}", server.port()),
        "nonsense".to_owned(),
    ] {
        let mut command = for_server(&server);
        command.args(["metrics", "--listen", &listen]);
        let ran = run(command);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(
            ran.err.contains(&format!("cannot listen on {listen}: ")),
            "{ran:?}"
        );
    }
    let mut command = for_server(&server);
    command.args(["metrics", "--once", "--json"]);
    let ran = run(command);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("no JSON"), "{ran:?}");
}
