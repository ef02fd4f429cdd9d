//! Tells whether no value can satisfy two alternatives of `oneOf`, which are then as those of `anyOf`.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::super::rule::Types;
use super::reader::Reader;
use super::sets::Set;
use super::shape::Shape;

/// The most members that are tried as the one that tells alternatives apart.
const MAX_TRIED: usize = 16;

/// Whether each value satisfies at most one of the sets, as far as can be told quickly: by its type, or, for
/// objects, by a member that has other values in each.
pub fn are_exclusive(sets: &[Set], reader: &mut Reader<'_, '_>) -> bool {
    let shapes: Vec<Rc<Shape<'_>>> = sets.iter().map(|&set| reader.shape(set)).collect();
    let (objects, others): (Vec<_>, Vec<_>) =
        (shapes.iter()).partition(|shape| shape.types == Types::OBJECT);
    let mut seen = match objects.is_empty() {
        true => Types::NONE,
        false => Types::OBJECT,
    };
    for shape in others {
        if seen.meet(shape.types) {
            return false;
        }
        seen = seen.or(shape.types);
    }
    let [first, _, ..] = objects[..] else {
        return true;
    };
    let mut names = Vec::new();
    for &node in &first.object.parts {
        let keywords = reader.nodes.keywords(node);
        let properties = keywords.and_then(|keywords| keywords.get("properties")?.as_object());
        names.extend(
            properties
                .into_iter()
                .flat_map(|map| map.keys())
                .take(MAX_TRIED),
        );
    }
    names.truncate(MAX_TRIED);
    names.iter().any(|name| tells_apart(name, &objects, reader))
}

/// Whether each object must have a member of this name with other values, but one that may lack it.
fn tells_apart(name: &str, objects: &[&Rc<Shape<'_>>], reader: &mut Reader<'_, '_>) -> bool {
    let mut texts: BTreeSet<&str> = BTreeSet::new();
    let mut integers: BTreeSet<i64> = BTreeSet::new();
    let mut types = Types::NONE;
    let mut lacking = 0;
    for object in objects {
        lacking += usize::from(!object.object.required.contains(name));
        let Some(set) = property(name, object, reader) else {
            return false;
        };
        let value = reader.shape(set);
        if lacking > 1 || !reader.nodes.charge(value.size()) {
            return false;
        }
        let (mut rest, mut are_new) = (value.types, true);
        if let Some(one_of) = &value.text.one_of {
            rest = rest.without(Types::STRING);
            if value.types.meet(Types::STRING) {
                are_new &= one_of.iter().all(|text| texts.insert(text));
            }
        }
        if let Some(one_of) = &value.number.one_of {
            rest = rest.without(Types::NUMBER);
            if value.types.meet(Types::NUMBER) {
                are_new &= one_of.iter().all(|&integer| integers.insert(integer));
            }
        }
        // Of the other types only those with a few values can be listed.
        let listed = Types::NULL.or(Types::BOOLEAN);
        if !are_new || rest.without(listed) != Types::NONE || types.meet(rest) {
            return false;
        }
        types = types.or(rest);
    }
    true
}

/// What the member must satisfy at least; `None` if nothing is known of it.
fn property(name: &str, object: &Shape<'_>, reader: &mut Reader<'_, '_>) -> Option<Set> {
    let mut all = None;
    for &node in &object.object.parts {
        let properties = reader.nodes.keywords(node)?.get("properties");
        if let Some(schema) = properties.and_then(|map| map.as_object()?.get(name)) {
            let set = reader.nodes.set(schema);
            all = Some(reader.nodes.both(all.unwrap_or(Set::ALL), set));
        }
    }
    all
}
