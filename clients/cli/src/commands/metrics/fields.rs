//! How each numeric field of `INFO session` is exported. docs/watching.md has the same list for readers, and a
//! test compares both with what a server has.

use super::exposition::Kind::{self, Counter, Gauge};

pub struct Field {
    /// The name in INFO.
    pub info: &'static str,
    pub metric: &'static str,
    /// A label that tells fields of one metric apart.
    pub label: Option<(&'static str, &'static str)>,
    pub kind: Kind,
    pub help: &'static str,
}

const fn field(
    info: &'static str,
    metric: &'static str,
    label: Option<(&'static str, &'static str)>,
    kind: Kind,
    help: &'static str,
) -> Field {
    Field {
        info,
        metric,
        label,
        kind,
        help,
    }
}

const VERIFY: &str = "VERIFY commands: passed returned the data, failed were refused (INVALID, NOSCHEMA, BADSCHEMA, STALE), missing found no live session.";
const CHECKS: &str =
    "Checks of data against a schema: run, or skipped because an earlier verdict still held.";
const ACCESSES: &str = "Reads of sessions that keep accesses: whether the access was recorded and replicated. Most are not, because they come too soon after the last one.";

/// Fields of one metric stand together, as the format of Prometheus wants its samples.
pub const FIELDS: &[Field] = &[
    field("session_sessions", "redis_session_sessions", None, Gauge, "Session values in memory, including expired ones not yet removed."),
    field("session_users", "redis_session_users", None, Gauge, "Users with a session."),
    field("session_users_bytes", "redis_session_users_bytes", None, Gauge, "Memory that the index of users takes."),
    field("session_schemas", "redis_session_schemas", None, Gauge, "Schemas."),
    field("session_schemas_compiled", "redis_session_schemas_compiled", None, Gauge, "Schemas that were compiled because they were needed."),
    field("session_schemas_bytes", "redis_session_schemas_bytes", None, Gauge, "Bytes of the texts, names and prefixes of all schemas."),
    field("session_created", "redis_session_created_total", None, Counter, "Sessions that SET created."),
    field("session_imported", "redis_session_imported_total", None, Counter, "Sessions that IMPORT created."),
    field("session_updated", "redis_session_updated_total", None, Counter, "Changes of live sessions by SET, PATCH and POP."),
    field("session_rotated", "redis_session_rotated_total", None, Counter, "New IDs by ROTATE."),
    field("session_deleted", "redis_session_deleted_total", None, Counter, "Live sessions that SESSION.DEL ended."),
    field("session_revoked", "redis_session_revoked_total", None, Counter, "Live sessions that REVOKE and MAXSESSIONS ended."),
    field("session_expired", "redis_session_expired_total", None, Counter, "Session values that the server removed because their time was up."),
    field("session_evicted", "redis_session_evicted_total", None, Counter, "Session values that the server evicted because memory was full: users who were logged out."),
    field("session_verify_passed", "redis_session_verify_total", Some(("result", "passed")), Counter, VERIFY),
    field("session_verify_failed", "redis_session_verify_total", Some(("result", "failed")), Counter, VERIFY),
    field("session_verify_missing", "redis_session_verify_total", Some(("result", "missing")), Counter, VERIFY),
    field("session_schema_checks_run", "redis_session_schema_checks_total", Some(("result", "run")), Counter, CHECKS),
    field("session_schema_checks_skipped", "redis_session_schema_checks_total", Some(("result", "skipped")), Counter, CHECKS),
    field("session_accesses_recorded", "redis_session_accesses_total", Some(("result", "recorded")), Counter, ACCESSES),
    field("session_accesses_not_recorded", "redis_session_accesses_total", Some(("result", "not_recorded")), Counter, ACCESSES),
];
