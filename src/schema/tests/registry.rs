//! Tests of the registry and its encoding, partly against a plain model of it.

use crate::schema::{valid_name, Definition, Limits, Registry, SetError, SetOutcome};
use proptest::prelude::*;

/// Limits that no test reaches.
pub(super) const MANY: Limits = Limits {
    schemas: 1000,
    bytes: 1 << 20,
};

pub(super) fn plain(text: &str) -> Definition<'_> {
    Definition {
        text: text.as_bytes(),
        assert_format: false,
        prefix: None,
    }
}

pub(super) fn prefixed<'a>(text: &'a str, prefix: &'a str) -> Definition<'a> {
    Definition {
        prefix: Some(prefix.as_bytes()),
        ..plain(text)
    }
}

fn owner(registry: &Registry, key: &str) -> Option<String> {
    registry
        .for_key(key.as_bytes())
        .map(|entry| entry.name.to_string())
}

#[test]
fn setting_creates_replaces_or_changes_nothing() {
    let mut registry = Registry::new();
    assert_eq!(
        registry.set("a", plain("{}"), false, MANY),
        Ok(SetOutcome::Created)
    );
    let first = registry.get("a").unwrap().clone();
    assert_eq!(
        registry.set("a", plain("{}"), true, MANY),
        Ok(SetOutcome::Unchanged)
    );
    assert_eq!(
        registry.set("a", plain("true"), false, MANY),
        Ok(SetOutcome::Replaced)
    );
    assert_ne!(registry.get("a").unwrap().revision, first.revision);
    assert!(matches!(
        registry.set("a", plain("{}"), true, MANY),
        Err(SetError::Conflict(_))
    ));
    assert_eq!(&*registry.get("a").unwrap().text, b"true");
    assert!(registry.remove("a") && !registry.remove("a") && registry.is_empty());
}

#[test]
fn a_bad_schema_replaces_nothing() {
    let mut registry = Registry::new();
    registry.set("a", plain("{}"), false, MANY).unwrap();
    let digest = registry.digest();
    assert!(matches!(
        registry.set("a", plain("{"), false, MANY),
        Err(SetError::BadSchema(_))
    ));
    assert!(registry.get("a").unwrap().validator().is_ok());
    assert_eq!(registry.digest(), digest);
}

#[test]
fn put_keeps_what_does_not_compile_and_fails_closed() {
    let mut registry = Registry::new();
    assert!(registry.put("a", plain("{")));
    assert!(!registry.put("a", plain("{")));
    assert!(registry.get("a").unwrap().validator().is_err());
    assert!(matches!(
        registry.set("a", plain("{"), false, MANY),
        Err(SetError::BadSchema(_))
    ));
}

#[test]
fn the_revision_depends_on_the_content_alone() {
    let mut registry = Registry::new();
    registry.put("a", prefixed("{}", "x"));
    registry.put("b", plain("{}"));
    registry.put(
        "c",
        Definition {
            assert_format: true,
            ..plain("{}")
        },
    );
    let revision = |name: &str| registry.get(name).unwrap().revision;
    assert_eq!(revision("a"), revision("b"));
    assert_ne!(revision("a"), revision("c"));
}

#[test]
fn the_longest_prefix_wins() {
    let mut registry = Registry::new();
    for (name, prefix) in [("a", "s:"), ("b", "s:admin:"), ("c", "s:b"), ("d", "t")] {
        registry
            .set(name, prefixed("{}", prefix), false, MANY)
            .unwrap();
    }
    assert_eq!(owner(&registry, "s:admin:1").as_deref(), Some("b"));
    assert_eq!(owner(&registry, "s:adm").as_deref(), Some("a"));
    assert_eq!(owner(&registry, "s:zz").as_deref(), Some("a"));
    assert_eq!(owner(&registry, "t").as_deref(), Some("d"));
    assert_eq!(owner(&registry, "r"), None);
    assert_eq!(owner(&registry, ""), None);
    registry.remove("b");
    assert_eq!(owner(&registry, "s:admin:1").as_deref(), Some("a"));
}

#[test]
fn a_prefix_belongs_to_one_schema() {
    let mut registry = Registry::new();
    registry
        .set("b", prefixed("{}", "s:"), false, MANY)
        .unwrap();
    let conflict = registry
        .set("a", prefixed("{}", "s:"), false, MANY)
        .unwrap_err();
    assert_eq!(
        conflict,
        SetError::Conflict(
            "the prefix belongs to the schema \"b\"; delete that, or use another prefix".to_owned()
        )
    );
    registry.set("b", plain("{}"), false, MANY).unwrap();
    registry
        .set("a", prefixed("{}", "s:"), false, MANY)
        .unwrap();
    assert_eq!(owner(&registry, "s:1").as_deref(), Some("a"));
}

#[test]
fn names_are_1_to_255_bytes_of_utf_8() {
    assert_eq!(valid_name("n\u{e9}".as_bytes()), Ok("n\u{e9}"));
    assert!(valid_name(&[b'a'; 255]).is_ok());
    for bad in [&[][..], &[b'a'; 256], &[0xff]] {
        assert!(valid_name(bad).is_err());
    }
}

/// Texts of schemas; the last one does not compile.
const TEXTS: [&str; 4] = ["{}", "true", "{\"type\":\"object\"}", "{"];

type Put = (usize, usize, bool, Option<String>);

fn puts() -> impl Strategy<Value = Vec<Put>> {
    let one = (
        0usize..5,
        0usize..4,
        any::<bool>(),
        proptest::option::of("[ab]{1,3}"),
    );
    proptest::collection::vec(one, 0..12)
}

fn put(registry: &mut Registry, (name, text, assert_format, prefix): &Put) {
    registry.put(
        &format!("n{name}"),
        Definition {
            text: TEXTS[*text].as_bytes(),
            assert_format: *assert_format,
            prefix: prefix.as_deref().map(str::as_bytes),
        },
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_prefix_is_found_as_by_trying_all(puts in puts(), key in "[abc]{0,5}") {
        let mut registry = Registry::new();
        puts.iter().for_each(|one| put(&mut registry, one));
        let naive = registry
            .iter()
            .filter(|entry| entry.prefix.as_ref().is_some_and(|p| key.as_bytes().starts_with(p)))
            .max_by(|a, b| a.prefix.as_ref().map(|p| p.len()).cmp(&b.prefix.as_ref().map(|p| p.len()))
                .then(b.name.cmp(&a.name)))
            .map(|entry| entry.name.to_string());
        prop_assert_eq!(owner(&registry, &key), naive);
    }

    #[test]
    fn the_order_of_events_does_not_matter(puts in puts()) {
        let mut last: std::collections::BTreeMap<usize, Put> = Default::default();
        puts.iter().for_each(|one| { last.insert(one.0, one.clone()); });
        let (mut forward, mut backward) = (Registry::new(), Registry::new());
        puts.iter().for_each(|one| put(&mut forward, one));
        last.values().rev().for_each(|one| put(&mut backward, one));
        prop_assert_eq!(forward.digest(), backward.digest());
        prop_assert_eq!(forward.encode(), backward.encode());
        for key in ["a", "b", "ab", "aba", "bbb"] {
            prop_assert_eq!(owner(&forward, key), owner(&backward, key));
        }
    }

    #[test]
    fn decoding_gives_back_what_was_encoded(puts in puts()) {
        let mut registry = Registry::new();
        puts.iter().for_each(|one| put(&mut registry, one));
        let decoded = Registry::decode(&registry.encode()).unwrap();
        prop_assert_eq!(decoded.digest(), registry.digest());
        prop_assert_eq!(decoded.encode(), registry.encode());
        let bytes = registry.iter().map(|entry| entry.definition().bytes(&entry.name)).sum::<u64>();
        prop_assert_eq!((registry.bytes(), decoded.bytes()), (bytes, bytes));
    }

    #[test]
    fn damage_is_an_error_or_another_registry(
        puts in puts(),
        damage in proptest::collection::vec((any::<usize>(), any::<u8>()), 0..4),
        cut in any::<usize>(),
    ) {
        let mut registry = Registry::new();
        puts.iter().for_each(|one| put(&mut registry, one));
        let mut bytes = registry.encode();
        for (at, byte) in damage {
            let length = bytes.len();
            bytes[at % length] = byte;
        }
        bytes.truncate(1 + cut % bytes.len() * 2);
        if let Ok(decoded) = Registry::decode(&bytes) {
            prop_assert_eq!(decoded.encode(), bytes);
        }
    }
}

#[test]
fn unknown_versions_and_trailing_bytes_are_refused() {
    assert!(Registry::decode(&[]).is_err());
    assert!(Registry::decode(&[2]).is_err());
    assert!(Registry::decode(&[1, 0]).is_err());
    assert!(Registry::decode(&[1, 4, 1, 0, 0, 0, b'a', 0, 0, 0, 0]).is_err());
    assert!(Registry::decode(&[1]).unwrap().is_empty());
}
