//! The check for deployments in which a failover may lose what not all servers had: a primary with
//! replicas, or a cluster.
//!
//! Nothing that WAIT confirmed is lost, nothing that was ended with confirmation comes back, versions
//! never go back from a confirmed one, no two confirmed writes made the same version, and every value that
//! is read was written. Reads may show an older state, because they may come from a server that does not
//! know yet that it has lost its role; those at the end, when all faults have been healed, may not.

use crate::history::{History, Op};
use crate::rules::{self, Strictness};
use crate::verdict::Verdict;

/// Checks a history in which the primary may have changed.
pub fn check(history: &History) -> Verdict {
    let mut verdict = Verdict {
        operations: history.ops.len(),
        ..Verdict::default()
    };
    for (group, numbers) in history.groups() {
        let ops: Vec<&Op> = numbers.iter().map(|n| &history.ops[*n]).collect();
        let mut broken = rules::check(&history.head, &ops, Strictness::Durable);
        verdict.explained += usize::from(broken.is_empty());
        for violation in &mut broken {
            violation.group = group;
            violation.ops.iter_mut().for_each(|op| *op = numbers[*op]);
        }
        verdict.violations.extend(broken);
    }
    verdict
}
