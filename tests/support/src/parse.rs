//! The parser of replies: every type of RESP2 and RESP3.

use super::Value;

/// Parses one whole reply at `*at` and moves `*at` behind it; `None` if more bytes are needed.
/// Panics if the bytes are not RESP, since then the server or a module in it is broken.
pub fn reply(buf: &[u8], at: &mut usize) -> Option<Value> {
    let line = line(buf, at)?;
    let (kind, rest) = (line[0], &line[1..]);
    Some(match kind {
        b'+' => Value::Simple(text(rest)),
        b'-' => Value::Error(text(rest)),
        b':' => Value::Int(number(rest)),
        b'_' => Value::Nil,
        b'#' => Value::Bool(rest == b"t"),
        b',' => Value::Double(text(rest).parse().expect("a double")),
        b'(' => Value::BigNumber(text(rest)),
        b'$' => match number(rest) {
            -1 => Value::Nil,
            n => Value::Bulk(blob(buf, at, n)?),
        },
        b'!' => Value::Error(text(&blob(buf, at, number(rest))?)),
        b'=' => {
            let mut format = blob(buf, at, number(rest))?;
            let text_of_it = format.split_off(4);
            format.truncate(3);
            Value::Verbatim(text(&format), text_of_it)
        }
        b'*' => match number(rest) {
            -1 => Value::Nil,
            n => Value::Array(items(buf, at, n)?),
        },
        b'~' => Value::Set(items(buf, at, number(rest))?),
        b'>' => Value::Push(items(buf, at, number(rest))?),
        b'%' => Value::Map(pairs(buf, at, number(rest))?),
        b'|' => {
            pairs(buf, at, number(rest))?; // attributes of the reply that follows them
            reply(buf, at)?
        }
        other => panic!("not RESP: a line that begins with {:?}", other as char),
    })
}

fn line<'a>(buf: &'a [u8], at: &mut usize) -> Option<&'a [u8]> {
    let rest = &buf[*at..];
    let end = rest.windows(2).position(|two| two == b"\r\n")?;
    assert!(end > 0, "not RESP: an empty line");
    *at += end + 2;
    Some(&rest[..end])
}

fn blob(buf: &[u8], at: &mut usize, len: i64) -> Option<Vec<u8>> {
    let len = usize::try_from(len).expect("a length");
    let whole = buf.get(*at..*at + len + 2)?;
    assert!(
        whole.ends_with(b"\r\n"),
        "not RESP: a blob longer than it says"
    );
    *at += len + 2;
    Some(whole[..len].to_vec())
}

fn items(buf: &[u8], at: &mut usize, n: i64) -> Option<Vec<Value>> {
    (0..n).map(|_| reply(buf, at)).collect()
}

fn pairs(buf: &[u8], at: &mut usize, n: i64) -> Option<Vec<(Value, Value)>> {
    (0..n)
        .map(|_| Some((reply(buf, at)?, reply(buf, at)?)))
        .collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn number(bytes: &[u8]) -> i64 {
    text(bytes)
        .parse()
        .unwrap_or_else(|_| panic!("not RESP: '{}' for a number", text(bytes)))
}
