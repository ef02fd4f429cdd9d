//! Scripts on the target that act on a moved session only if nobody has used it there.

use redis::{cmd, Cmd, ServerError};

/// Leaves the script if the session at KEYS[1] has ended, or was used since ARGV[1], Unix ms. A session of version 1
/// was never changed, `issued` is `created` as long as its ID is the imported one, and `accessed` tells of reads.
const UNTOUCHED: &str = "\
local old = redis.call('SESSION.GET', KEYS[1], 'NOTOUCH', 'FIELDS', 4, 'version', 'accessed', 'issued', 'created')
if not old then return 0 end
local version, accessed, issued, created = unpack(old[1])
if version ~= 1 or issued ~= created or accessed > tonumber(ARGV[1]) then return 0 end
";

/// `EVAL` of that and `action`, one step on the server: nobody can use the session in between. The keys, and the
/// time as the first argument, are for the caller to add.
pub fn if_untouched(action: &str) -> Cmd {
    let mut eval = cmd("EVAL");
    eval.arg(format!("{UNTOUCHED}{action}"));
    eval
}

/// Whether the user may not run the script, or one of its commands. The latter is another error.
pub fn is_forbidden(error: &ServerError) -> bool {
    let text = error.details().unwrap_or_default();
    error.code() == "NOPERM"
        || text.contains("unknown command")
        || text.contains("can't run")
        || text.contains("ACL")
}
