//! Damaged internal commands, as from a primary.
//!
//! A replica trusts its primary for JSON, and checks all else.

use crate::budget::Budget;
use crate::damage::damage;
use crate::follower::Follower;
use crate::originals::{before, effects, Command};
use crate::restore::assert_unharmed;
use crate::whole::Seen;
use std::path::Path;
use support::{say, Random};

#[path = "../fuzz/effects.rs"]
mod fuzzed;

/// How many damaged variants of a command come before the command itself.
const VARIANTS: usize = 4;

/// Damages one argument or more of an internal command, or their order. The name stays.
fn vary(random: &mut Random, command: &Command) -> Command {
    let mut command = command.clone();
    for _ in 0..1 + random.below(2) {
        if command.len() < 2 {
            break;
        }
        let at = 1 + random.below(command.len() - 1);
        match random.below(12) {
            0 => drop(command.remove(at)),
            1 => command.insert(at, command[1].clone()),
            2 => command[at] = random.next_u64().to_string().into_bytes(),
            3 => {
                command[at] = (random.next_u64() as i64 >> random.below(64))
                    .to_string()
                    .into_bytes()
            }
            4 => {
                let other = 1 + random.below(command.len() - 1);
                command.swap(at, other);
            }
            5 => command[at].truncate(random.below(8)),
            _ => damage(random, &mut command[at], 0),
        }
    }
    command
}

#[test]
fn damaged_effects_are_refused_or_make_whole_sessions() {
    let budget = Budget::new(10_000, 40);
    let mut random = Random::seeded();
    let originals = effects();
    let mut follower = Follower::start();
    let (mut tries, mut whole, mut checks, mut all) = (0, 0, 0, Seen::default());
    while budget.goes_on(tries) {
        follower.clear();
        // Some of the way, since the last effects end all sessions.
        let count = 1 + random.below(originals.len());
        for original in &originals[..count] {
            let is_internal = original[0].to_ascii_uppercase().starts_with(b"SESSION._");
            for _ in 0..random.below(2 * VARIANTS + 1) {
                if is_internal {
                    follower.primary.send(&vary(&mut random, original));
                    tries += 1;
                }
            }
            follower.primary.send(original);
            whole += usize::from(is_internal);
        }
        all.add(&follower.check());
        checks += 1;
    }
    let (calls, failed) = follower.counts();
    say(&format!(
        "internal commands: {tries} damaged payloads among {whole} whole ones: {failed} refused, {} accepted; seen in \
         {checks} checks: {} live sessions ({} with data that is not JSON), {} ended, {} aliases",
        calls - failed,
        all.live,
        all.not_json,
        all.ended,
        all.aliases
    ));
    assert!(failed > tries / 8 && all.live > 10);
    let Follower {
        replica: mut server,
        ..
    } = follower;
    server.ok(&["REPLICAOF", "NO", "ONE"]);
    assert_unharmed(&mut server);
}

/// The fuzz target `effects` (tests/fuzz) on its seeds.
#[test]
fn the_seeds_of_the_fuzzer_leave_whole_sessions() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus/effects");
    let before = before();
    let mut follower = Follower::start();
    let mut count = 0;
    for seed in std::fs::read_dir(folder).expect("a folder of seeds") {
        let seed = std::fs::read(seed.expect("a seed").path()).expect("a seed");
        follower.clear();
        let commands = fuzzed::commands(&seed);
        count += commands.len();
        for command in before.iter().chain(&commands) {
            follower.primary.send(command);
        }
        follower.check();
    }
    let (_, failed) = follower.counts();
    say(&format!("{count} commands of seeds, {failed} refused"));
    assert!(count > 10 && follower.replica.is_running());
}
