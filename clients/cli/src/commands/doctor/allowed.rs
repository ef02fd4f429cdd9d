//! Asks for something that the ACL may forbid, or that the server may not know.

use crate::failure::Failure;
use crate::server::{is_forbidden, refused, Node};
use redis::{Cmd, ServerError, Value};

/// The reply; `None` if the user may not ask, or the server does not know the command.
pub async fn allowed(
    node: &Node,
    cmd: &Cmd,
    what: &'static str,
    forbidden: &mut Vec<(&'static str, String)>,
) -> Result<Option<Value>, Failure> {
    match node.try_query(cmd).await? {
        Ok(reply) => Ok(Some(reply)),
        Err(error) => {
            forbidden.push((what, reason(node, &error)));
            Ok(None)
        }
    }
}

/// Why it was refused: the right that is missing, or what the server said.
pub fn reason(node: &Node, error: &ServerError) -> String {
    let failure = refused(node.address(), error);
    if is_forbidden(error) {
        failure.hint
    } else {
        failure.what
    }
}
