//! Looks at some sessions of a node: how many of them never end.

use super::allowed::{allowed, reason};
use crate::failure::Failure;
use crate::server::{self, is_forbidden, text};
use redis::{cmd, pipe, Value};

/// Steps of SCAN, and the keys that each may look at.
const STEPS: usize = 10;
const COUNT: usize = 1000;
/// How many sessions are enough.
const ENOUGH: u64 = 1000;

/// How many sessions were looked at, and how many of them have neither deadline nor idle timeout.
pub async fn endless(
    node: &server::Node,
    forbidden: &mut Vec<(&'static str, String)>,
) -> Result<Option<(u64, u64)>, Failure> {
    let what = "sessions without an end";
    let (mut looked, mut endless) = (0, 0);
    let mut cursor = "0".to_owned();
    for _ in 0..STEPS {
        let scan = cmd("SCAN")
            .arg(&cursor)
            .arg(&["TYPE", "session-1", "COUNT"])
            .arg(COUNT)
            .to_owned();
        let Some(Value::Array(reply)) = allowed(node, &scan, what, forbidden).await? else {
            return Ok(None);
        };
        let [next, Value::Array(keys)] = reply.as_slice() else {
            return Ok(None);
        };
        let mut times = pipe();
        for key in keys {
            if let Value::BulkString(key) = key {
                times.cmd("PTTL").arg(key.as_slice());
            }
        }
        if !keys.is_empty() {
            for reply in node.pipeline(&times).await? {
                match reply {
                    Value::Int(-1) => (looked, endless) = (looked + 1, endless + 1),
                    Value::Int(0..) => looked += 1,
                    Value::ServerError(error) if is_forbidden(&error) => {
                        forbidden.push((what, reason(node, &error)));
                        return Ok(None);
                    }
                    _ => {}
                }
            }
        }
        cursor = text(next);
        if cursor == "0" || looked >= ENOUGH {
            break;
        }
    }
    Ok(Some((looked, endless)))
}
