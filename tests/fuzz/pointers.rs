//! JSON Pointers, compared with RFC 6901 written out, and with serde_json's own.

use redis_session::json::{self, Arena, Document, Edits, Pointer, Value};
use serde_json::Value as Tree;

/// Two pointers on a line each, and a document. Each pointer is refused, or leads where RFC 6901 says. What
/// a POP of both leaves behind is what removing both from a tree leaves behind.
pub fn pointers(input: &[u8]) {
    let mut lines = input.splitn(3, |&byte| byte == b'\n');
    let mut text = || std::str::from_utf8(lines.next().unwrap_or_default());
    let (Ok(first), Ok(second)) = (text(), text()) else {
        return;
    };
    let (Some(one), Some(other)) = (read(first), read(second)) else {
        return;
    };
    let starts = other.tokens().len() >= one.tokens().len()
        && one.tokens().iter().zip(other.tokens()).all(|(a, b)| a == b);
    assert_eq!(other.starts_with(&one), starts);

    let text = lines.next().unwrap_or_default();
    let mut arena = Arena::new();
    let (Ok(document), Ok(tree)) = (arena.parse(text), serde_json::from_slice::<Tree>(text)) else {
        return;
    };
    leads(&one, first, document, &tree);
    leads(&other, second, document, &tree);
    remove(text, &[one, other], document, tree);
}

/// Parses a pointer, and checks the result with the grammar of RFC 6901.
fn read(text: &str) -> Option<Pointer> {
    let is_pointer = text.is_empty() || text.starts_with('/');
    let is_escaped = text
        .split('~')
        .skip(1)
        .all(|rest| rest.starts_with(['0', '1']));
    let pointer = match Pointer::parse(text) {
        Ok(pointer) => pointer,
        Err(error) => {
            assert!(!is_pointer || !is_escaped, "{text:?}: {error}");
            return None;
        }
    };
    assert!(is_pointer && is_escaped, "{text:?}");
    assert_eq!(pointer.to_string(), text);
    let tokens = text.split('/').skip(1);
    let tokens: Vec<_> = tokens
        .map(|token| token.replace("~1", "/").replace("~0", "~"))
        .collect();
    let found: Vec<_> = pointer.tokens().iter().map(|token| &**token).collect();
    assert_eq!(found, tokens);
    Some(pointer)
}

/// Checks that a pointer leads to the same value in the text, in the document and in the tree.
fn leads(pointer: &Pointer, written: &str, document: Document<'_>, tree: &Tree) {
    let found = pointer.resolve(document.root());
    assert_eq!(
        found.map(Value::to_value).as_ref(),
        tree.pointer(written),
        "{written:?}"
    );
    let place = json::find(document.text().as_bytes(), std::slice::from_ref(pointer));
    assert_eq!(place, Ok(vec![found.map(Value::span)]));
}

/// Checks what POP and a JSON Patch remove.
fn remove(text: &[u8], pointers: &[Pointer; 2], document: Document<'_>, mut tree: Tree) {
    let mut edits = Edits::new();
    let popped = json::pop(text, pointers, &mut edits);
    if pointers.iter().any(Pointer::is_root) {
        assert!(popped.is_err());
        return;
    }
    assert_eq!(popped.ok(), json::find(text, pointers).ok());
    let mut there: Vec<_> = pointers
        .iter()
        .filter(|pointer| pointer.resolve(document.root()).is_some())
        .collect();
    // From the inside out and from the back to the front, so that no index changes before it is used.
    there.sort_by_key(|pointer| {
        let last = pointer
            .tokens()
            .last()
            .and_then(|last| json::array_index(last));
        std::cmp::Reverse((pointer.tokens().len(), last))
    });
    there.dedup();
    let mut rest = Vec::new();
    edits.apply(text, &mut rest);
    if let [only] = there[..] {
        let patch = serde_json::json!([{"op": "remove", "path": only.to_string()}]).to_string();
        let (mut arena, mut patched) = (Arena::new(), Vec::new());
        let patch = arena.parse(patch.as_bytes()).expect("a patch");
        json::apply(document, patch, usize::MAX, &mut patched).expect("the value is there");
        let read = |text: &[u8]| serde_json::from_slice::<Tree>(text).expect("JSON");
        assert_eq!(read(&patched), read(&rest));
    }
    for pointer in there {
        let (last, parent) = pointer.tokens().split_last().expect("not the root");
        let parent: String = parent
            .iter()
            .map(|token| format!("/{}", token.replace('~', "~0").replace('/', "~1")))
            .collect();
        match tree.pointer_mut(&parent) {
            Some(Tree::Object(members)) => drop(members.remove(&**last)),
            Some(Tree::Array(elements)) => {
                let at = json::array_index(last).expect("an index");
                elements.remove(at);
            }
            _ => panic!("{pointer} leads to a value"),
        }
    }
    let rest = serde_json::from_slice::<Tree>(&rest).expect("what is left is JSON");
    assert_eq!(rest, tree);
}
