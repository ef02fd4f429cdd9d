//! A reply in RESP2 or RESP3, as the server sent it.

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Nil,
    Int(i64),
    Bool(bool),
    Double(f64),
    BigNumber(String),
    Simple(String),
    Bulk(Vec<u8>),
    Verbatim(String, Vec<u8>),
    /// The whole line after the `-`: code, space, text. Bytes that are not UTF-8 become U+FFFD.
    Error(String),
    Array(Vec<Value>),
    Set(Vec<Value>),
    Map(Vec<(Value, Value)>),
    Push(Vec<Value>),
}

impl Value {
    pub fn is_nil(&self) -> bool {
        *self == Value::Nil
    }

    pub fn is_ok(&self) -> bool {
        *self == Value::Simple("OK".into())
    }

    /// The line, if this is an error.
    pub fn error(&self) -> Option<&str> {
        match self {
            Value::Error(line) => Some(line),
            _ => None,
        }
    }

    #[track_caller]
    pub fn int(&self) -> i64 {
        match self {
            Value::Int(n) => *n,
            other => panic!("wanted an integer, got {other:?}"),
        }
    }

    /// The bytes of any kind of string.
    #[track_caller]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Value::Bulk(bytes) | Value::Verbatim(_, bytes) => bytes,
            Value::Simple(line) => line.as_bytes(),
            other => panic!("wanted a string, got {other:?}"),
        }
    }

    /// The bytes of any kind of string, as text.
    #[track_caller]
    pub fn text(&self) -> String {
        String::from_utf8(self.bytes().to_vec()).expect("a string that is UTF-8")
    }

    /// The items of an array, set or push.
    #[track_caller]
    pub fn items(&self) -> &[Value] {
        match self {
            Value::Array(items) | Value::Set(items) | Value::Push(items) => items,
            other => panic!("wanted an array, got {other:?}"),
        }
    }

    /// The items as text.
    #[track_caller]
    pub fn texts(&self) -> Vec<String> {
        self.items().iter().map(Value::text).collect()
    }

    /// The pairs of a map, or of the flat array that RESP2 has in its place.
    #[track_caller]
    pub fn pairs(&self) -> Vec<(String, Value)> {
        match self {
            Value::Map(pairs) => pairs.iter().map(|(k, v)| (k.text(), v.clone())).collect(),
            other => {
                let items = other.items();
                assert!(items.len() % 2 == 0, "no flat map: {other:?}");
                items
                    .chunks(2)
                    .map(|kv| (kv[0].text(), kv[1].clone()))
                    .collect()
            }
        }
    }

    /// The value of one field of a map, in either protocol.
    #[track_caller]
    pub fn field(&self, name: &str) -> Value {
        match self.pairs().into_iter().find(|(k, _)| k == name) {
            Some((_, value)) => value,
            None => panic!("no field '{name}' in {self:?}"),
        }
    }
}

/// Short, for assertion messages: strings as escaped text.
impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Bulk(bytes) => write!(f, "\"{}\"", bytes.escape_ascii()),
            Value::Error(line) => write!(f, "-{line}"),
            Value::Array(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            other => write!(f, "{other:?}"),
        }
    }
}
