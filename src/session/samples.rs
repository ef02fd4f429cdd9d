//! Random values, for property tests of the encodings.

use super::numbers::Numbers;
use super::record::{Session, MAX_VERSION};
use super::timeouts::Timeouts;
use super::value::{Alias, Value};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

// The strings are leaked, because a value only borrows them, and a test process ends soon.
prop_compose! {
    fn any_session()(
        data in "\\PC{0,300}",
        version in 1..=MAX_VERSION,
        times in any::<[u32; 3]>(),
        authenticated in of(0..=i64::MAX),
        deadline in of(0..=i64::MAX),
        idle in of(1..=i64::MAX),
        schema in of("[a-z]{1,255}"),
        user in of("\\PC{1,128}"),
    ) -> Value<'static> {
        Value::Session(Session {
            data: data.leak().as_bytes(),
            numbers: Numbers {
                version,
                created: times[0].into(),
                issued: times[1].into(),
                accessed: times[2].into(),
                authenticated,
                timeouts: Timeouts { deadline, idle },
            },
            schema: schema.map(|name| &*name.leak()),
            user: user.map(|name| &*name.leak()),
            satisfied: 0,
        })
    }
}

prop_compose! {
    fn any_alias()(
        successor in vec(any::<u8>(), 0..80),
        until in 0..=i64::MAX,
    ) -> Value<'static> {
        Value::Alias(Alias { successor: successor.leak(), until })
    }
}

/// A session or an alias.
pub fn any_value() -> impl Strategy<Value = Value<'static>> {
    prop_oneof![3 => any_session(), 1 => any_alias()]
}
