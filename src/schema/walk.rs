//! Reads a schema into a [`Graph`].
//!
//! The walk follows references as jsonschema does, and reads only subschemas that can apply, so that
//! limits on the graph do not count unused definitions.

use std::collections::HashMap;

use referencing::{Draft, Resolver};
use serde_json::{Map, Value};

use super::dynamic::{self, Anchored};
use super::graph::{Graph, Reference};
use super::keywords::{subschemas, AppliesTo};
use super::pointer::place;
use super::text::excerpt;

/// The most subschemas in a schema, with those of a published meta-schema that it refers to. Each
/// takes about 500 bytes when compiled.
const MAX_SUBSCHEMAS: usize = 100_000;

/// Reads all subschemas that can ever apply, from `root` on. Subschemas that nothing refers to (in
/// `$defs`) are left out.
///
/// # Errors
///
/// The reason for a refusal: a reference without a target, too many subschemas, or an unknown
/// `$schema` in a part of the schema.
pub(super) fn read<'r>(
    registry: &'r referencing::Registry<'r>,
    base: referencing::Uri<String>,
    root: &'r Value,
    draft: Draft,
) -> Result<Graph<'r>, String> {
    let mut walk = Walk {
        graph: Graph::empty(),
        resources: HashMap::new(),
        open: Vec::new(),
        anchored: HashMap::new(),
        has_dynamic: false,
    };
    let resolver = registry.resolver(base);
    let resource = walk.resource(&resolver);
    walk.node(root, &resolver, draft, resource)?;
    walk.read_open(root)?;
    if walk.has_dynamic {
        walk.add_anchored(root, &resolver, draft, resource)?;
        walk.read_open(root)?;
    }
    dynamic::link(&mut walk.graph, &walk.anchored);
    Ok(walk.graph)
}

struct Walk<'r> {
    graph: Graph<'r>,
    /// The numbers of resources, by their base URIs.
    resources: HashMap<String, u32>,
    /// The nodes whose keywords are still to be read.
    open: Vec<(u32, Resolver<'r>, Draft)>,
    anchored: Anchored<'r>,
    /// Whether there is a reference that may be dynamic.
    has_dynamic: bool,
}

impl<'r> Walk<'r> {
    /// Reads the open nodes, and those that they lead to.
    fn read_open(&mut self, root: &Value) -> Result<(), String> {
        while let Some((index, resolver, draft)) = self.open.pop() {
            let schema = self.graph.nodes[index as usize].schema;
            if let Value::Object(keywords) = schema {
                self.read_keywords(index, keywords, resolver, draft)
                    .map_err(|error| format!("{error} (at {})", place(root, schema)))?;
            }
        }
        Ok(())
    }

    /// The number of the resource in which `resolver` resolves.
    fn resource(&mut self, resolver: &Resolver<'r>) -> u32 {
        let next = self.resources.len() as u32;
        let uri = resolver.base_uri();
        if let Some(&known) = self.resources.get(uri.as_str()) {
            return known;
        }
        self.resources.insert(uri.as_str().to_owned(), next);
        next
    }

    /// The node for `schema`, which lies in `resource` unless it starts one of its own.
    fn node(
        &mut self,
        schema: &'r Value,
        resolver: &Resolver<'r>,
        draft: Draft,
        resource: u32,
    ) -> Result<u32, String> {
        if let Some(known) = self.graph.find(schema) {
            return Ok(known);
        }
        if self.graph.nodes.len() >= MAX_SUBSCHEMAS {
            return Err(format!(
                "has more than {MAX_SUBSCHEMAS} subschemas; use a smaller one"
            ));
        }
        let draft = draft.detect(schema);
        if draft == Draft::Unknown {
            return Err(
                "has a part with a $schema other than drafts 4, 6, 7, 2019-09 and 2020-12; \
                 use one of these"
                    .to_owned(),
            );
        }
        let inner = resolver
            .in_subresource(draft.create_resource_ref(schema))
            .map_err(|error| excerpt(&error.to_string(), 300))?;
        let resource = if std::sync::Arc::ptr_eq(&inner.base_uri(), &resolver.base_uri()) {
            resource
        } else {
            self.resource(&inner)
        };
        let index = self.graph.add(schema, resource, draft);
        if schema.is_object() {
            self.open.push((index, inner, draft));
        }
        Ok(index)
    }

    fn read_keywords(
        &mut self,
        index: u32,
        keywords: &'r Map<String, Value>,
        resolver: Resolver<'r>,
        draft: Draft,
    ) -> Result<(), String> {
        let resource = self.graph.nodes[index as usize].resource;
        let mut in_place = Vec::new();
        let mut children = Vec::new();
        for (keyword, value) in keywords {
            let Some((to, found)) = subschemas(keyword, value) else {
                continue;
            };
            let into = match to {
                AppliesTo::SameValue => &mut in_place,
                AppliesTo::Children => &mut children,
            };
            for schema in found {
                into.push(self.node(schema, &resolver, draft, resource)?);
            }
        }
        let nested = in_place.len();
        let mut references = Vec::new();
        for keyword in ["$ref", "$dynamicRef", "$recursiveRef"] {
            if let Some(Value::String(reference)) = keywords.get(keyword) {
                let target = self.follow(keyword, reference, &resolver)?;
                self.has_dynamic |= keyword != "$ref"
                    || self.graph.nodes[target as usize]
                        .schema
                        .get("$dynamicAnchor")
                        .is_some();
                in_place.push(target);
                references.push(Reference {
                    keyword,
                    target,
                    named: reference.split_once('#').is_some_and(|(_, fragment)| {
                        !fragment.is_empty() && !fragment.starts_with('/')
                    }),
                    dynamic: false,
                });
            }
        }
        if let Some(Value::String(anchor)) = keywords.get("$dynamicAnchor") {
            self.anchored.entry(anchor).or_default().push(index);
        }
        if keywords.get("$recursiveAnchor") == Some(&Value::Bool(true)) {
            self.anchored.entry("").or_default().push(index);
        }
        let node = &mut self.graph.nodes[index as usize];
        node.in_place = in_place;
        node.nested = nested;
        node.children = children;
        node.references = references;
        Ok(())
    }

    /// The node that a reference names.
    fn follow(
        &mut self,
        keyword: &str,
        reference: &str,
        resolver: &Resolver<'r>,
    ) -> Result<u32, String> {
        let target = resolver.lookup(reference).map_err(|_| {
            format!(
                "has a {keyword} to \"{}\", which is not in it; nothing is fetched, so put it \
                 under $defs",
                excerpt(reference, 100)
            )
        })?;
        let (schema, resolver, draft) = target.into_inner();
        let resource = self.resource(&resolver);
        self.node(schema, &resolver, draft, resource)
    }

    /// Adds every part of `value` that has an anchor for dynamic references. Such a part can apply
    /// although no static reference names it.
    fn add_anchored(
        &mut self,
        value: &'r Value,
        resolver: &Resolver<'r>,
        draft: Draft,
        resource: u32,
    ) -> Result<(), String> {
        let (mut resource, mut draft) = (resource, draft);
        let inner;
        let mut resolver = resolver;
        match value {
            Value::Object(members) => {
                if members.contains_key("$dynamicAnchor")
                    || members.contains_key("$recursiveAnchor")
                {
                    self.node(value, resolver, draft, resource)?;
                }
                if members.get("$id").is_some_and(Value::is_string) {
                    draft = draft.detect(value);
                    // In data, as under `enum`, an $id need not be a URI.
                    if let Ok(found) = resolver.in_subresource(draft.create_resource_ref(value)) {
                        inner = found;
                        resolver = &inner;
                        resource = self.resource(resolver);
                    }
                }
                for member in members.values() {
                    self.add_anchored(member, resolver, draft, resource)?;
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.add_anchored(item, resolver, draft, resource)?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}
