//! Random values, for property tests of the encodings.

use super::numbers::Numbers;
use super::record::{Session, MAX_VERSION};
use super::timeouts::Timeouts;
use super::value::{Alias, Value};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

/// A value that owns what a [`Value`] borrows.
#[derive(Clone, Debug)]
pub enum Sample {
    Session {
        data: String,
        numbers: Numbers,
        schema: Option<String>,
        user: Option<String>,
    },
    Alias {
        successor: Vec<u8>,
        until: i64,
    },
}

impl Sample {
    /// The value.
    pub fn value(&self) -> Value<'_> {
        match self {
            Self::Session {
                data,
                numbers,
                schema,
                user,
            } => Value::Session(Session {
                data: data.as_bytes(),
                numbers: *numbers,
                schema: schema.as_deref(),
                user: user.as_deref(),
                satisfied: 0,
            }),
            Self::Alias { successor, until } => Value::Alias(Alias {
                successor,
                until: *until,
            }),
        }
    }
}

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
    ) -> Sample {
        let numbers = Numbers {
            version,
            created: times[0].into(),
            issued: times[1].into(),
            accessed: times[2].into(),
            authenticated,
            timeouts: Timeouts { deadline, idle },
        };
        Sample::Session { data, numbers, schema, user }
    }
}

prop_compose! {
    fn any_alias()(successor in vec(any::<u8>(), 0..80), until in 0..=i64::MAX) -> Sample {
        Sample::Alias { successor, until }
    }
}

/// A session or an alias.
pub fn any_sample() -> impl Strategy<Value = Sample> {
    prop_oneof![3 => any_session(), 1 => any_alias()]
}
