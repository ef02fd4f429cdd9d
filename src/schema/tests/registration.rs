//! Tests of when a schema is compiled, and of the limits on what clients register.

use super::registry::{plain, prefixed, MANY};
use crate::schema::{Limits, Registry, SetError, SetOutcome};

#[test]
fn a_schema_is_compiled_when_it_is_first_needed() {
    let mut registry = Registry::new();
    registry.put("a", plain("{}"));
    registry.set("b", plain("true"), false, MANY).unwrap();
    let compiled = |registry: &Registry, name: &str| registry.get(name).unwrap().is_compiled();
    assert!(!compiled(&registry, "a") && compiled(&registry, "b"));
    let mut loaded = Registry::decode(&registry.encode()).unwrap();
    assert!(loaded.iter().all(|entry| !entry.is_compiled()));
    assert!(loaded.get("a").unwrap().validator().is_ok() && compiled(&loaded, "a"));
    // The same text is not compiled again.
    loaded.put("a", prefixed("{}", "p"));
    assert!(compiled(&loaded, "a"));
    assert_eq!(
        loaded.set("b", plain("true"), false, MANY),
        Ok(SetOutcome::Unchanged)
    );
    assert!(compiled(&loaded, "b"), "a client's SET compiles");
}

#[test]
fn a_client_sets_no_more_than_the_limits_allow() {
    let mut registry = Registry::new();
    let limits = Limits {
        schemas: 2,
        bytes: 20,
    };
    let mut set = |name: &str, definition| registry.set(name, definition, false, limits);
    assert_eq!(set("a", plain("{}")), Ok(SetOutcome::Created));
    assert_eq!(
        set("b", prefixed("[]", "p")),
        Err(bad("the schema must be an object, true or false"))
    );
    assert_eq!(
        set("b", prefixed("{           }", "p")),
        Ok(SetOutcome::Created),
        "18 bytes"
    );
    assert_eq!(set("c", plain("{}")), Err(SetError::TooMany(2)));
    assert_eq!(set("a", plain("{      }")), Err(SetError::TooLarge(24)));
    assert_eq!(
        set("a", plain("{  }")),
        Ok(SetOutcome::Replaced),
        "20 bytes"
    );
    assert_eq!(registry.bytes(), 20);

    // Beyond the limits, by a lower setting or what the primary sent, only growth is refused.
    let none = Limits {
        schemas: 0,
        bytes: 1,
    };
    registry.put("c", plain("{}"));
    assert_eq!(registry.bytes(), 23);
    let mut set = |definition, nx| registry.set("a", definition, nx, none);
    assert_eq!(set(plain("{  }"), false), Ok(SetOutcome::Unchanged));
    assert_eq!(set(plain("{  }"), true), Ok(SetOutcome::Unchanged));
    assert!(matches!(set(plain("{}"), true), Err(SetError::Conflict(_))));
    assert_eq!(set(plain("{   }"), false), Err(SetError::TooLarge(24)));
    assert_eq!(set(plain("true"), false), Ok(SetOutcome::Replaced));
    assert_eq!(set(plain("{}"), false), Ok(SetOutcome::Replaced));
    assert_eq!(
        registry.set("d", plain("{}"), false, none),
        Err(SetError::TooMany(3))
    );
    assert!(registry.remove("a") && registry.remove("b") && registry.remove("c"));
    assert_eq!(registry.bytes(), 0);
}

fn bad(reason: &str) -> SetError {
    SetError::BadSchema(reason.to_owned())
}
