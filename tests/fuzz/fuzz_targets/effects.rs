//! Arbitrary internal commands from a primary: each is refused or obeyed, and leaves valid sessions and an
//! index that is right.
#![no_main]

#[path = "../effects.rs"]
mod effects;
#[path = "../../payloads/follower.rs"]
#[allow(dead_code)]
mod follower;
#[path = "../../payloads/originals.rs"]
#[allow(dead_code)]
mod originals;
#[path = "../served.rs"]
mod served;
#[path = "../../payloads/whole.rs"]
#[allow(dead_code)]
mod whole;

use std::cell::RefCell;

use follower::Follower;
use originals::Command;
use served::Served;

struct State {
    served: Served,
    /// What each input finds (sessions, an alias and schemas), and the replica that does.
    started: &'static mut (Vec<Command>, Follower),
}

thread_local! {
    static STATE: RefCell<Option<State>> = const { RefCell::new(None) };
}

fn start() -> State {
    // The counters are those of the server that is started last: the replica.
    let start = || (originals::before(), Follower::start());
    let (served, started) = Served::start(start, |(_, follower)| &follower.replica);
    State { served, started }
}

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let commands = effects::commands(input);
    STATE.with_borrow_mut(|state| {
        let State { served, started } = state.get_or_insert_with(start);
        let (before, follower) = started;
        follower.clear();
        before
            .iter()
            .for_each(|command| follower.primary.send(command));
        follower.primary.wait();
        assert!(served.clear(), "the server is gone");
        commands
            .iter()
            .for_each(|command| follower.primary.send(command));
        follower.primary.wait();
        served.collect();
        follower.check();
        served.check_log();
    });
});
