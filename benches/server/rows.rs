//! Reads rows.txt: the rows of the tables of commands, as loads and targets.

use crate::fill::any_key;
use crate::load::Load;
use crate::pairs::Table;
use crate::payload::SIZES;
use crate::rivals::Needs;
use crate::varied;

/// The labels, the target and the loads of a row.
pub struct Row {
    /// The work of the first load.
    pub work: &'static str,
    /// The work of the second load, which the first is compared with.
    pub against: &'static str,
    /// The least throughput ratio to aim for with data of the table's size.
    pub wanted: Option<f64>,
    /// Both loads.
    pub loads: [Load; 2],
    /// What it takes to measure the row.
    pub needs: Needs,
}

/// The rows of a table, with loads for `keys` keys of each kind.
pub fn rows(table: Table, keys: usize) -> Vec<Row> {
    let lines = include_str!("rows.txt").lines();
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.filter_map(|line| row(table, keys, line)).collect()
}

/// The row in a line of the file, if it belongs to the table.
fn row(table: Table, keys: usize, line: &'static str) -> Option<Row> {
    let columns: Vec<_> = line.split('|').map(str::trim).collect();
    let [data, work, against, needs, wanted, one, other] = columns[..] else {
        panic!("rows.txt, not seven columns: {line}");
    };
    let (kind, pipeline) = data.split_once(" at -P ").unwrap_or((data, ""));
    let is_here = match pipeline {
        "" => table.pipeline > 1 || table.size == SIZES[0],
        pipeline => pipeline == table.pipeline.to_string(),
    };
    if !is_here || kind != "both" && kind != table.payload.name {
        return None;
    }
    let size = SIZES.iter().position(|&size| size == table.size);
    let wanted: Vec<f64> = wanted.split_whitespace().flat_map(str::parse).collect();
    Some(Row {
        work,
        against,
        wanted: size.and_then(|n| wanted.get(n).or(wanted.first()).copied()),
        loads: [one, other].map(|words| load(table, keys, words)),
        needs: match needs {
            "" => Needs::Nothing,
            "RedisJSON" => Needs::RedisJson,
            "BEFORE" => Needs::Before,
            _ => panic!("rows.txt, unknown need: {line}"),
        },
    })
}

fn load(table: Table, keys: usize, words: &str) -> Load {
    let payload = table.payload;
    let word = |word: &str| match word {
        "{data}" => (payload.text)(table.size),
        "{text}" => varied::TEXT.to_owned(),
        "{patch}" => payload.patch.to_owned(),
        "{pointer}" => payload.pointer.to_owned(),
        "{path}" => payload.path.to_owned(),
        "{schema}" => payload.name.to_owned(),
        kind if kind.ends_with(':') => any_key(kind),
        word => word.to_owned(),
    };
    let differs = words.contains("{text}");
    let makes_keys = differs || words.contains("{data}");
    Load {
        args: words.split(' ').map(word).collect(),
        // So many different new keys that hardly any is created twice.
        keys: if makes_keys { i32::MAX as usize } else { keys },
        makes_keys,
        texts: differs.then_some((payload, table.size)),
    }
}
