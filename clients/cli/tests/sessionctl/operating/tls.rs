//! Servers that are reached by TLS.

use crate::common::{program, run, Ran};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use std::net::TcpListener;
use std::path::PathBuf;
use support::process::own_path;
use support::Server;

/// The files of an authority, of a server for localhost, and of a client.
struct Files {
    dir: PathBuf,
}

impl Files {
    fn make(name: &str) -> Files {
        let dir = own_path(&format!("tls-{name}"));
        std::fs::create_dir_all(&dir).expect("make the folder");
        let files = Files { dir };
        let key = KeyPair::generate().expect("a key");
        let mut params = named("authority", Vec::new());
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = params.self_signed(&key).expect("a certificate");
        files.write("ca.pem", &authority.pem());
        let issuer = Issuer::new(params, key);
        for (name, hosts) in [
            ("server", vec!["localhost".to_owned()]),
            ("client", Vec::new()),
        ] {
            let key = KeyPair::generate().expect("a key");
            let params = named(name, hosts);
            let certificate = params.signed_by(&key, &issuer).expect("a certificate");
            files.write(&format!("{name}.pem"), &certificate.pem());
            files.write(&format!("{name}.key"), &key.serialize_pem());
        }
        files
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.dir.join(name), text).expect("write a file");
    }

    fn path(&self, name: &str) -> String {
        self.dir.join(name).display().to_string()
    }

    /// A server with these files, and its port for TLS.
    fn server(&self, clients: &str) -> (Server, u16) {
        for _ in 0..20 {
            let port = free_port();
            let started = Server::setup()
                .config(&format!("tls-port {port}"))
                .config(&format!("tls-cert-file {}", self.path("server.pem")))
                .config(&format!("tls-key-file {}", self.path("server.key")))
                .config(&format!("tls-ca-cert-file {}", self.path("ca.pem")))
                .config(&format!("tls-auth-clients {clients}"))
                .try_start();
            match started {
                Ok(server) => return (server, port),
                Err(log) => assert!(log.contains("no free port"), "{log}"),
            }
        }
        panic!("no free port in 20 tries");
    }
}

fn named(name: &str, hosts: Vec<String>) -> CertificateParams {
    let mut params = CertificateParams::new(hosts).expect("parameters");
    // A certificate with the name of its issuer would be taken for the issuer's own.
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its address").port()
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

fn list(url: &str, args: &[&str]) -> Ran {
    let mut command = program();
    command.args(["user", "ada", "--url", url]).args(args);
    run(command)
}

#[test]
fn the_certificate_of_the_server_is_checked() {
    let files = Files::make("server");
    let (server, port) = files.server("no");
    server.ok(&["SESSION.SET", "session:*", "{}", "USER", "session:ada"]);
    let url = format!("rediss://localhost:{port}");
    let ca = files.path("ca.pem");
    let ran = list(&url, &["--cacert", &ca]).ok();
    assert!(ran.out.contains("1 session"), "{ran:?}");
    // Unknown to the system.
    let ran = list(&url, &[]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("--cacert"), "{ran:?}");
    // For another host.
    let ran = list(&format!("rediss://127.0.0.1:{port}"), &["--cacert", &ca]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("certificate"), "{ran:?}");
    let ran = list(&format!("rediss://localhost:{port}#insecure"), &[]);
    assert_eq!(ran.code, 2, "{ran:?}");
    // TLS at a port without it, and the other way round.
    let plain = format!("rediss://localhost:{}", server.port());
    let ran = list(&plain, &["--cacert", &ca, "--timeout", "2"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    let ran = list(&format!("redis://localhost:{port}"), &["--timeout", "2"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("rediss://"), "{ran:?}");
}

#[test]
fn a_server_that_wants_a_certificate_gets_one() {
    let files = Files::make("client");
    let (_server, port) = files.server("yes");
    let url = format!("rediss://localhost:{port}");
    let ca = files.path("ca.pem");
    let (cert, key) = (files.path("client.pem"), files.path("client.key"));
    list(&url, &["--cacert", &ca, "--cert", &cert, "--key", &key]).ok();
    let ran = list(&url, &["--cacert", &ca, "--timeout", "2"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("--cert"), "{ran:?}");
    assert_eq!(list(&url, &["--cert", &cert]).code, 2);
    let ran = list(&url, &["--cacert", "/nix"]);
    assert!(
        ran.code == 2 && ran.err.contains("/nix cannot be read"),
        "{ran:?}"
    );
    files.write("text", "no certificate");
    let ran = list(&url, &["--cacert", &files.path("text")]);
    assert!(
        ran.code == 2 && ran.err.contains("is not a PEM file"),
        "{ran:?}"
    );
    let ran = list(&format!("redis://localhost:{port}"), &["--cacert", &ca]);
    assert!(ran.code == 2 && ran.err.contains("two s"), "{ran:?}");
}
