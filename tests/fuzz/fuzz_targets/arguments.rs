//! Every command with arbitrary arguments: an error has a code and changes nothing, and no command changes
//! what it does not name.
#![no_main]

#[path = "../arguments.rs"]
mod arguments;
#[path = "../../hostile/caller.rs"]
#[allow(dead_code)]
mod caller;
#[path = "../served.rs"]
mod served;

use std::cell::RefCell;

use caller::Caller;
use served::Served;
use support::Server;

thread_local! {
    static SERVED: RefCell<Option<(Served, Caller<'static>)>> = const { RefCell::new(None) };
}

fn start() -> (Served, Caller<'static>) {
    let (served, server) = Served::start(Server::start, |server| server);
    let caller = Caller::new(server, server.conn());
    (served, caller)
}

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((command, way)) = arguments::command(input) else {
        return;
    };
    SERVED.with_borrow_mut(|served| {
        let (served, caller) = served.get_or_insert_with(start);
        assert!(served.clear(), "the server is gone");
        caller.send(&command, way);
        served.collect();
        served.check_log();
    });
});
