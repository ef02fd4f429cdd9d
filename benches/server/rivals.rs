//! What some rows need beside this module: RedisJSON in the same server, and an earlier build of the module
//! in a second one. Without them the rows are left out, with the reason.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use support::Server;

/// Each with the reason why it is not here.
pub struct Rivals {
    /// The module RedisJSON.
    pub redisjson: Result<PathBuf, String>,
    /// An earlier build of this module.
    pub before: Result<PathBuf, String>,
}

impl Rivals {
    /// Looks for both: where `.ci/redisjson.sh` puts the one, and where BEFORE names the other.
    pub fn find() -> Self {
        let before = env::var("BEFORE").map(|path| std::path::absolute(path).expect("a path"));
        Self {
            redisjson: redisjson(),
            before: before.map_err(|_| "BEFORE names no earlier build".to_owned()),
        }
    }

    /// Why the loads that need `needs` cannot be measured, if so.
    pub fn missing(&self, needs: Needs) -> Option<&str> {
        let rival = match needs {
            Needs::Nothing => return None,
            Needs::RedisJson => &self.redisjson,
            Needs::Before => &self.before,
        };
        rival.as_ref().err().map(String::as_str)
    }
}

/// What a row needs.
#[derive(Clone, Copy, PartialEq)]
pub enum Needs {
    /// Only the server.
    Nothing,
    /// [`Rivals::redisjson`].
    RedisJson,
    /// [`Rivals::before`], to which the second load is sent.
    Before,
}

fn redisjson() -> Result<PathBuf, String> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/redisjson");
    let path = dir.join("rejson.so");
    if !path.exists() {
        let why = fs::read_to_string(dir.join("missing"));
        return Err(
            why.map_or("run 'make bench', which fetches it".into(), |why| {
                why.trim().into()
            }),
        );
    }
    let setup = Server::setup().config(&load_line(&path));
    let server = setup.try_start();
    server.map_err(|_| "the server does not load RedisJSON 2.8.3".to_owned())?;
    Ok(path)
}

/// The line of redis.conf that loads a module.
pub fn load_line(path: &Path) -> String {
    format!("loadmodule {}", path.display())
}
