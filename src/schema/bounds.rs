//! Limits on the cost of a schema: a schema that makes work out of proportion to its size is refused
//! when it is set.
//!
//! The fuel of a [`Document`](crate::json::Document) bounds a check as long as the check reads the
//! data. The limits here bound the rest, from the schema alone: the work of compiling, the blind
//! steps (those that apply subschemas without reading the value), and the depth of recursion.

use serde_json::Value;

use super::costs::SubschemaCost;
use super::graph::Graph;
use super::measure::measure;
use super::patterns::{Patterns, Replacements};
use super::pointer::{place, place_below};
use crate::json::ReadingCost;

/// The most paths through `allOf`, `anyOf`, `oneOf`, `not`, `if` and references by which one value
/// may be checked. A path that ends without reading the value counts as [`BLIND_LEAF`], and a blind
/// step on the way as [`BLIND_STEP`]. Unions of some hundred alternatives stay far below.
const MAX_PATHS: u64 = 10_000;
const BLIND_LEAF: u64 = 50;
const BLIND_STEP: u64 = 5;

/// The most of those keywords nested in one another, directly or by references. A level takes up to
/// about half a kilobyte of stack, once for each level of the data.
const MAX_CHAIN: u32 = 64;

/// The most bytes in the pointers to all keywords together, which the compiled schema holds.
const MAX_POINTER_BYTES: usize = 32 << 20;

/// The most work on `unevaluatedProperties` and `unevaluatedItems`: the subschemas and names on all
/// paths, since jsonschema compiles them once more for each path.
const MAX_UNEVALUATED: u64 = 500_000;

/// The most work on dispatch. While compiling, jsonschema looks for a member whose value identifies
/// one alternative of an `anyOf` or `oneOf`. The work is the number of alternatives times the names
/// and values in them.
const MAX_DISPATCH: u64 = 50_000_000;
/// The most of that work times the alternatives that exclude a value by `not`.
const MAX_NEGATED_DISPATCH: u64 = 2_000_000_000;
/// The least number of alternatives for which jsonschema looks for that member.
const DISPATCH_FROM: usize = 3;

/// The most work on merging the properties of `allOf`, at the first check: the square of their
/// number.
const MAX_MERGE: u64 = 100_000_000;

/// The costs of a check beyond the steps through the data, which burn fuel by themselves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct CheckCosts {
    /// The factor by which blind steps can multiply the work of a check; at least 1. The fuel of
    /// the check is divided by it.
    pub blind: u64,
    /// The cost of each string under the most expensive subschema.
    pub strings: ReadingCost,
    /// The cost of each member under the most expensive subschema.
    pub members: ReadingCost,
    /// The most bytes that a violation may copy from the schema.
    pub error_bytes: u64,
}

/// Sums over a subschema and all subschemas that it applies to the same value, directly or not.
#[derive(Clone, Copy, Default)]
struct Sums {
    paths: u64,
    /// Keywords nested in one another.
    chain: u32,
    /// Steps that do not read the value, and steps that do.
    blind: u64,
    reads: u64,
    names: u64,
    values: u64,
    /// `names`, and the values that members may have.
    choices: u64,
    /// Subschemas and names.
    expanded: u64,
}

/// Checks the limits on compiling and checking. The costs are those of the schema with the
/// replacements.
///
/// # Errors
///
/// The limit that the schema exceeds, and where.
pub(super) fn check<'r>(
    root: &'r Value,
    graph: &Graph<'r>,
) -> Result<(CheckCosts, Replacements), String> {
    let mut patterns = Patterns::new();
    let mut own = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let cost = SubschemaCost::of(node.schema, &mut patterns).map_err(|(why, pointer)| {
            let place = place_below(root, node.schema, &pointer);
            format!("is not valid at {place}: {why}")
        })?;
        own.push(cost);
    }
    let size = measure(root, graph);
    if size.pointer_bytes > MAX_POINTER_BYTES {
        return Err("nests too many subschemas below long names; use shorter names".to_owned());
    }
    let order = graph.order(root)?;
    let mut sums = vec![Sums::default(); graph.nodes.len()];
    for &node in &order {
        let sum = sum(graph, &own, &sums, node);
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
    add_choices(graph, &order, &mut sums);
    limit_combinations(root, graph, &sums)?;
    let mut costs = CheckCosts {
        blind: 1,
        error_bytes: size.error_bytes,
        ..CheckCosts::default()
    };
    for ((node, cost), sum) in graph.nodes.iter().zip(&own).zip(&sums) {
        // A blind step takes some 5 ns, as long as a step that reads the value.
        costs.blind = costs.blind.max(sum.blind / (sum.reads + 1) / 2);
        costs.strings = most(costs.strings, cost.strings);
        let members = if node.schema.get("unevaluatedProperties").is_some() {
            members_of_all(graph, &own, node.schema)
        } else {
            cost.members
        };
        costs.members = most(costs.members, members);
    }
    Ok((costs, patterns.finish()))
}

/// The greater cost, part by part.
fn most(left: ReadingCost, right: ReadingCost) -> ReadingCost {
    ReadingCost {
        base: left.base.max(right.base),
        per_16_bytes: left.per_16_bytes.max(right.per_16_bytes),
    }
}

/// The cost of a member under `unevaluatedProperties`, which tries the patterns of every subschema
/// that applies: once for each path to it.
fn members_of_all(graph: &Graph<'_>, own: &[SubschemaCost], schema: &Value) -> ReadingCost {
    let mut total = ReadingCost::default();
    // At most MAX_PATHS steps: the paths were limited before.
    let mut open: Vec<u32> = graph.find(schema).into_iter().collect();
    while let Some(node) = open.pop() {
        let members = own[node as usize].members;
        total.base = total.base.saturating_add(members.base);
        total.per_16_bytes = total.per_16_bytes.saturating_add(members.per_16_bytes);
        open.extend(&graph.nodes[node as usize].in_place);
    }
    total
}

/// The sums of a node. `sums` has those of all nodes that it applies in place already.
fn sum(graph: &Graph<'_>, own: &[SubschemaCost], sums: &[Sums], node: usize) -> Sums {
    let own = &own[node];
    let in_place = &graph.nodes[node].in_place;
    let mut sum = Sums {
        paths: match (own.reads, in_place.is_empty()) {
            (true, _) => 1,
            (false, false) => BLIND_STEP,
            (false, true) => BLIND_LEAF,
        },
        blind: u64::from(!own.reads),
        reads: u64::from(own.reads),
        names: own.names,
        values: own.values,
        expanded: 1 + own.names,
        ..Sums::default()
    };
    for &other in in_place {
        let other = &sums[other as usize];
        sum.paths = sum.paths.saturating_add(other.paths);
        sum.chain = sum.chain.max(other.chain + 1);
        sum.blind = sum.blind.saturating_add(other.blind);
        sum.reads = sum.reads.saturating_add(other.reads);
        sum.names = sum.names.saturating_add(other.names);
        sum.values = sum.values.saturating_add(other.values);
        sum.expanded = sum.expanded.saturating_add(other.expanded);
    }
    sum
}

/// Fills in `choices`. This needs a pass of its own: it uses the values of members' subschemas,
/// which can come after the node in `order`.
fn add_choices(graph: &Graph<'_>, order: &[usize], sums: &mut [Sums]) {
    for &node in order {
        let mut choices = sums[node].names;
        for &child in &graph.nodes[node].children {
            choices = choices.saturating_add(sums[child as usize].values);
        }
        for &other in &graph.nodes[node].in_place {
            choices = choices.saturating_add(sums[other as usize].choices);
        }
        sums[node].choices = choices;
    }
}

/// Limits the work of compiling that grows faster than the number of subschemas.
fn limit_combinations<'r>(root: &'r Value, graph: &Graph<'r>, sums: &[Sums]) -> Result<(), String> {
    let negations = graph
        .nodes
        .iter()
        .filter(|node| node.schema.get("not").is_some())
        .count() as u64;
    let (mut merge, mut dispatch, mut negated, mut unevaluated) = (0u64, 0u64, 0u64, 0u64);
    for (at, node) in graph.nodes.iter().enumerate() {
        if !node.in_place.is_empty() {
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
                } else if items.len() >= DISPATCH_FROM {
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
    Ok(())
}
