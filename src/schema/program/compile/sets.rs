//! Sets of subschemas that a value must satisfy together.
//!
//! A rule is made for a set, not for one subschema: `allOf`, `$ref` with keywords beside it, and a member
//! that several subschemas describe all come to a set. So they are merged exactly, and a rule that refers
//! to itself needs no care: a set is known by its number.

use std::collections::HashMap;
use std::rc::Rc;

/// The number of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Set(u32);

impl Set {
    /// No subschema: anything satisfies it.
    pub const ALL: Self = Self(0);
    /// The subschema `false`: nothing satisfies it.
    pub const NONE: Self = Self(1);
    /// A subschema that is not known.
    pub const UNSURE: Self = Self(2);
    const FIXED: usize = 3;
}

/// All sets, by their numbers.
#[derive(Debug, Default)]
pub struct Sets {
    lists: Vec<Rc<[u32]>>,
    numbers: HashMap<Rc<[u32]>, Set>,
}

impl Sets {
    /// The set of one subschema, by its number in the graph.
    pub fn one(&mut self, node: u32) -> Set {
        self.of(&[node])
    }

    /// The subschemas of a set.
    pub fn list(&self, set: Set) -> Rc<[u32]> {
        let index = (set.0 as usize).checked_sub(Set::FIXED);
        index.map_or_else(|| Rc::from([]), |index| Rc::clone(&self.lists[index]))
    }

    /// The set of the subschemas of both.
    pub fn both(&mut self, left: Set, right: Set) -> Set {
        match (left, right) {
            (Set::ALL, other) | (other, Set::ALL) => other,
            (Set::NONE, _) | (_, Set::NONE) => Set::NONE,
            (Set::UNSURE, _) | (_, Set::UNSURE) => Set::UNSURE,
            (left, right) if left == right => left,
            (left, right) => {
                let mut nodes = self.list(left).to_vec();
                nodes.extend_from_slice(&self.list(right));
                nodes.sort_unstable();
                nodes.dedup();
                self.of(&nodes)
            }
        }
    }

    fn of(&mut self, nodes: &[u32]) -> Set {
        if let Some(&known) = self.numbers.get(nodes) {
            return known;
        }
        let list: Rc<[u32]> = nodes.into();
        let set = Set((Set::FIXED + self.lists.len()) as u32);
        self.lists.push(Rc::clone(&list));
        self.numbers.insert(list, set);
        set
    }
}
