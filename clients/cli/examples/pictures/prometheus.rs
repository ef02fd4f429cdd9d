//! `sessionctl metrics` and a real Prometheus that scrapes it each second.

use super::program;
use serde_json::Value;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use support::eventually;

/// Both end with their owner.
pub struct Prometheus {
    children: [Child; 2],
    folder: PathBuf,
    port: u16,
}

/// The values of one series over time: seconds and value.
pub struct Series {
    pub labels: Value,
    pub points: Vec<(f64, f64)>,
}

impl Prometheus {
    /// Scrapes the nodes of this server or cluster.
    pub fn start(url: &str) -> Prometheus {
        let mut exporter = Command::new(program())
            .args(["metrics", "--listen", "127.0.0.1:0", "--url", url])
            .stderr(Stdio::piped())
            .spawn()
            .expect("sessionctl starts");
        let mut line = String::new();
        let errors = exporter.stderr.take().expect("its errors");
        BufReader::new(errors).read_line(&mut line).expect("a line");
        let place = line.trim().rsplit_once("http://").expect("an address").1;
        let place = place.trim_end_matches("/metrics").to_owned();
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = free.local_addr().expect("its address").port();
        drop(free);
        let folder = std::env::temp_dir().join(format!("pictures-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let config = folder.join("prometheus.yml");
        let text = format!(
            "global:\n  scrape_interval: 1s\nscrape_configs:\n  - job_name: sessions\n    static_configs:\n      - targets: ['{place}']\n"
        );
        std::fs::write(&config, text).expect("write the configuration");
        let server = Command::new("prometheus")
            .arg(format!("--config.file={}", config.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                folder.join("data").display()
            ))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .arg("--log.level=error")
            .spawn()
            .expect("prometheus is installed");
        let prometheus = Prometheus {
            children: [exporter, server],
            folder,
            port,
        };
        eventually("Prometheus has scraped", || {
            !prometheus.instant("redis_session_up").is_empty()
        });
        prometheus
    }

    /// The series of a query over the last `seconds`.
    pub fn range(&self, query: &str, end: f64, seconds: f64) -> Vec<Series> {
        let start = end - seconds;
        let query = encoded(query);
        self.ask(&format!(
            "query_range?query={query}&start={start}&end={end}&step=1"
        ))
    }

    /// The series of a query as they are just now.
    pub fn instant(&self, query: &str) -> Vec<Series> {
        self.ask(&format!("query?query={}", encoded(query)))
    }

    fn ask(&self, path: &str) -> Vec<Series> {
        let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)) else {
            return Vec::new(); // it has not started yet
        };
        let request = format!("GET /api/v1/{path} HTTP/1.0\r\nHost: localhost\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("a request");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("a reply");
        let (_, body) = reply.split_once("\r\n\r\n").expect("a body");
        let Ok(answer) = serde_json::from_str::<Value>(body) else {
            return Vec::new(); // 'Service Unavailable' while it starts
        };
        assert_eq!(answer["status"], "success", "{path}: {answer}");
        let result = answer["data"]["result"].as_array();
        result.into_iter().flatten().map(series).collect()
    }
}

fn series(result: &Value) -> Series {
    let point = |pair: &Value| {
        let value = pair[1].as_str().and_then(|value| value.parse().ok());
        (pair[0].as_f64().expect("a time"), value.unwrap_or(f64::NAN))
    };
    let points = match result["values"].as_array() {
        Some(values) => values.iter().map(point).collect(),
        None => vec![point(&result["value"])],
    };
    Series {
        labels: result["metric"].clone(),
        points,
    }
}

fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
