//! The AOF is rewritten in either format, or an RDB file saved, while clients write; now and then the
//! server is killed meanwhile.

use super::{Fault, Scene};
use crate::deployment::On;
use support::args;

pub const FAULT: Fault = Fault {
    name: "rewrite",
    about: "BGREWRITEAOF with and without RDB preamble, or BGSAVE, and perhaps kill -9 meanwhile",
    keeps_primary: &[On::Single, On::Cluster],
    replaces: &[],
    inject: rewrite,
};

fn rewrite(scene: &mut Scene) -> String {
    let victim = scene.some_primary();
    let preamble = *scene.random.pick(&["yes", "no"]);
    let command = *scene
        .random
        .pick(&["BGREWRITEAOF", "BGREWRITEAOF", "BGSAVE"]);
    let kill = scene.random.once_in(2);
    let server = &mut scene.deployment.nodes()[victim];
    server.ok(&args!["CONFIG", "SET", "aof-use-rdb-preamble", preamble]);
    server.cmd(&[command]); // refused while another child of the server is at work
    let mut what = format!("{command} of server {victim}, preamble {preamble}");
    if kill {
        scene.hold(0, 60);
        let server = &mut scene.deployment.nodes()[victim];
        server.kill9();
        server.start_again();
        what += ", and kill -9";
    }
    scene.deployment.servers()[victim].wait_for_rewrite();
    what
}
