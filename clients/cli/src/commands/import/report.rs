//! What an import tells at its end.

use super::plan::Plan;
use super::tally::Tally;
use crate::output::table::Table;
use crate::output::words::{duration, grouped};
use crate::output::Output;
use serde_json::{json, Value};
use std::path::Path;
use std::time::Duration;

pub struct Report<'a> {
    pub plan: &'a Plan,
    pub tally: &'a Tally,
    pub journal: &'a Path,
    pub took: Duration,
    /// Whether all keys of the source were seen.
    pub complete: bool,
}

impl Report<'_> {
    pub fn print(&self, output: &Output) {
        output.either(&self.document(), |output| self.people(output));
    }

    fn document(&self) -> Value {
        let tally = self.tally;
        let refused: Vec<Value> = tally
            .refused
            .iter()
            .map(|(why, refusals)| {
                json!({ "reason": why, "count": refusals.count, "samples": refusals.samples })
            })
            .collect();
        json!({
            "from": self.plan.from,
            "dry_run": self.plan.dry_run,
            "complete": self.complete,
            "moved": tally.moved,
            "updated": tally.updated,
            "moved_earlier": tally.earlier,
            "there_already": tally.there,
            "ended": tally.ended,
            "refused": refused,
            "other_keys": tally.others,
            "with_user": tally.with_user,
            "deleted": tally.deleted,
            "missing": tally.missing,
            "ended_missing": tally.ended_missing,
            "seconds": self.took.as_secs_f64(),
            "journal": self.journal,
        })
    }

    fn people(&self, output: &Output) {
        let tally = self.tally;
        let mut table = Table::new(&[">SESSIONS", self.heading()]);
        let mut row = |count: u64, what: &str| {
            if count > 0 {
                table.row(&[grouped(count), what.to_owned()]);
            }
        };
        let dry = self.plan.dry_run;
        row(tally.moved, if dry { "would be moved" } else { "moved" });
        row(
            tally.updated,
            if dry {
                "moved earlier and changed in the old store since: would be brought up to date"
            } else {
                "moved earlier and changed in the old store since: brought up to date"
            },
        );
        row(tally.earlier, "moved by an earlier run");
        row(tally.there, "there already, not by this import");
        row(tally.ended, "ended, or ended meanwhile");
        for (why, refusals) in &tally.refused {
            row(refusals.count, &format!("left: {why}"));
        }
        row(
            tally.ended_missing,
            "moved earlier, and no longer in the old store: ended",
        );
        row(tally.others, "passed over: other keys of the prefix");
        if table.is_empty() {
            let prefix = String::from_utf8_lossy(&self.plan.source_prefix);
            output.line(&format!(
                "The source has no key that begins with '{prefix}'. --source-prefix names another prefix; a database is the number at the end of the URL."
            ));
        } else {
            output.table(&table);
        }
        let samples = tally
            .refused
            .values()
            .any(|refusals| !refusals.samples.is_empty());
        if samples {
            output.line("");
            output.line("Left, for example (the keys that they would have; those hold hashes of the session IDs):");
            for (why, refusals) in &tally.refused {
                for key in &refusals.samples {
                    output.line(&format!("  {key}  {why}"));
                }
            }
        }
        output.line("");
        let sessions = tally.moved + tally.updated + tally.earlier + tally.there;
        if self.plan.user.is_some() && sessions > 0 {
            let users = grouped(tally.with_user);
            output.line(&format!("{users} of these have a user."));
        }
        if self.plan.delete_old && !dry {
            output.line(&format!(
                "{} old keys were deleted.",
                grouped(tally.deleted)
            ));
        }
        let took = i64::try_from(self.took.as_millis()).unwrap_or(i64::MAX);
        output.line(&format!("Took {}.", duration(took)));
        for hint in [self.assumed(), self.missing()].into_iter().flatten() {
            output.note(&hint);
        }
    }

    /// A remark on sessions whose visitors have logged out of the old application.
    fn missing(&self) -> Option<String> {
        let missing = self.tally.missing;
        (missing > 0 && (self.plan.dry_run || !self.plan.end_missing)).then(|| {
            format!(
                "{} sessions that were moved earlier are no longer in the old store, as after a logout there; --end-missing ends those that nobody has used here",
                grouped(missing)
            )
        })
    }

    fn heading(&self) -> &str {
        match (self.plan.dry_run, self.complete) {
            (true, true) => "NOTHING WAS WRITTEN",
            (true, false) => "NOTHING WAS WRITTEN; NOT ALL WERE LOOKED AT",
            (false, true) => "",
            (false, false) => "UNTIL IT STOPPED",
        }
    }

    /// A remark if the store's default for the idle timeout is plainly not what the application uses.
    fn assumed(&self) -> Option<String> {
        let assumed = self
            .plan
            .format
            .assumed_idle()
            .filter(|_| self.plan.idle.is_none())?;
        let (count, longest) = self.tally.idle_of(assumed)?;
        (count >= 10 && longest < assumed / 10 * 9).then(|| {
            format!(
                "{} sessions have the idle timeout {}, which is taken where the data names none. But none of them has more than {} left; if the application sets another, give it with --idle.",
                grouped(count),
                duration(assumed),
                duration(longest)
            )
        })
    }
}
