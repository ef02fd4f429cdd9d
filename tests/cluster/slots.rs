//! No command of the module reads, changes or creates a key outside the slots of the keys that it
//! declares: random commands, and a check of every slot after each.

use std::collections::BTreeMap;
use support::cluster_map::slot_of;
use support::cluster_users::tags;
use support::{args, say, Cluster, Conn, Random, Value};

const GRACE: i64 = 3_600_000;

/// The content of a slot: each key, with the digest of its value.
type Content = BTreeMap<Vec<u8>, Value>;

/// The content of each of these slots. Checks that no other slot has keys.
#[track_caller]
fn look(c: &mut Conn, slots: &[u16]) -> BTreeMap<u16, Content> {
    let ask: Vec<_> = slots
        .iter()
        .map(|slot| args!["CLUSTER", "GETKEYSINSLOT", slot, 100_000])
        .collect();
    let keys: Vec<Vec<Vec<u8>>> = c
        .pipeline(&ask)
        .iter()
        .map(|keys| {
            keys.items()
                .iter()
                .map(|key| key.bytes().to_vec())
                .collect()
        })
        .collect();
    let digests: Vec<_> = keys
        .iter()
        .flatten()
        .map(|key| args!["DEBUG", "DIGEST-VALUE", key])
        .collect();
    let mut digests = c.pipeline(&digests).into_iter();
    let mut all = 0;
    let mut content = BTreeMap::new();
    for (&slot, keys) in slots.iter().zip(keys) {
        let mut of_slot = Content::new();
        for key in keys {
            assert_eq!(
                slot_of(&key),
                slot,
                "{} is kept in a foreign slot",
                key.escape_ascii()
            );
            let digest = digests.next().expect("as many as keys");
            of_slot.insert(key, digest.items()[0].clone());
        }
        let count = c.ok(&args!["CLUSTER", "COUNTKEYSINSLOT", slot]).int();
        assert_eq!(count as usize, of_slot.len(), "slot {slot}");
        all += of_slot.len();
        content.insert(slot, of_slot);
    }
    assert_eq!(
        c.ok(&["DBSIZE"]).int() as usize,
        all,
        "keys in slots that no command named"
    );
    content
}

/// A random command, with the hash tag of the keys that it declares; none if it declares no keys.
fn any_command(
    random: &mut Random,
    tags: &[String],
    keys: &[String],
) -> (Option<String>, Vec<Vec<u8>>) {
    let tag = random.pick(tags).clone();
    let user = format!("user{}", random.below(3));
    let of_tag: Vec<_> = keys.iter().filter(|key| key.contains(&tag)).collect();
    let key = match of_tag.is_empty() {
        true => format!("s:{tag}:none"),
        false => random.pick(&of_tag).to_string(),
    };
    let (foreign, stem) = (random.pick(keys).clone(), format!("s:{tag}:*"));
    let n = random.below(1000);
    let (data, own) = (format!(r#"{{"n":{n}}}"#), format!("s:{tag}:{}", n % 4));
    let command = match random.below(23) {
        0..=2 => args!["SESSION.SET", stem, data, "USER", user].to_vec(),
        3 if n.is_multiple_of(2) => args![
            "SESSION.SET",
            stem,
            data,
            "USER",
            user,
            "MAXSESSIONS",
            2,
            "REFUSE"
        ]
        .to_vec(),
        3 => args!["SESSION.SET", stem, data, "USER", user, "MAXSESSIONS", 2].to_vec(),
        4 => args!["SESSION.SET", own, data, "NX"].to_vec(),
        5 => args!["SESSION.SET", key, data].to_vec(),
        6 => args!["SESSION.GET", key].to_vec(),
        7 => args!["SESSION.VERIFY", key].to_vec(),
        8 => args!["SESSION.TOUCH", key, "IDLE", 1000 + n].to_vec(),
        9 => args!["SESSION.PATCH", key, data].to_vec(),
        10 => args!["SESSION.POP", key, "/n"].to_vec(),
        11 | 12 => args!["SESSION.ROTATE", key, stem, "GRACE", GRACE].to_vec(),
        13 => args!["SESSION.ROTATE", key, stem, "USER", user, "MAXSESSIONS", 2].to_vec(),
        20 | 21 => args!["SESSION.ROTATE", key, own, "NX"].to_vec(),
        22 => args!["SESSION.IMPORT", own, data, "CREATED", 1, "USER", user].to_vec(),
        14 => args!["SESSION.DEL", key, own].to_vec(),
        15 => args!["COPY", key, own, "REPLACE"].to_vec(),
        16 => args!["RENAME", key, own].to_vec(),
        17 if n.is_multiple_of(2) => {
            return (None, args!["SESSION.LIST", user, "LIMIT", 1 + n].to_vec())
        }
        17 => return (None, args!["SESSION.LIST", user, "WITHINFO"].to_vec()),
        18 if n.is_multiple_of(2) => {
            return (
                None,
                args!["SESSION.REVOKE", user, "LIMIT", 3, "EXCEPT", foreign].to_vec(),
            )
        }
        18 => {
            return (
                None,
                args!["SESSION.REVOKE", user, "EXCEPT", foreign, key].to_vec(),
            )
        }
        _ => {
            return (
                None,
                args!["SESSION.REVOKE", user, "ONLY", foreign, key].to_vec(),
            )
        }
    };
    (Some(tag), command)
}

/// The number of the command's first arguments that are keys, for EVAL.
fn key_count(command: &[Vec<u8>]) -> usize {
    match &command[0][..] {
        b"SESSION.ROTATE" | b"SESSION.DEL" | b"COPY" | b"RENAME" => 2,
        _ => 1,
    }
}

#[test]
fn no_command_touches_a_key_outside_the_slots_of_its_keys() {
    let cluster = Cluster::start();
    cluster.configure("session.max-grace-ms", &GRACE.to_string());
    let mut random = Random::seeded();
    let node = &cluster.nodes[0];
    let all = tags(60);
    let here = |tag: &&String| cluster.owner_of(tag).port() == node.port();
    let tags: Vec<_> = all.iter().filter(here).take(10).cloned().collect();
    let slots: Vec<_> = tags.iter().map(slot_of).collect();
    let (mut c, mut watcher) = (node.conn(), node.conn());
    let mut before = look(&mut watcher, &slots);
    let (mut done, mut failed, mut most) = (0, 0, 0);
    for _ in 0..1500 {
        let keys: Vec<_> = before.values().flat_map(Content::keys).cloned().collect();
        let mut keys: Vec<_> = keys
            .into_iter()
            .map(|key| String::from_utf8(key).unwrap())
            .collect();
        most = most.max(keys.len());
        keys.push("s:{elsewhere}:1".into());
        let (tag, command) = any_command(&mut random, &tags, &keys);
        // Plain, in a transaction, in a script, or after a value of another slot (now and then an alias)
        // was restored to this one.
        let reply = match (random.below(6), &tag) {
            (0, Some(_)) => {
                c.ok(&["MULTI"]);
                c.ok(&command);
                c.ok(&["EXEC"]).items()[0].clone()
            }
            (1, Some(_)) => {
                let count = key_count(&command);
                let script = match count {
                    1 => "return redis.call(ARGV[1], KEYS[1], unpack(ARGV, 2))",
                    _ if command.len() == 3 => "return redis.call(ARGV[1], KEYS[1], KEYS[2])",
                    _ => "return redis.call(ARGV[1], KEYS[1], KEYS[2], unpack(ARGV, 2))",
                };
                let eval = args!["EVAL", script, count];
                let (name, rest) = (&command[..1], &command[1..]);
                c.cmd(&[&eval[..], &rest[..count], name, &rest[count..]].concat())
            }
            (2, Some(tag)) if !keys.is_empty() => {
                let afar = random.pick(&keys).clone();
                let dump = c.cmd(&args!["DUMP", afar]);
                if let Value::Bulk(dump) = dump {
                    let to = format!("s:{tag}:{}", random.below(4));
                    c.ok(&args!["RESTORE", to, 0, dump, "REPLACE"]);
                }
                c.cmd(&command)
            }
            _ => c.cmd(&command),
        };
        *if reply.error().is_some() {
            &mut failed
        } else {
            &mut done
        } += 1;
        let after = look(&mut watcher, &slots);
        let changed: Vec<_> = slots
            .iter()
            .filter(|slot| before[slot] != after[slot])
            .collect();
        let shown = support::resp::shown(&command);
        match (&tag, &command[0][..]) {
            (Some(tag), _) => {
                let own = slot_of(tag);
                assert!(
                    changed.iter().all(|slot| **slot == own),
                    "{shown}: {changed:?}, not {own}"
                );
            }
            (None, b"SESSION.REVOKE") => {
                for slot in changed {
                    let still =
                        |(key, value): (&Vec<u8>, &Value)| before[slot].get(key) == Some(value);
                    assert!(
                        after[slot].iter().all(still),
                        "{shown} has changed more than it ended"
                    );
                }
            }
            (None, _) => assert!(changed.is_empty(), "{shown}: {changed:?}"),
        }
        before = after;
    }
    assert!(done > 1000, "only {done} commands did something");
    cluster.assert_replicas_agree();
    say(&format!(
        "{done} random commands done and {failed} refused in 10 slots with up to {most} keys"
    ));
}
