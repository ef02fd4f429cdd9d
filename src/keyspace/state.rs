//! What the module holds in memory beside the sessions: the schema registry, the index of users, the
//! parser's arena, the random pool, a scratch buffer. Each borrow ends before the next call into the server.

use crate::id::Pool;
use crate::json::Arena;
use crate::schema::Registry;
use crate::server::main_thread::MainThread;
use crate::users::Index;
use std::sync::LazyLock;

/// Every schema by name.
pub static REGISTRY: LazyLock<MainThread<Registry>> =
    LazyLock::new(|| MainThread::new(Registry::new()));
/// Which keys hold the sessions of which user.
pub static USERS: LazyLock<MainThread<Index>> = LazyLock::new(|| MainThread::new(Index::new()));
/// Where JSON is parsed.
pub static ARENA: LazyLock<MainThread<Arena>> = LazyLock::new(|| MainThread::new(Arena::new()));
/// Where patches are parsed, beside the data.
pub static PATCH_ARENA: LazyLock<MainThread<Arena>> =
    LazyLock::new(|| MainThread::new(Arena::new()));
/// Where IDs come from.
pub static RANDOM: MainThread<Pool> = MainThread::new(Pool::new());

static SCRATCH: MainThread<Vec<u8>> = MainThread::new(Vec::new());
/// A scratch buffer beyond this many bytes is given back after use.
const SCRATCH_KEPT: usize = 64 * 1024;

/// An empty buffer that keeps its room from one call to the next. It is taken out for as long as it
/// is used, not borrowed, so the server may be called meanwhile.
#[derive(Default)]
pub struct Scratch(pub Vec<u8>);

impl Scratch {
    /// Takes the buffer, or makes another if it is taken.
    pub fn take() -> Self {
        Self(SCRATCH.with(std::mem::take))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.0.capacity() <= SCRATCH_KEPT {
            let mut buffer = std::mem::take(&mut self.0);
            buffer.clear();
            SCRATCH.with(|place| *place = buffer);
        }
    }
}

/// Whether this is JSON as SESSION.SET would take it, the limit on its length aside.
pub fn is_strict_json(data: &[u8]) -> bool {
    ARENA.with(|arena| arena.check(data).is_ok())
}

/// Empties the registry: the data set that is about to be loaded brings its own.
pub fn clear_registry() {
    REGISTRY.with(Registry::clear);
}

/// Whether there is no schema.
pub fn registry_is_empty() -> bool {
    REGISTRY.with(|registry| registry.is_empty())
}

/// The registry as bytes, for RDB files and rewritten AOFs.
pub fn encoded_registry() -> Vec<u8> {
    REGISTRY.with(|registry| registry.encode())
}

/// Puts the registry that these bytes hold in the place of the present one, or changes nothing.
pub fn replace_registry(bytes: &[u8]) -> std::result::Result<(), String> {
    let new = Registry::decode(bytes).map_err(|damage| format!("{damage:?}"))?;
    REGISTRY.with(|registry| *registry = new);
    Ok(())
}
