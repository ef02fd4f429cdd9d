//! Which runs there are: each deployment, with the faults that it can have and the rules that then hold.

use crate::deployment::On;
use crate::faults::{Fault, ALL};
use crate::history::History;

/// The rules that a history must follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    /// One order of the operations explains all replies: nothing that was acknowledged is lost.
    Linear,
    /// A failover may lose what WAIT did not confirm.
    Durable,
}

impl Rules {
    /// The rules for a history: where clients asked for WAIT, a failover was possible.
    pub fn of(history: &History) -> Rules {
        match history.ops.iter().any(|op| op.confirmed.is_some()) {
            true => Rules::Durable,
            false => Rules::Linear,
        }
    }
}

/// One run against servers of its own.
pub struct Plan {
    pub on: On,
    pub rules: Rules,
    pub faults: Vec<&'static Fault>,
    /// Whether the server's clock is set. Then it is the only fault, since other expectations hold.
    pub clock: bool,
}

impl Plan {
    /// All runs on these deployments with these faults; no faults are all of them.
    ///
    /// # Errors
    /// The names of chosen faults that no chosen deployment can have.
    pub fn all(on: &[On], chosen: &[&str]) -> Result<Vec<Plan>, Vec<String>> {
        let is_chosen = |fault: &&Fault| chosen.is_empty() || chosen.contains(&fault.name);
        let mut plans = Vec::new();
        for &on in on {
            let keeping = ALL
                .iter()
                .filter(is_chosen)
                .filter(|f| f.keeps_primary.contains(&on));
            let (clock, keeping): (Vec<_>, Vec<_>) = keeping.partition(|f| f.name == "clock");
            let replacing = ALL
                .iter()
                .filter(is_chosen)
                .filter(|f| f.replaces.contains(&on));
            let kinds = [
                (Rules::Linear, keeping, false),
                (Rules::Linear, clock, true),
                (Rules::Durable, replacing.collect(), false),
            ];
            let some = kinds
                .into_iter()
                .filter(|(_, faults, _)| !faults.is_empty());
            plans.extend(some.map(|(rules, faults, clock)| Plan {
                on,
                rules,
                faults,
                clock,
            }));
        }
        let is_unused = |name: &&&str| {
            let mut used = plans.iter().flat_map(|plan: &Plan| &plan.faults);
            !used.any(|fault| fault.name == **name)
        };
        let unused: Vec<String> = chosen
            .iter()
            .filter(is_unused)
            .map(|n| n.to_string())
            .collect();
        match unused.is_empty() {
            true => Ok(plans),
            false => Err(unused),
        }
    }

    /// Whether a replica may take over.
    pub fn replaces(&self) -> bool {
        self.rules == Rules::Durable
    }

    /// What it is, in a line.
    pub fn title(&self) -> String {
        let names: Vec<_> = self.faults.iter().map(|fault| fault.name).collect();
        let rules = match self.rules {
            Rules::Linear => "one order explains all",
            Rules::Durable => "nothing that WAIT confirmed is lost",
        };
        format!("{}: {} ({rules})", self.on.name(), names.join(", "))
    }
}
