//! Which schemas are refused because they make work out of proportion to their size.
//!
//! The fuel of a [`Document`](crate::json::Document) bounds what a check does as long as it looks
//! at the data. This bounds the rest, from the schema alone: what jsonschema does while compiling,
//! what it does between two looks at the data, and how deep it recurses.

use serde_json::Value;

use super::costs::{Own, Patterns};
use super::graph::Graph;
use super::measure::{measure, place};
use crate::json::ReadingCost;

/// Most ways through `allOf`, `anyOf`, `oneOf`, `not`, `if` and references that one value may be
/// checked in, where a way that ends without looking at the value counts as [`BLIND_LEAF`].
/// Unions of some hundred alternatives stay far below.
pub(super) const MAX_PATHS: u64 = 10_000;
const BLIND_LEAF: u64 = 50;
const BLIND_STEP: u64 = 5;

/// Most such keywords nested in one another, by references or not. A level takes up to about half
/// a kilobyte of stack, once for each level of the data.
pub(super) const MAX_CHAIN: u32 = 64;

/// Most bytes in the pointers to all keywords together, which the compiled schema holds.
const MAX_POINTER_BYTES: usize = 32 << 20;

/// Work on `unevaluatedProperties` and `unevaluatedItems`, which jsonschema compiles once more
/// for each path: subschemas and names on all paths.
const MAX_UNEVALUATED: u64 = 500_000;

/// Work on finding what tells the alternatives of `anyOf` and `oneOf` apart: alternatives times
/// the names and values in them.
const MAX_DISPATCH: u64 = 50_000_000;
/// The same again times the alternatives that exclude a value by `not`.
const MAX_NEGATED_DISPATCH: u64 = 2_000_000_000;

/// Work on merging the properties of `allOf`: the square of their number. This happens at the
/// first check.
const MAX_MERGE: u64 = 100_000_000;

/// What the fuel cannot see of a check, found while bounding it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Costs {
    /// Steps between two looks at the data; the fuel is divided by this. At least 1.
    pub blind: u64,
    pub strings: ReadingCost,
    pub members: ReadingCost,
    /// Bytes that a violation may copy from the schema.
    pub error_bytes: u64,
}

/// Sums over what applies to the same value from a node on.
#[derive(Clone, Copy, Default)]
struct Sums {
    paths: u64,
    chain: u32,
    blind: u64,
    looks: u64,
    names: u64,
    values: u64,
    /// `names`, and the values that members may have.
    choices: u64,
    expanded: u64,
}

/// Checks all limits.
///
/// # Errors
///
/// What is too much, and where.
pub(super) fn check<'r>(root: &'r Value, graph: &Graph<'r>) -> Result<Costs, String> {
    let mut patterns = Patterns::new();
    let mut owns = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let own = Own::of(node.schema, &mut patterns)
            .map_err(|error| format!("{error} (at {})", place(root, node.schema)))?;
        owns.push(own);
    }
    let size = measure(root, graph);
    if size.pointer_bytes > MAX_POINTER_BYTES {
        return Err("nests too many subschemas below long names; use shorter names".to_owned());
    }
    let order = graph.order(root)?;
    let mut sums = vec![Sums::default(); graph.nodes.len()];
    for &node in &order {
        let sum = sum(graph, &owns, &sums, node);
        if sum.paths > MAX_PATHS {
            return Err(format!(
                "checks one value in too many ways; flatten the anyOf, allOf, oneOf and $ref \
                 (at {})",
                place(root, graph.nodes[node].schema)
            ));
        }
        if sum.chain > MAX_CHAIN {
            return Err(format!(
                "nests more than {MAX_CHAIN} of anyOf, allOf, oneOf, not, if and $ref around one \
                 value; flatten them (at {})",
                place(root, graph.nodes[node].schema)
            ));
        }
        sums[node] = sum;
    }
    choose(graph, &order, &mut sums);
    limit_combinations(root, graph, &owns, &sums)?;
    let mut costs = Costs {
        blind: 1,
        error_bytes: size.error_bytes,
        ..Costs::default()
    };
    for ((node, own), sum) in graph.nodes.iter().zip(&owns).zip(&sums) {
        // A step takes some 5 ns, and so does a look with what comes with it.
        costs.blind = costs.blind.max(sum.blind / (sum.looks + 1) / 2);
        costs.strings = more(costs.strings, own.strings);
        let members = if node.schema.get("unevaluatedProperties").is_some() {
            gathered(graph, &owns, node.schema)
        } else {
            own.members
        };
        costs.members = more(costs.members, members);
    }
    Ok(costs)
}

fn more(left: ReadingCost, right: ReadingCost) -> ReadingCost {
    ReadingCost {
        base: left.base.max(right.base),
        per_16_bytes: left.per_16_bytes.max(right.per_16_bytes),
    }
}

/// What a member passes under `unevaluatedProperties`: the patterns of everything that applies.
/// Patterns that are reached in several ways are tried as often.
fn gathered(graph: &Graph<'_>, owns: &[Own], schema: &Value) -> ReadingCost {
    let mut total = ReadingCost::default();
    // At most MAX_PATHS steps, since the paths were counted before.
    let mut open: Vec<u32> = graph.find(schema).into_iter().collect();
    while let Some(node) = open.pop() {
        let members = owns[node as usize].members;
        total.base = total.base.saturating_add(members.base);
        total.per_16_bytes = total.per_16_bytes.saturating_add(members.per_16_bytes);
        open.extend(&graph.nodes[node as usize].same);
    }
    total
}

fn sum(graph: &Graph<'_>, owns: &[Own], sums: &[Sums], node: usize) -> Sums {
    let own = &owns[node];
    let same = &graph.nodes[node].same;
    let mut sum = Sums {
        paths: match (own.looks, same.is_empty()) {
            (true, _) => 1,
            (false, false) => BLIND_STEP,
            (false, true) => BLIND_LEAF,
        },
        blind: u64::from(!own.looks),
        looks: u64::from(own.looks),
        names: own.names,
        values: own.values,
        expanded: 1 + own.names,
        ..Sums::default()
    };
    for &other in same {
        let other = &sums[other as usize];
        sum.paths = sum.paths.saturating_add(other.paths);
        sum.chain = sum.chain.max(other.chain + 1);
        sum.blind = sum.blind.saturating_add(other.blind);
        sum.looks = sum.looks.saturating_add(other.looks);
        sum.names = sum.names.saturating_add(other.names);
        sum.values = sum.values.saturating_add(other.values);
        sum.expanded = sum.expanded.saturating_add(other.expanded);
    }
    sum
}

/// Fills in `choices`: needs the values of the members' subschemas, which are not in order.
fn choose(graph: &Graph<'_>, order: &[usize], sums: &mut [Sums]) {
    for &node in order {
        let mut choices = sums[node].names;
        for &part in &graph.nodes[node].parts {
            choices = choices.saturating_add(sums[part as usize].values);
        }
        for &same in &graph.nodes[node].same {
            choices = choices.saturating_add(sums[same as usize].choices);
        }
        sums[node].choices = choices;
    }
}

fn limit_combinations<'r>(
    root: &'r Value,
    graph: &Graph<'r>,
    owns: &[Own],
    sums: &[Sums],
) -> Result<(), String> {
    let negations = graph
        .nodes
        .iter()
        .filter(|node| node.schema.get("not").is_some())
        .count() as u64;
    let (mut merge, mut dispatch, mut negated, mut unevaluated) = (0u64, 0u64, 0u64, 0u64);
    for (at, node) in graph.nodes.iter().enumerate() {
        if !node.same.is_empty() {
            for keyword in ["allOf", "anyOf", "oneOf"] {
                let Some(Value::Array(items)) = node.schema.get(keyword) else {
                    continue;
                };
                let nodes = || items.iter().filter_map(|item| graph.find(item));
                let total = |of: fn(&Sums) -> u64| {
                    nodes().fold(0u64, |sum, item| {
                        sum.saturating_add(of(&sums[item as usize]))
                    })
                };
                if keyword == "allOf" {
                    let names = total(|sums| sums.names);
                    merge = merge.saturating_add(names.saturating_mul(names));
                } else if items.len() >= 3 {
                    let branches = items.len() as u64;
                    let work = branches.saturating_mul(total(|sums| sums.choices + 1));
                    dispatch = dispatch.saturating_add(work);
                    negated = negated.saturating_add(work.saturating_mul(negations.min(branches)));
                }
            }
        }
        let evaluates = |keyword| node.schema.get(keyword).is_some();
        if evaluates("unevaluatedProperties") || evaluates("unevaluatedItems") {
            unevaluated = unevaluated.saturating_add(sums[at].expanded);
        }
        let too_much = if merge > MAX_MERGE {
            "merges too many properties by allOf; flatten it"
        } else if dispatch > MAX_DISPATCH || negated > MAX_NEGATED_DISPATCH {
            "has too large unions under anyOf or oneOf; use fewer or smaller alternatives"
        } else if unevaluated > MAX_UNEVALUATED {
            "has too much below unevaluatedProperties and unevaluatedItems; use \
             additionalProperties or fewer subschemas"
        } else {
            continue;
        };
        return Err(format!("{too_much} (at {})", place(root, node.schema)));
    }
    debug_assert_eq!(owns.len(), sums.len());
    Ok(())
}
