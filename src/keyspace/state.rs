//! The module's memory beside the sessions: the schema registry, the index of users, parser arenas,
//! the memory of the scan, the pool of random bytes, and scratch buffers.
//!
//! Each is borrowed for a moment and never across a call into the server: that call may come back
//! through another callback, and the second borrow would panic.

use crate::id::Pool;
use crate::json::{self, Arena, Edits, Padded, ScanMemory};
use crate::schema::{Registry, Validator};
use crate::server::cluster::is_cluster;
use crate::server::main_thread::MainThread;
use crate::users::{Index, Slotting};
use std::sync::LazyLock;

/// The registered schemas.
pub static REGISTRY: LazyLock<MainThread<Registry>> =
    LazyLock::new(|| MainThread::new(Registry::new()));
/// The index from users to the keys of their sessions; `keyspace::index` keeps it up to date.
pub static USERS: LazyLock<MainThread<Index>> = LazyLock::new(|| {
    let slotting = if is_cluster() {
        Slotting::Cluster
    } else {
        Slotting::None
    };
    MainThread::new(Index::new(slotting))
});
/// The arena that data is parsed in.
pub static ARENA: LazyLock<MainThread<Arena>> = LazyLock::new(|| MainThread::new(Arena::new()));
/// The arena that patches are parsed in, while [`ARENA`] holds the data.
pub static PATCH_ARENA: LazyLock<MainThread<Arena>> =
    LazyLock::new(|| MainThread::new(Arena::new()));
/// The memory of the scan that checks data.
static SCAN: MainThread<ScanMemory> = MainThread::new(ScanMemory::new());
/// The source of new IDs and tokens.
pub static RANDOM: MainThread<Pool> = MainThread::new(Pool::new());

static EDITS: LazyLock<MainThread<Edits>> = LazyLock::new(|| MainThread::new(Edits::new()));

/// A list of edits whose memory is kept from call to call, as that of a [`Scratch`].
pub fn take_edits() -> Edits {
    EDITS.with(std::mem::take)
}

/// Keeps the memory of a list of edits for the next call.
pub fn keep_edits(mut edits: Edits) {
    edits.clear();
    EDITS.with(|place| *place = edits);
}

static SCRATCH: MainThread<[Vec<u8>; 2]> = MainThread::new([const { Vec::new() }; 2]);
/// The largest capacity in bytes with which a scratch buffer is kept after use.
const SCRATCH_KEPT: usize = 64 * 1024;

/// An empty buffer that reuses an allocation from call to call. It is moved out of its place while
/// it is used, not borrowed, so calls into the server are allowed meanwhile.
///
/// A command uses up to two: for new data, and for what it replicates.
#[derive(Default)]
pub struct Scratch(pub Vec<u8>);

impl Scratch {
    /// Takes a buffer that was kept; while both are in use, a new one.
    pub fn take() -> Self {
        Self(SCRATCH.with(|[first, second]| {
            let kept = if first.capacity() > 0 { first } else { second };
            std::mem::take(kept)
        }))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.0.capacity() <= SCRATCH_KEPT {
            let mut buffer = std::mem::take(&mut self.0);
            buffer.clear();
            SCRATCH.with(|[first, second]| {
                let place = if first.capacity() == 0 { first } else { second };
                *place = buffer;
            });
        }
    }
}

/// Whether data certainly is strict JSON. "No" means that the parser must decide.
pub fn is_strict_json(data: &[u8]) -> bool {
    with_padded(data, json::is_strict)
}

/// Whether data certainly is strict JSON that satisfies a schema. "No" means that the parser and
/// [`Validator::check`] must decide.
pub fn accepts(validator: &Validator, data: &[u8]) -> bool {
    validator.has_program() && with_padded(data, |padded, memory| validator.accepts(padded, memory))
}

/// The result of `work` for a copy of the data that has room behind it.
fn with_padded<T>(data: &[u8], work: impl FnOnce(Padded<'_>, &mut ScanMemory) -> T) -> T {
    let mut scratch = Scratch::take();
    scratch.0.extend_from_slice(data);
    Padded::within(&mut scratch.0, 0, |padded| {
        SCAN.with(|memory| work(padded, memory))
    })
}

/// Empties the registry. Called when a load begins: the data set that is loaded brings its own
/// schemas.
pub fn clear_registry() {
    REGISTRY.with(Registry::clear);
}
