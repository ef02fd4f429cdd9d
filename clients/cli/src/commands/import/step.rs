//! What to do about a session, by what is known of it from before.

use super::journal::{Known, State, NEVER};
use super::work::{Item, Work};

pub enum Step {
    Import,
    /// It was moved before, and has changed in the source.
    Update,
    /// The state that it is in stays.
    Nothing(State),
}

impl Work {
    pub fn step(&self, item: &Item) -> Step {
        let Some(known) = item.known else {
            return Step::Import;
        };
        let (now, ends) = self.times(&item.session);
        let print = item.session.print();
        step(known, now, ends, print, self.plan.keeps_times())
    }
}

/// `now` is the time of the target in ms, `ends` when the session would end there by the source, in s.
/// `kept`: the times are those of the source, so that they tell of accesses there.
fn step(known: Known, now: i64, ends: u32, print: u32, kept: bool) -> Step {
    match known.state {
        State::Sent => return Step::Import,
        State::Foreign => return Step::Nothing(State::Foreign),
        State::Moved | State::Deleted => {}
    }
    if kept && known.ends != NEVER && i64::from(known.ends) * 1000 < now {
        // It would have ended in the target by itself, but lives in the source: it was used there since.
        return Step::Import;
    }
    // Times are taken from replies, and differ by less than a second.
    let later = kept && known.ends != NEVER && ends > known.ends.saturating_add(2);
    if later || known.print != print {
        Step::Update
    } else {
        Step::Nothing(known.state)
    }
}

#[cfg(test)]
mod tests {
    use super::super::journal::{Known, State, NEVER};
    use super::{step, Step};

    fn moved(ends: u32) -> Known {
        Known {
            state: State::Moved,
            print: 7,
            ends,
            accessed: 0,
        }
    }

    #[test]
    fn a_moved_session_that_did_not_change_stays_as_it_is() {
        for (known, ends) in [
            (100, 100),
            (100, 101),
            (100, 90),
            (NEVER, NEVER),
            (NEVER, 9),
        ] {
            let step = step(moved(known), 50_000, ends, 7, true);
            assert!(
                matches!(step, Step::Nothing(State::Moved)),
                "{known} {ends}"
            );
        }
    }

    #[test]
    fn a_change_of_data_or_a_use_in_the_source_is_followed() {
        assert!(matches!(
            step(moved(100), 50_000, 100, 8, true),
            Step::Update
        ));
        assert!(matches!(
            step(moved(100), 50_000, 200, 7, true),
            Step::Update
        ));
        assert!(matches!(
            step(moved(100), 50_000, NEVER, 7, true),
            Step::Update
        ));
    }

    #[test]
    fn a_session_that_outlives_its_end_in_the_target_was_used_in_the_source() {
        assert!(matches!(
            step(moved(100), 100_001, 200, 7, true),
            Step::Import
        ));
        // With timeouts of the command line, an end says nothing of that.
        let same = step(moved(100), 100_001, 200, 7, false);
        assert!(matches!(same, Step::Nothing(State::Moved)));
    }

    #[test]
    fn what_was_sent_without_an_answer_is_sent_again() {
        let known = |state| Known {
            state,
            print: 7,
            ends: 100,
            accessed: 0,
        };
        let again = step(known(State::Sent), 50_000, 100, 7, true);
        assert!(matches!(again, Step::Import));
        let foreign = step(known(State::Foreign), 150_000, 900, 8, true);
        assert!(matches!(foreign, Step::Nothing(State::Foreign)));
    }
}
