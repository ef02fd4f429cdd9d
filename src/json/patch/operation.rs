//! The operations of a patch (RFC 6902, sections 3 and 4), read and checked before any is applied.

use super::error::PatchError;
use crate::json::arena::Document;
use crate::json::pointer::Pointer;
use crate::json::value::Value;

/// The kinds of operations (RFC 6902, sections 4.1 to 4.6). Pointers are the operation's `from`.
#[derive(Debug)]
pub(super) enum Action<'s> {
    Add(Value<'s>),
    Remove,
    Replace(Value<'s>),
    Move(Pointer),
    Copy(Pointer),
    Test(Value<'s>),
}

#[derive(Debug)]
pub(super) struct Operation<'s> {
    pub(super) action: Action<'s>,
    pub(super) path: Pointer,
    /// The path as the patch's string has it, for errors.
    pub(super) path_text: &'s str,
}

impl Action<'_> {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Add(_) => "add",
            Self::Remove => "remove",
            Self::Replace(_) => "replace",
            Self::Move(_) => "move",
            Self::Copy(_) => "copy",
            Self::Test(_) => "test",
        }
    }
}

/// Reads all operations before any is applied, so that a malformed one is always reported.
pub(super) fn parse(patch: Document<'_>) -> Result<Vec<Operation<'_>>, PatchError> {
    let Some(operations) = patch.root().elements() else {
        return Err(PatchError::malformed(
            None,
            "a JSON Patch is an array of operations",
        ));
    };
    operations
        .enumerate()
        .map(|(at, value)| {
            operation(value).map_err(|reason| PatchError::malformed(Some(at), reason))
        })
        .collect()
}

fn operation(value: Value<'_>) -> Result<Operation<'_>, &'static str> {
    if value.members().is_none() {
        return Err("an operation is an object");
    }
    let name = value.get("op").ok_or("there is no 'op'")?;
    let (path_text, path) = pointer(value, "path")?;
    let new = || value.get("value").ok_or("there is no 'value'");
    let action = match name.as_str().ok_or("'op' must be a string")? {
        "add" => Action::Add(new()?),
        "remove" => Action::Remove,
        "replace" => Action::Replace(new()?),
        "test" => Action::Test(new()?),
        "copy" => Action::Copy(pointer(value, "from")?.1),
        "move" => {
            let (_, from) = pointer(value, "from")?;
            if path.starts_with(&from) && path != from {
                return Err("a value cannot be moved into itself");
            }
            Action::Move(from)
        }
        _ => return Err("'op' must be add, remove, replace, move, copy or test"),
    };
    Ok(Operation {
        action,
        path,
        path_text,
    })
}

fn pointer<'s>(
    operation: Value<'s>,
    member: &'static str,
) -> Result<(&'s str, Pointer), &'static str> {
    let (missing, no_pointer) = match member {
        "path" => ("there is no 'path'", "'path' must be a JSON pointer"),
        _ => ("there is no 'from'", "'from' must be a JSON pointer"),
    };
    let text = operation.get(member).ok_or(missing)?;
    let text = text.as_str().ok_or(no_pointer)?;
    Ok((text, Pointer::parse(text).map_err(|_| no_pointer)?))
}
