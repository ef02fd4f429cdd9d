//! The fuzz targets: functions that take any bytes and panic if a property of the module is violated.
//!
//! They use only the pure part of the module, so they need no server. libFuzzer runs them from
//! `fuzz_targets`, and `tests/fuzz.rs` runs them with random mutations of the seeds.

#[path = "patterns.rs"]
pub mod patterns;
#[path = "pointers.rs"]
pub mod pointers;
#[path = "program.rs"]
pub mod program;

use std::hash::{BuildHasher, RandomState};

use jsonschema::json::JsonNumber;
use redis_session::json::{
    Arena, Document, Edits, EncodedEdits, Number, Padded, Pointer, ScanMemory, Value, ValueKind,
};
use redis_session::schema::{Registry, Validator, Violations};
use redis_session::session::{self, codec, Session};
use redis_session::{id, json, slots};

/// A fuzz target. It panics if it finds an error.
pub type Target = fn(&[u8]);

/// All targets by name.
pub const ALL: [(&str, Target); 13] = [
    ("codec", codec),
    ("id", id),
    ("json", json),
    ("patch", patch),
    ("patterns", patterns::patterns),
    ("pointers", pointers::pointers),
    ("program", program::program),
    ("registry", registry),
    ("scan", scan),
    ("schema", schema),
    ("skip", skip),
    ("slots", slots),
    ("users", users),
];

/// Bytes of a session are refused, or decoded to a session that encodes and decodes to itself.
pub fn codec(input: &[u8]) {
    let mut session = match codec::decode(input) {
        Ok(session::Value::Session(session)) => session,
        Ok(alias @ session::Value::Alias(_)) => {
            let mut again = Vec::new();
            codec::encode(&alias, &mut again);
            assert!(again.len() <= input.len());
            let read = codec::decode(&again).expect("what was written can be read");
            assert_eq!(format!("{alias:?}"), format!("{read:?}"));
            return;
        }
        Err(damage) => {
            let damage: codec::Damage = damage;
            assert!(is_line(&format!("{damage:?}")));
            return;
        }
    };
    let encode = |session: &Session<'_>| {
        let mut bytes = Vec::new();
        codec::encode_session(session, &mut bytes);
        bytes
    };
    let bytes = encode(&session);
    // The encoder writes each number in its shortest form.
    assert!(bytes.len() <= input.len());
    let again = session_of(&bytes);
    assert_eq!(fields(&session), fields(&again));
    assert_eq!(bytes, encode(&again));
    for now in [0, 1, session.accessed(), i64::MAX] {
        session.is_live(now);
        session.order(now);
        let mut later = session;
        later.record_access(now);
        later.correct_times(now);
        assert!(!later.correct_times(now));
        let packed = session::packed::Packed::of(&session::Value::Session(later));
        let bytes = packed.parts().concat();
        let shape = session::packed::read_shape(&bytes, packed.satisfied, packed.time);
        let session::packed::PackedValue::Session(shape) = shape else {
            panic!("a session became an alias");
        };
        for (interval, slower) in [(0, 1), (1000, 10), (i64::MAX, 10)] {
            shape.access_is_due(now, interval, slower);
        }
    }
    assert!(session.limit_base(i64::MAX) >= session.created());
    // A changed session can be encoded and decoded too.
    let version = session.version();
    let other: &[u8] = if session.data() == b"0" { b"1" } else { b"0" };
    assert!(session.replace_data(other));
    session.record_access(i64::MAX);
    assert!(session.version() >= version);
    let bytes = encode(&session);
    assert_eq!(fields(&session), fields(&session_of(&bytes)));
    // The form in memory keeps every field.
    let value = session::Value::Session(session);
    let packed = session::packed::Packed::of(&value);
    let bytes = packed.parts().concat();
    let read = session::packed::read(&bytes, packed.satisfied, packed.time);
    assert_eq!(format!("{value:?}"), format!("{read:?}"));
}

fn session_of(bytes: &[u8]) -> Session<'_> {
    let value = codec::decode(bytes).expect("what was written can be read");
    value.session().expect("a session")
}

fn fields<'a>(s: &Session<'a>) -> impl PartialEq + std::fmt::Debug + use<'a> {
    let times = [s.created(), s.issued(), s.accessed()];
    let more = (s.authenticated(), s.timeouts(), s.schema(), s.user());
    (s.data(), s.version(), times, more)
}

/// Data, a line feed, and a patch. The patch is refused, or results in strict JSON; a merge patch that is
/// applied again changes nothing.
pub fn patch(input: &[u8]) {
    const LIMIT: usize = 1 << 16;
    let at = input.iter().position(|&byte| byte == b'\n');
    let (data, patch) = input.split_at(at.unwrap_or(input.len()));
    let (mut old, mut new) = (Arena::new(), Arena::new());
    let (Ok(document), Ok(patch)) = (old.parse(data), new.parse(patch)) else {
        return;
    };
    let (mut out, mut values) = (Vec::new(), Arena::new());
    let mut edits = Edits::new();
    let is_merge = patch.root().kind() == ValueKind::Object;
    if is_merge {
        json::merge(data, patch, &mut values, &mut edits).expect("the data is JSON");
        edits.apply(data, &mut out);
    } else if let Err(error) = json::apply(document, patch, LIMIT, &mut out) {
        assert!(!error.to_string().is_empty());
        return;
    }
    assert!(is_merge || out.len() <= LIMIT || out.len() <= data.len());
    let mut result = Arena::new();
    match result.parse(&out) {
        Ok(_) if is_merge => {
            json::merge(&out, patch, &mut values, &mut edits).expect("the result is JSON");
            assert!(edits.is_empty(), "a merge patch changes nothing twice");
        }
        Ok(_) => {}
        // The result can be nested too deeply, if the patch puts deep values into deep data.
        Err(error) => assert!(error.to_string().contains("deep"), "{error}"),
    }
}

/// Text, and JSON Pointers on the lines behind it. In JSON each leads where it leads in the tree. In
/// any other text nothing but an answer matters. Edits of it are written and read without a change.
pub fn skip(input: &[u8]) {
    let mut lines = input.split(|&byte| byte == b'\n');
    let text = lines.next().unwrap_or_default();
    let pointers = lines.filter_map(|line| Pointer::parse(std::str::from_utf8(line).ok()?).ok());
    let pointers: Vec<_> = pointers.collect();
    let (mut arena, mut edits) = (Arena::new(), Edits::new());
    let found = json::find(text, &pointers);
    let popped = json::pop(text, &pointers, &mut edits);
    if let Ok(document) = arena.parse(text) {
        let root = document.root();
        let wanted = pointers.iter().map(|pointer| pointer.resolve(root));
        let wanted: Vec<_> = wanted.map(|value| value.map(Value::span)).collect();
        assert_eq!(found.as_ref(), Ok(&wanted));
        assert_eq!(popped.is_ok(), !pointers.iter().any(Pointer::is_root));
        let mut rest = Vec::new();
        edits.apply(text, &mut rest);
        assert!(Arena::new().parse(&rest).is_ok());
    }
    let (mut encoded, mut direct, mut read) = (Vec::new(), Vec::new(), Vec::new());
    edits.encode(text.len(), &mut encoded);
    edits.apply(text, &mut direct);
    let edits = EncodedEdits::decode(&encoded).expect("what was written can be read");
    assert!(edits.apply(text, &mut read));
    assert_eq!(direct, read);
    if let Some(edits) = EncodedEdits::decode(input) {
        let _ = edits.apply(text, &mut read);
    }
    // A patch, and data that need not be JSON.
    let (mut patch, mut values) = (Arena::new(), Arena::new());
    let patch = patch
        .parse(br#"{"a":{"b":null,"c":[1]},"b":"x","c":null}"#)
        .expect("JSON");
    let _ = json::merge(text, patch, &mut values, &mut Edits::new());
}

/// Text in place of a reply of CLUSTER NODES is parsed to a set of slots, or to nothing.
pub fn slots(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    if let Some(served) = slots::Slots::of_myself(&text) {
        assert!(text.contains("myself"));
        assert!(!served.has(slots::SLOTS) && !served.has(usize::MAX));
    }
    let slot = slots::slot_of(input);
    assert!(slot < slots::SLOTS);
    if let Some(tag) = slots::tag(input) {
        assert_eq!(slots::slot_of(tag), slot);
    }
}

/// Steps of three bytes each (action, database and user, key) on the index of users and on a map as its
/// model. Both have the same content at the end.
pub fn users(input: &[u8]) {
    use redis_session::users::EVERYWHERE;
    use std::collections::{BTreeMap, BTreeSet};
    let mut index = redis_session::users::Index::new(redis_session::users::Slotting::None);
    let mut model: BTreeMap<(usize, String), BTreeSet<Vec<u8>>> = BTreeMap::new();
    for step in input.chunks_exact(3) {
        let (database, user) = (usize::from(step[1] & 3), format!("user{}", step[1] >> 5));
        let key = vec![step[2]; usize::from(step[2])];
        match step[0] {
            0..=160 => {
                index.add(database, &user, &key, i64::from(step[0]));
                model.entry((database, user)).or_default().insert(key);
            }
            161..=250 => {
                index.remove(database, &user, &key);
                if let Some(keys) = model.get_mut(&(database, user)) {
                    keys.remove(&key);
                }
            }
            251..=253 => {
                let other = usize::from(step[2] & 3);
                index.swap(database, other);
                let swapped = |at| match at {
                    _ if at == database => other,
                    _ if at == other => database,
                    _ => at,
                };
                let all = std::mem::take(&mut model);
                model.extend(
                    all.into_iter()
                        .map(|((at, user), keys)| ((swapped(at), user), keys)),
                );
            }
            _ => {
                let mut remains = index.forget(Some(database));
                remains.free_some(usize::from(step[2]));
                model.retain(|(at, _), _| *at != database);
            }
        }
    }
    model.retain(|_, keys| !keys.is_empty());
    assert_eq!(index.users(), model.len());
    for ((database, user), wanted) in model {
        let part = index.part(database, &user, EVERYWHERE, None, usize::MAX);
        let keys: BTreeSet<_> = part.keys.iter().map(Vec::from).collect();
        assert_eq!(index.count(database, &user), wanted.len());
        assert_eq!(keys, wanted);
    }
}

/// Key patterns: a stem with a hash tag gives every ID the same slot, and no other stem does.
pub fn id(input: &[u8]) {
    match id::stem(input) {
        Some(stem) => assert_eq!([stem, b"*"].concat(), input),
        None => assert_ne!(input.last(), Some(&b'*')),
    }
    let hashed_with = |id: &[u8]| hashed(&[input, id].concat()).to_vec();
    let same = hashed_with(b"0123456789abcdef") == hashed_with(b"tfedcba9876543210");
    assert_eq!(slots::tag(input).is_some(), same);
    let token_id = id::token_id(input);
    assert!(token_id[0] == b't' && token_id[1..].iter().all(u8::is_ascii_hexdigit));
}

/// The hashed part of a key, as the Redis Cluster specification defines it.
fn hashed(key: &[u8]) -> &[u8] {
    let mut open = 0;
    while open < key.len() && key[open] != b'{' {
        open += 1;
    }
    if open == key.len() {
        return key;
    }
    let mut close = open + 1;
    while close < key.len() && key[close] != b'}' {
        close += 1;
    }
    if close == key.len() || close == open + 1 {
        return key;
    }
    &key[open + 1..close]
}

/// A text is refused if serde_json refuses it or the module is stricter; else both read the same.
pub fn json(input: &[u8]) {
    let mut arena = Arena::new();
    let theirs = serde_json::from_slice::<serde_json::Value>(input);
    let document = match arena.parse(input) {
        Ok(document) => document,
        Err(error) => {
            assert!(error.line > 0 && error.column > 0 && is_line(&error.to_string()));
            let stricter = ["duplicate member name", "nested deeper than 128 levels"];
            assert!(
                theirs.is_err() || stricter.contains(&error.reason),
                "{error}"
            );
            return;
        }
    };
    assert_eq!(document.text().as_bytes(), input);
    let tree = document.root().to_value();
    match theirs {
        Ok(theirs) => assert_eq!(tree, theirs),
        // serde_json allows one level less, and no number beyond an f64.
        Err(error) => {
            let why = error.to_string();
            let known = ["recursion limit exceeded", "number out of range"];
            assert!(known.iter().any(|known| why.starts_with(known)), "{why}");
        }
    }
    let mut walk = Walk::default();
    walk.value(document.root());
    assert!(
        document.fuel_left() == u64::MAX,
        "only validators burn fuel"
    );
    for pointer in &walk.strings {
        read_pointer(pointer, document);
    }

    // The text of its root, and the text of its tree, are read as the same value.
    let mut other = Arena::new();
    let again = other.parse(document.root().text().as_bytes());
    assert_eq!(again.expect("a value is a text").root().to_value(), tree);
    let text = serde_json::to_vec(&tree).expect("a tree has a text");
    let again = other.parse(&text).expect("a tree's text is strict JSON");
    assert_eq!(again.root().to_value(), tree);
}

/// The scan says yes only to what the parser takes. It says yes to all of that but names with escapes,
/// wherever the text stands, and whatever the memory was used for before.
pub fn scan(input: &[u8]) {
    let mut memory = ScanMemory::new();
    let mut is_strict = |before: &[u8]| {
        let mut buffer = Vec::with_capacity(before.len() + input.len());
        buffer.extend_from_slice(before);
        buffer.extend_from_slice(input);
        Padded::within(&mut buffer, before.len(), |padded| {
            json::is_strict(padded, &mut memory)
        })
    };
    let said_yes = is_strict(b"");
    assert_eq!(said_yes, is_strict(b"before"), "one text, one answer");
    if Arena::new().parse(input).is_err() {
        assert!(!said_yes, "not JSON");
    } else if !said_yes {
        assert!(has_escaped_name(input), "JSON");
    }
}

/// Whether a text, which is JSON, has a name with an escape.
fn has_escaped_name(text: &[u8]) -> bool {
    let mut rest = text.iter();
    while rest.any(|&byte| byte == b'"') {
        let mut is_escaped = false;
        loop {
            match rest.next() {
                Some(b'\\') => {
                    is_escaped = true;
                    rest.next();
                }
                Some(b'"') => break,
                _ => {}
            }
        }
        let mut behind = rest.clone().filter(|byte| !b" \n\r\t".contains(byte));
        if is_escaped && behind.next() == Some(&b':') {
            return true;
        }
    }
    false
}

#[derive(Default)]
struct Walk<'s> {
    tokens: Vec<String>,
    /// Some of the strings, to try as pointers.
    strings: Vec<&'s str>,
    values: usize,
}

impl<'s> Walk<'s> {
    fn value(&mut self, value: Value<'s>) {
        self.values += 1;
        if self.values < 100 {
            self.points_at(value);
        }
        let kind = value.kind();
        assert_eq!(value.members().is_some(), kind == ValueKind::Object);
        assert_eq!(value.elements().is_some(), kind == ValueKind::Array);
        assert_eq!(value.as_str().is_some(), kind == ValueKind::String);
        assert_eq!(value.as_bool().is_some(), kind == ValueKind::Boolean);
        assert_eq!(value.is_null(), kind == ValueKind::Null);
        if let Some(string) = value.as_str() {
            if self.strings.len() < 100 && string.len() < 1000 {
                self.strings.push(string);
            }
        } else if let Some(number) = value.as_number() {
            read_number(number);
        } else if let Some(members) = value.members() {
            assert_eq!(members.clone().count(), value.len());
            let mut end = value.span().start;
            for (name, member) in members {
                let found = value.get(name).expect("a member is found by its name");
                assert_eq!(found.span(), member.span());
                end = self.part(name.to_owned(), member, end);
            }
            assert!(end < value.span().end);
        } else if let Some(elements) = value.elements() {
            assert_eq!(elements.clone().count(), value.len());
            let mut end = value.span().start;
            for (at, element) in elements.enumerate() {
                end = self.part(at.to_string(), element, end);
            }
            assert!(end < value.span().end);
        }
        assert!(value.get("no such name \u{1}").is_none() || kind == ValueKind::Object);
    }

    /// Checks a member or an element, which begins after `after`. Returns its end.
    fn part(&mut self, token: String, value: Value<'s>, after: usize) -> usize {
        assert!(value.span().start > after);
        self.tokens.push(token);
        self.value(value);
        self.tokens.pop();
        value.span().end
    }

    /// Checks that the pointer to this value leads to it.
    fn points_at(&self, value: Value<'s>) {
        let escape = |token: &String| format!("/{}", token.replace('~', "~0").replace('/', "~1"));
        let text: String = self.tokens.iter().map(escape).collect();
        let pointer = Pointer::parse(&text).expect("a pointer");
        assert_eq!(pointer.to_string(), text);
        let found = pointer.resolve(value.document().root());
        assert_eq!(found.expect("is there").span(), value.span());
    }
}

fn read_number(number: Number<'_>) {
    let text = number.text();
    assert_eq!(number.as_u64(), text.parse::<u64>().ok());
    if text != "-0" {
        assert_eq!(number.as_i64(), text.parse::<i64>().ok());
    }
    let nearest = text.parse::<f64>().expect("JSON's numbers are Rust's");
    assert_eq!(number.as_f64(), Some(nearest).filter(|n| n.is_finite()));
    assert!(number.is_integer() || !number.is_written_as_integer());
    number.to_number();
    // Another spelling of the same number is equal to it, unless the exponent is absurdly large: such
    // a number equals only its own spelling.
    let exponent = text
        .split_once(['e', 'E'])
        .map(|(_, exponent)| exponent.parse::<i64>());
    if exponent.is_some_and(|exponent| exponent.map_or(true, |n| n.unsigned_abs() >= 1 << 62)) {
        return;
    }
    let longer = match text.split_once(['e', 'E']) {
        Some((digits, exponent)) if digits.contains('.') => format!("{digits}00e{exponent}"),
        Some((digits, exponent)) => format!("{digits}.0E{exponent}"),
        None if text.contains('.') => format!("{text}0e0"),
        None => format!("{text}.0"),
    };
    let mut arena = Arena::new();
    let document = arena.parse(longer.as_bytes()).expect("a number");
    let other = document.root().as_number().expect("a number");
    assert_eq!(number, other);
    assert_eq!(number.is_integer(), other.is_integer());
    let state = RandomState::new();
    assert_eq!(state.hash_one(number), state.hash_one(other));
}

fn read_pointer(text: &str, document: Document<'_>) {
    let Ok(pointer) = Pointer::parse(text) else {
        return;
    };
    assert_eq!(pointer.to_string(), text);
    assert_eq!(pointer.is_root(), text.is_empty());
    let found = pointer.resolve(document.root());
    if let (Some(slash), Some(last)) = (text.rfind('/'), pointer.tokens().last()) {
        let parent = Pointer::parse(&text[..slash]).expect("a pointer");
        assert!(pointer.starts_with(&parent) && !parent.starts_with(&pointer));
        let within = parent.resolve(document.root());
        let part = within.and_then(|value| match json::array_index(last) {
            Some(at) if value.kind() == ValueKind::Array => value.elements()?.nth(at),
            _ => value.get(last),
        });
        assert_eq!(part.map(Value::span), found.map(Value::span));
    }
}

/// Bytes of a registry are refused, or decoded to a registry that encodes to the same bytes.
pub fn registry(input: &[u8]) {
    let mut registry = match Registry::decode(input) {
        Ok(registry) => registry,
        Err(error) => {
            assert!(is_line(&error.to_string()));
            return;
        }
    };
    assert_eq!(registry.encode(), input);
    let keys = registry.iter().filter_map(|entry| entry.prefix.clone());
    let mut keys: Vec<_> = keys.map(Vec::from).collect();
    keys.push(input.to_vec());
    for key in &keys {
        // The schema with the longest prefix; the first of several.
        let prefix = |entry: &redis_session::schema::Entry| entry.prefix.clone().map(Vec::from);
        let fits = registry
            .iter()
            .filter_map(|entry| Some((prefix(entry)?, entry)));
        let fits = fits.filter(|(prefix, _)| key.starts_with(prefix));
        let best = fits.reduce(|best, next| {
            if next.0.len() > best.0.len() {
                next
            } else {
                best
            }
        });
        let found = registry.for_key(key).map(|entry| &entry.name);
        assert_eq!(found, best.map(|(_, entry)| &entry.name));
    }
    for entry in registry.iter() {
        assert!(registry.get(&entry.name).is_some());
        if let Err(reason) = entry.validator() {
            assert!(is_line(reason));
        }
    }
    let digest = registry.digest();
    let names: Vec<_> = registry.iter().map(|entry| entry.name.clone()).collect();
    for name in names {
        assert!(registry.remove(&name) && registry.get(&name).is_none());
        assert_ne!(registry.digest(), digest);
    }
    assert_eq!(registry.encode(), [1]);
}

/// A schema, and after a byte 0xff (which no JSON contains) data to check with it.
pub fn schema(input: &[u8]) {
    let (text, data) = match input.iter().position(|&byte| byte == 0xff) {
        Some(at) => (&input[..at], &input[at + 1..]),
        None => (input, &b"{\"a\":[1,\"b\",{\"c\":null}],\"b\":-1.5e3}"[..]),
    };
    let mut arena = Arena::new();
    for assert_format in [false, true] {
        match Validator::compile(text, assert_format) {
            Ok(validator) => {
                check(&validator, &mut arena, data);
                check(&validator, &mut arena, text);
            }
            Err(reason) => assert!(is_line(&reason), "{reason}"),
        }
    }
}

fn check(validator: &Validator, arena: &mut Arena, data: &[u8]) {
    let Ok(document) = arena.parse(data) else {
        return;
    };
    let verdict: Result<(), Violations> = validator.check(document);
    if let Err(violations) = &verdict {
        assert!(is_line(&violations.to_string()), "{violations}");
    }
    assert_eq!(validator.check(document), verdict);
}

/// Whether this is one line of printable ASCII that is not long, as every error text must be.
fn is_line(text: &str) -> bool {
    (1..2000).contains(&text.len()) && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}
