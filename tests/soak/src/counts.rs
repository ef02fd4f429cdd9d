//! What the clients have been told, summed up: the counters of the module must say the same.

use std::collections::BTreeMap;
use std::ops::AddAssign;

/// The counters of `INFO session` as the replies to the clients add up to them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counts {
    pub commands: u64,
    pub created: u64,
    pub imported: u64,
    pub updated: u64,
    pub rotated: u64,
    pub deleted: u64,
    pub revoked: u64,
    /// Sessions that core's UNLINK ended, which the module does not count.
    pub unlinked: u64,
    pub verify_passed: u64,
    pub verify_failed: u64,
    pub verify_missing: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.commands += other.commands;
        self.created += other.created;
        self.imported += other.imported;
        self.updated += other.updated;
        self.rotated += other.rotated;
        self.deleted += other.deleted;
        self.revoked += other.revoked;
        self.unlinked += other.unlinked;
        self.verify_passed += other.verify_passed;
        self.verify_failed += other.verify_failed;
        self.verify_missing += other.verify_missing;
    }
}

/// The fields of `INFO session`.
pub type Info = BTreeMap<String, u64>;

impl Counts {
    /// The differences between these counts and those of the module; and whether what was made is what
    /// has ended, by kind, and what is there.
    pub fn differences(&self, info: &Info) -> Vec<String> {
        let field = |name: &str| info.get(&format!("session_{name}")).copied().unwrap_or(0);
        let mut wrong = Vec::new();
        for (name, told) in [
            ("created", self.created),
            ("imported", self.imported),
            ("updated", self.updated),
            ("rotated", self.rotated),
            ("deleted", self.deleted),
            ("revoked", self.revoked),
            ("evicted", 0),
            ("verify_passed", self.verify_passed),
            ("verify_failed", self.verify_failed),
            ("verify_missing", self.verify_missing),
        ] {
            if field(name) != told {
                let counted = field(name);
                wrong.push(format!(
                    "session_{name} is {counted}, and clients were told {told}"
                ));
            }
        }
        let made = self.created + self.imported;
        let ended = self.deleted + self.revoked + self.unlinked + field("expired");
        let live = field("sessions");
        if made != ended + live {
            wrong.push(format!(
                "{made} sessions were made, {ended} have ended, and {live} are there"
            ));
        }
        wrong
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, Info};

    fn told() -> (Counts, Info) {
        let counts = Counts {
            created: 10,
            imported: 1,
            deleted: 2,
            revoked: 3,
            unlinked: 1,
            ..Counts::default()
        };
        let fields = [
            ("created", 10),
            ("imported", 1),
            ("deleted", 2),
            ("revoked", 3),
        ];
        let rest = [("expired", 1), ("sessions", 4)];
        let all = fields.into_iter().chain(rest);
        let info = all.map(|(name, n)| (format!("session_{name}"), n));
        (counts, info.collect())
    }

    #[test]
    fn counters_that_agree_are_right() {
        let (counts, info) = told();
        assert_eq!(counts.differences(&info), Vec::<String>::new());
    }

    #[test]
    fn a_counter_that_differs_is_found() {
        let (counts, mut info) = told();
        info.insert("session_revoked".into(), 4);
        let wrong = counts.differences(&info);
        assert_eq!(wrong, ["session_revoked is 4, and clients were told 3"]);
    }

    #[test]
    fn a_session_that_is_counted_nowhere_is_found() {
        let (counts, mut info) = told();
        info.insert("session_sessions".into(), 3);
        let wrong = counts.differences(&info);
        assert_eq!(
            wrong,
            ["11 sessions were made, 7 have ended, and 3 are there"]
        );
    }
}
