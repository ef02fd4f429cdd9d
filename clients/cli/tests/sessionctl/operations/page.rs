//! The commands of docs/operations.md, and what the page shows below them.
//!
//! A fence `sh` holds what is typed. Lines that begin with `#` are prose before the first command of a paragraph,
//! and below a command what one sees. A fence `sh root` holds what only the administrator of a machine can do: the
//! test gives its commands stand-ins. Other fences are not typed.

pub const PAGE: &str = include_str!("../../../../../docs/operations.md");

/// Commands that are typed together, and the lines that the page shows below them.
#[derive(Debug, Default)]
pub struct Chunk {
    pub commands: String,
    pub shown: Vec<String>,
}

#[derive(Debug)]
pub struct Block {
    pub root: bool,
    /// The machine that its first line names, as in `# on 10.0.0.2`; otherwise the first one.
    pub machine: usize,
    pub chunks: Vec<Chunk>,
}

/// The text of a chapter, from its heading to the next one of that level.
fn chapter(title: &str) -> &'static str {
    between(PAGE, &format!("\n## {title}\n"), "\n## ")
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let at = text
        .find(start)
        .unwrap_or_else(|| panic!("there is no {start:?}"));
    let rest = &text[at + start.len()..];
    &rest[..rest.find(end).unwrap_or(rest.len())]
}

/// The titles of the sections of a chapter.
pub fn sections(title: &str) -> Vec<&'static str> {
    let chapter = chapter(title);
    chapter
        .split("\n### ")
        .skip(1)
        .filter_map(|section| section.lines().next())
        .collect()
}

/// The text of a section.
pub fn section(title: &str, section: &str) -> &'static str {
    between(chapter(title), &format!("\n### {section}\n"), "\n### ")
}

/// All headings of the page.
pub fn headings() -> impl Iterator<Item = &'static str> {
    let headings = PAGE.lines().filter(|line| line.starts_with("##"));
    headings.map(|line| line.trim_start_matches('#').trim())
}

/// The blocks of a section that are typed.
pub fn blocks(title: &str, name: &str) -> Vec<Block> {
    typed(section(title, name))
}

/// The blocks of a chapter before its first section.
pub fn opening(title: &str) -> Vec<Block> {
    typed(chapter(title).split("\n### ").next().unwrap_or_default())
}

fn typed(text: &str) -> Vec<Block> {
    let fences = text.split("\n```").skip(1).step_by(2);
    fences.filter_map(block).collect()
}

fn block(fence: &str) -> Option<Block> {
    let (language, body) = fence.split_once('\n').unwrap_or((fence, ""));
    let root = match language {
        "sh" => false,
        "sh root" => true,
        "" | "yaml" | "text" => return None,
        other => panic!("a fence of an unknown language: {other:?}"),
    };
    let machine = match body.lines().next() {
        Some("# on 10.0.0.2") => 1,
        _ => 0,
    };
    Some(Block {
        root,
        machine,
        chunks: chunks(body),
    })
}

fn chunks(body: &str) -> Vec<Chunk> {
    let mut chunks: Vec<Chunk> = Vec::new();
    let (mut begins, mut in_document) = (true, false);
    for line in body.lines() {
        let is_comment = line == "#" || line.starts_with("# ");
        if in_document || !(is_comment || line.is_empty()) {
            if begins || chunks.last().is_some_and(|last| !last.shown.is_empty()) {
                chunks.push(Chunk::default());
            }
            begins = false;
            let last = chunks.last_mut().expect("a chunk");
            last.commands.push_str(line);
            last.commands.push('\n');
            in_document = (in_document || line.contains("<<")) && line != "END";
        } else if line.is_empty() {
            begins = true;
        } else if !begins {
            let last = chunks.last_mut().expect("a chunk");
            last.shown.push(line.trim_start_matches("# ").to_owned());
        }
    }
    chunks
}
