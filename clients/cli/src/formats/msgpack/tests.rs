//! Values that are read, and those that are refused.

use super::{object, Forms, NOT_MSGPACK};
use crate::formats::format::Refused;
use crate::formats::json::{NOT_FINITE, NOT_UTF8, TOO_DEEP};
use proptest::prelude::*;
use serde_json::{json, Map, Value};

/// A client that stores bytes and times as texts.
struct Texts;

impl Forms for Texts {
    fn bytes(&self, bytes: &[u8]) -> Result<Value, Refused> {
        Ok(format!("bytes {bytes:?}").into())
    }

    fn time(&self, seconds: i64, nanos: u32) -> Result<Value, Refused> {
        Ok(format!("time {seconds} {nanos}").into())
    }
}

/// What is read of `{"a": <value>}`.
fn read(value: &[u8]) -> Result<Value, Refused> {
    let mut members = object(&[b"\x81\xa1a", value].concat(), &Texts)?;
    Ok(members.remove("a").expect("the member"))
}

#[test]
fn all_kinds_of_values_are_read() {
    for (value, wanted) in [
        (&b"\xc0"[..], json!(null)),
        (b"\xc2", json!(false)),
        (b"\xff", json!(-1)),
        (b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff", json!(u64::MAX)),
        (b"\xd3\x80\0\0\0\0\0\0\0", json!(i64::MIN)),
        (b"\xca\x3f\x80\0\0", json!(1.0)),
        (b"\xcb\x3f\xb9\x99\x99\x99\x99\x99\x9a", json!(0.1)),
        (b"\xd9\x02\xc3\xab", json!("\u{eb}")),
        (b"\xc4\x02\0\xff", json!("bytes [0, 255]")),
        (b"\xd6\xff\0\0\0\x05", json!("time 5 0")),
        (b"\xd7\xff\0\0\0\x04\0\0\0\x05", json!("time 5 1")),
        (
            b"\xc7\x0c\xff\0\0\0\x01\xff\xff\xff\xff\xff\xff\xff\xff",
            json!("time -1 1"),
        ),
        (b"\x92\x01\x90", json!([1, []])),
        (
            b"\x85\xa1x\x01\x05\x02\xc0\x03\xc3\x04\xff\x05",
            json!({"x": 1, "5": 2, "null": 3, "true": 4, "-1": 5}),
        ),
        (b"\x82\xa1x\x01\xa1x\x02", json!({"x": 2})),
    ] {
        assert_eq!(read(value), Ok(wanted), "{value:x?}");
    }
    assert_eq!(object(b"\x80", &Texts), Ok(Map::new()));
}

#[test]
fn what_json_cannot_hold_is_refused_by_name() {
    assert_eq!(read(b"\xcb\x7f\xf8\0\0\0\0\0\0"), Err(NOT_FINITE));
    assert_eq!(read(b"\xcb\xff\xf0\0\0\0\0\0\0"), Err(NOT_FINITE));
    assert_eq!(read(b"\xa1\xff"), Err(NOT_UTF8));
    assert_eq!(
        read(b"\xd4\x05\0"),
        Err(Refused::Unstorable("a MessagePack extension"))
    );
    for name in [
        &b"\x81\xc4\x01a\x01"[..],
        b"\x81\xcb\x3f\xb9\x99\x99\x99\x99\x99\x9a\x01",
        b"\x81\x90\x01",
    ] {
        assert!(
            matches!(read(name), Err(Refused::Unstorable(_))),
            "{name:x?}"
        );
    }
}

#[test]
fn other_bytes_are_refused() {
    for bytes in [
        &b""[..],
        b"\x81",
        b"\x81\xa1a",
        b"\x81\xa1a\xa5b",
        b"\x80\x80",
        b"\x81\xa1a\xd7\xff\xff\xff\xff\xff\0\0\0\0",
        b"\x81\xa1a\xc7\x03\xff\0\0\0",
    ] {
        assert_eq!(object(bytes, &Texts), Err(NOT_MSGPACK), "{bytes:x?}");
    }
    assert!(matches!(
        object(b"\x90", &Texts),
        Err(Refused::NotASession(_))
    ));
}

#[test]
fn the_depth_is_that_of_the_module() {
    // The map of `read` is a level.
    let nested = |depth| [vec![0x91; depth], vec![0xc0]].concat();
    assert!(read(&nested(127)).is_ok());
    assert_eq!(read(&nested(128)), Err(TOO_DEEP));
    assert_eq!(read(&nested(1 << 16)), Err(TOO_DEEP));
    let text = [vec![0x91; 127], b"\xa3abc".to_vec()].concat();
    assert!(read(&text).is_ok());
    let time = [vec![0x91; 127], b"\xd6\xff\0\0\0\x05".to_vec()].concat();
    assert!(read(&time).is_ok());
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        proptest::num::f64::NORMAL.prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn packed(value: &Value) -> rmpv::Value {
    match value {
        Value::Null => rmpv::Value::Nil,
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
            (Some(number), ..) => number.into(),
            (_, Some(number), _) => number.into(),
            (.., number) => number.expect("a double").into(),
        },
        Value::String(text) => text.as_str().into(),
        Value::Array(items) => rmpv::Value::Array(items.iter().map(packed).collect()),
        Value::Object(members) => {
            let pair = |(name, value): (&String, &Value)| (name.as_str().into(), packed(value));
            rmpv::Value::Map(members.iter().map(pair).collect())
        }
    }
}

proptest! {
    #[test]
    fn what_was_packed_is_read_again(value in json_value()) {
        let mut bytes = Vec::new();
        let data = json!({"data": value});
        rmpv::encode::write_value(&mut bytes, &packed(&data)).unwrap();
        prop_assert_eq!(object(&bytes, &Texts).map(Value::Object), Ok(data));
    }
}
