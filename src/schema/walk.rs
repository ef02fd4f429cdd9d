//! Reading a schema into a [`Graph`].

use std::collections::HashMap;

use referencing::{Draft, Registry, Resolver};
use serde_json::{Map, Value};

use super::graph::{address, Graph, Node, Reference};
use super::measure::place;
use super::text::printable;

/// How many subschemas a schema may hold, counting those of a published meta-schema that it
/// refers to. Each takes about 500 bytes when compiled.
pub(super) const MAX_SUBSCHEMAS: usize = 100_000;

/// Keywords that apply their one subschema to the same value.
const SAME: [&str; 5] = ["not", "if", "then", "else", "extends"];
/// Keywords with a list of such subschemas.
const SAME_LISTS: [&str; 4] = ["allOf", "anyOf", "oneOf", "extends"];
/// Keywords with a map to such subschemas.
const SAME_MAPS: [&str; 2] = ["dependentSchemas", "dependencies"];
/// Keywords that apply their subschema to members, names or elements.
const PARTS: [&str; 8] = [
    "additionalProperties",
    "propertyNames",
    "unevaluatedProperties",
    "items",
    "additionalItems",
    "contains",
    "unevaluatedItems",
    "contentSchema",
];
const PART_LISTS: [&str; 2] = ["items", "prefixItems"];
const PART_MAPS: [&str; 2] = ["properties", "patternProperties"];

/// Whether a keyword applies one or more subschemas to the same value.
pub(super) fn applies_to_same(keyword: &str) -> bool {
    SAME.contains(&keyword) || SAME_LISTS.contains(&keyword) || SAME_MAPS.contains(&keyword)
}

pub(super) struct Walk<'r> {
    pub(super) graph: Graph<'r>,
    resources: HashMap<String, u32>,
    /// Nodes whose keywords were not read yet.
    open: Vec<(u32, Resolver<'r>, Draft)>,
    /// Nodes by their `$dynamicAnchor`; those with `$recursiveAnchor: true` under "".
    pub(super) anchored: HashMap<&'r str, Vec<u32>>,
    has_dynamic: bool,
}

impl<'r> Graph<'r> {
    /// Reads all subschemas that can ever apply, from `root` on.
    ///
    /// # Errors
    ///
    /// What is wrong: a reference that leads nowhere, too many subschemas, an unknown `$schema`
    /// in a part of the schema.
    pub fn new(
        registry: &'r Registry<'r>,
        base: referencing::Uri<String>,
        root: &'r Value,
        draft: Draft,
    ) -> Result<Self, String> {
        let mut walk = Walk {
            graph: Graph {
                nodes: Vec::new(),
                resources: 0,
                by_address: HashMap::new(),
            },
            resources: HashMap::new(),
            open: Vec::new(),
            anchored: HashMap::new(),
            has_dynamic: false,
        };
        let resolver = registry.resolver(base);
        let resource = walk.resource(&resolver);
        walk.node(root, &resolver, draft, resource)?;
        walk.all(root)?;
        if walk.has_dynamic {
            walk.anchors(root, &resolver, draft, resource)?;
            walk.all(root)?;
        }
        walk.link_dynamic();
        Ok(walk.graph)
    }
}

impl<'r> Walk<'r> {
    /// Reads all open nodes, and those that come up.
    fn all(&mut self, root: &Value) -> Result<(), String> {
        while let Some((index, resolver, draft)) = self.open.pop() {
            let schema = self.graph.nodes[index as usize].schema;
            if let Value::Object(keywords) = schema {
                self.read(index, keywords, resolver, draft)
                    .map_err(|error| format!("{error} (at {})", place(root, schema)))?;
            }
        }
        Ok(())
    }

    pub(super) fn resource(&mut self, resolver: &Resolver<'r>) -> u32 {
        let next = self.graph.resources;
        let uri = resolver.base_uri();
        if let Some(&known) = self.resources.get(uri.as_str()) {
            return known;
        }
        self.resources.insert(uri.as_str().to_owned(), next);
        self.graph.resources += 1;
        next
    }

    /// The node for `schema`, which lies in `resource` unless it starts one of its own.
    pub(super) fn node(
        &mut self,
        schema: &'r Value,
        resolver: &Resolver<'r>,
        draft: Draft,
        resource: u32,
    ) -> Result<u32, String> {
        if let Some(known) = self.graph.find(schema) {
            return Ok(known);
        }
        let index = self.graph.nodes.len();
        if index >= MAX_SUBSCHEMAS {
            return Err(format!(
                "has more than {MAX_SUBSCHEMAS} subschemas; use a smaller one"
            ));
        }
        let index = index as u32;
        self.graph.by_address.insert(address(schema), index);
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
            .map_err(|error| printable(&error.to_string(), 300))?;
        let resource = if std::sync::Arc::ptr_eq(&inner.base_uri(), &resolver.base_uri()) {
            resource
        } else {
            self.resource(&inner)
        };
        self.graph.nodes.push(Node {
            schema,
            same: Vec::new(),
            inside: 0,
            parts: Vec::new(),
            references: Vec::new(),
            resource,
        });
        if schema.is_object() {
            self.open.push((index, inner, draft));
        }
        Ok(index)
    }

    fn read(
        &mut self,
        index: u32,
        keywords: &'r Map<String, Value>,
        resolver: Resolver<'r>,
        draft: Draft,
    ) -> Result<(), String> {
        let resource = self.graph.nodes[index as usize].resource;
        let mut same = Vec::new();
        let mut parts = Vec::new();
        for (keyword, value) in keywords {
            let keyword = keyword.as_str();
            let mut found: Vec<&'r Value> = Vec::new();
            let (one, list, map, into) = if SAME.contains(&keyword) || SAME_LISTS.contains(&keyword)
            {
                (
                    SAME.contains(&keyword),
                    SAME_LISTS.contains(&keyword),
                    false,
                    &mut same,
                )
            } else if SAME_MAPS.contains(&keyword) {
                (false, false, true, &mut same)
            } else if PARTS.contains(&keyword) || PART_LISTS.contains(&keyword) {
                (
                    PARTS.contains(&keyword),
                    PART_LISTS.contains(&keyword),
                    false,
                    &mut parts,
                )
            } else if PART_MAPS.contains(&keyword) {
                (false, false, true, &mut parts)
            } else {
                continue;
            };
            match value {
                Value::Array(items) if list => found.extend(items),
                Value::Object(members) if map => found.extend(members.values()),
                Value::Object(_) | Value::Bool(_) if one => found.push(value),
                _ => {}
            }
            for schema in found {
                // `dependencies` may hold lists of names, too.
                if schema.is_object() || schema.is_boolean() {
                    into.push(self.node(schema, &resolver, draft, resource)?);
                }
            }
        }
        let inside = same.len();
        let mut references = Vec::new();
        for keyword in ["$ref", "$dynamicRef", "$recursiveRef"] {
            if let Some(Value::String(reference)) = keywords.get(keyword) {
                let target = self.follow(keyword, reference, &resolver)?;
                self.has_dynamic |= keyword != "$ref"
                    || self.graph.nodes[target as usize]
                        .schema
                        .get("$dynamicAnchor")
                        .is_some();
                same.push(target);
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
        node.same = same;
        node.inside = inside;
        node.parts = parts;
        node.references = references;
        Ok(())
    }

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
                printable(reference, 100)
            )
        })?;
        let (schema, resolver, draft) = target.into_inner();
        let resource = self.resource(&resolver);
        self.node(schema, &resolver, draft, resource)
    }
}
