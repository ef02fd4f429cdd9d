//! DEBUG RELOAD and DEBUG LOADAOF: the server forgets everything and reads it from disk again.

use super::{Fault, Scene};
use crate::deployment::On;

pub const FAULT: Fault = Fault {
    name: "reload",
    about: "DEBUG RELOAD or DEBUG LOADAOF: everything is read from disk again",
    keeps_primary: &[On::Single],
    replaces: &[],
    inject: reload,
};

fn reload(scene: &mut Scene) -> String {
    let victim = scene.some_primary();
    let what = *scene.random.pick(&["RELOAD", "LOADAOF"]);
    let server = &scene.deployment.servers()[victim];
    server.wait_for_rewrite(); // the AOF is being rewritten by now where its load needs that
    let reply = server.cmd(&["DEBUG", what]);
    if let Some(error) = reply.error() {
        scene.findings.push(format!("DEBUG {what} failed: {error}"));
    }
    format!("DEBUG {what} of server {victim}")
}
