//! A link that plants faults: it does to replies and commands what a broken server would.
//!
//! It shows that the checkers find each kind of fault. All liars of a run share what they remember, as
//! the clients of one broken server would.

mod lies;

use crate::link::Link;
use crate::verdict::Kind;
use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex};
use support::{Random, Value};

/// A kind of fault to plant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lie {
    /// SET of a live session is acknowledged, and not carried out.
    LostWrite,
    /// PATCH is acknowledged with the next version, and not carried out.
    LostPatch,
    /// A PATCH is carried out once more, after another write to the same key.
    RepeatedPatch,
    /// IFVERSION is ignored.
    IgnoredVersion,
    /// POP gives what it has given before.
    PoppedTwice,
    /// The session is there again after DEL.
    UndoneDelete,
    /// The old key leads to a session after ROTATE without GRACE.
    KeptOldKey,
    /// The old key leads to the session after its grace.
    LongGrace,
    /// REVOKE leaves one session, and counts it.
    SparedSession,
    /// VERIFY shows a session that has ended.
    VerifiedEnded,
    /// GET shows what it has shown before.
    StaleRead,
    /// GET shows a version less by one.
    VersionBack,
    /// A new session is acknowledged, and not there.
    LostSession,
    /// WAIT confirms a write, which is then lost.
    FalseWait,
}

impl Lie {
    pub const ALL: [Lie; 14] = [
        Lie::LostWrite,
        Lie::LostPatch,
        Lie::RepeatedPatch,
        Lie::IgnoredVersion,
        Lie::PoppedTwice,
        Lie::UndoneDelete,
        Lie::KeptOldKey,
        Lie::LongGrace,
        Lie::SparedSession,
        Lie::VerifiedEnded,
        Lie::StaleRead,
        Lie::VersionBack,
        Lie::LostSession,
        Lie::FalseWait,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Lie::LostWrite => "lost-write",
            Lie::LostPatch => "lost-patch",
            Lie::RepeatedPatch => "repeated-patch",
            Lie::IgnoredVersion => "ignored-version",
            Lie::PoppedTwice => "popped-twice",
            Lie::UndoneDelete => "undone-delete",
            Lie::KeptOldKey => "kept-old-key",
            Lie::LongGrace => "long-grace",
            Lie::SparedSession => "spared-session",
            Lie::VerifiedEnded => "verified-ended",
            Lie::StaleRead => "stale-read",
            Lie::VersionBack => "version-back",
            Lie::LostSession => "lost-session",
            Lie::FalseWait => "false-wait",
        }
    }

    /// The lie with this name.
    pub fn named(name: &str) -> Option<Lie> {
        Lie::ALL.into_iter().find(|lie| lie.name() == name)
    }

    /// The kinds of violations of which a checker finds one at least.
    pub fn found_as(self) -> &'static [Kind] {
        match self {
            Lie::LostWrite | Lie::FalseWait => &[Kind::LostWrite],
            Lie::LostPatch => &[Kind::LostWrite, Kind::TwoWinners, Kind::StaleRead],
            Lie::RepeatedPatch => &[Kind::LostWrite, Kind::WrongVersion],
            Lie::IgnoredVersion => &[Kind::TwoWinners],
            Lie::PoppedTwice => &[Kind::PoppedTwice],
            Lie::UndoneDelete
            | Lie::KeptOldKey
            | Lie::LongGrace
            | Lie::SparedSession
            | Lie::VerifiedEnded => &[Kind::CameBack],
            Lie::StaleRead => &[Kind::StaleRead],
            Lie::VersionBack => &[Kind::WrongVersion],
            Lie::LostSession => &[Kind::LostSession],
        }
    }
}

/// What the liars of a run share.
pub struct Plan {
    lie: Lie,
    /// It lies at one of so many occasions, on average.
    once_in: usize,
    memory: Mutex<Memory>,
}

struct Memory {
    random: Random,
    /// Earlier replies, by command and key.
    replies: HashMap<(Vec<u8>, Vec<u8>), Vec<Value>>,
    /// Patches to send once more, by key.
    patches: HashMap<Vec<u8>, Vec<Vec<u8>>>,
    told: usize,
}

impl Plan {
    /// A plan to tell this lie at one of `once_in` occasions.
    pub fn new(lie: Lie, once_in: usize) -> Arc<Plan> {
        Arc::new(Plan {
            lie,
            once_in,
            memory: Mutex::new(Memory {
                random: Random::from(1),
                replies: HashMap::new(),
                patches: HashMap::new(),
                told: 0,
            }),
        })
    }

    /// How many lies were told so far.
    pub fn told(&self) -> usize {
        self.memory().told
    }

    fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().expect("no liar panicked")
    }

    /// Whether to lie at this occasion.
    fn now(&self) -> bool {
        self.memory().random.once_in(self.once_in)
    }

    fn tell(&self) {
        self.memory().told += 1;
    }
}

/// A link that lies.
pub struct Liar<L> {
    link: L,
    plan: Arc<Plan>,
    /// What the key of the last call held before it, to bring back when WAIT has confirmed the call.
    before: Option<(Vec<u8>, Vec<u8>)>,
}

impl<L: Link> Liar<L> {
    pub fn new(link: L, plan: Arc<Plan>) -> Liar<L> {
        Liar {
            link,
            plan,
            before: None,
        }
    }
}

impl<L: Link> Link for Liar<L> {
    fn call(&mut self, args: &[Vec<u8>]) -> io::Result<Value> {
        self.before = None;
        self.lie(args)
    }

    fn wait(&mut self, ms: u64) -> io::Result<bool> {
        let confirmed = self.link.wait(ms)?;
        if let Some((key, payload)) = self.before.take().filter(|_| confirmed) {
            self.restore(&key, &payload)?;
            self.plan.tell();
        }
        Ok(confirmed)
    }
}
