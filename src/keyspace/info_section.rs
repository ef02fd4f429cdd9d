//! The section `session` of the server's INFO: the counters, and the size of the index and the
//! registry.

use super::state;
use crate::server::info::InfoSection;
use crate::stats;
use data_encoding::HEXLOWER;

/// Adds the fields of the section.
pub fn fill(info: &InfoSection) {
    for (field, counter) in stats::ALL {
        info.number(field, counter.get());
    }
    let (users, bytes) = state::USERS.with(|index| (index.users(), index.bytes()));
    info.number(c"users", users as u64);
    info.number(c"users_bytes", bytes as u64);
    // Collected first: a call into the server must not find the registry borrowed.
    let (schemas, compiled, bytes, digest) = state::REGISTRY.with(|registry| {
        let compiled = registry.iter().filter(|entry| entry.is_compiled()).count();
        let digest = HEXLOWER.encode(&registry.digest());
        (registry.len(), compiled, registry.bytes(), digest)
    });
    info.number(c"schemas", schemas as u64);
    info.number(c"schemas_compiled", compiled as u64);
    info.number(c"schemas_bytes", bytes);
    info.text(c"schemas_digest", &digest);
}
