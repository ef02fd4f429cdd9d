//! What `$dynamicRef` and `$recursiveRef` may lead to.

use referencing::{Draft, Resolver};
use serde_json::Value;

use super::walk::Walk;

impl<'r> Walk<'r> {
    /// Adds what only a dynamic reference can reach: everything with an anchor for one.
    pub(super) fn anchors(
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
                    // Data that looks like a schema may have anything for an $id.
                    if let Ok(found) = resolver.in_subresource(draft.create_resource_ref(value)) {
                        inner = found;
                        resolver = &inner;
                        resource = self.resource(resolver);
                    }
                }
                for member in members.values() {
                    self.anchors(member, resolver, draft, resource)?;
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.anchors(item, resolver, draft, resource)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Lets every dynamic reference lead to all that it could mean.
    pub(super) fn link_dynamic(&mut self) {
        for index in 0..self.graph.nodes.len() {
            let mut more: Vec<u32> = Vec::new();
            for at in 0..self.graph.nodes[index].references.len() {
                let reference = &self.graph.nodes[index].references[at];
                let target = &self.graph.nodes[reference.target as usize].schema;
                let name = match reference.keyword {
                    "$recursiveRef" => {
                        (target.get("$recursiveAnchor") == Some(&Value::Bool(true))).then_some("")
                    }
                    // The library takes `$ref` to such an anchor as dynamic, too.
                    _ if reference.named => target.get("$dynamicAnchor").and_then(Value::as_str),
                    _ => None,
                };
                let candidates = name.and_then(|name| self.anchored.get(name));
                if let Some(candidates) = candidates.filter(|found| found.len() > 1) {
                    let named = reference.target;
                    more.extend(candidates.iter().filter(|&&other| other != named));
                    self.graph.nodes[index].references[at].dynamic = true;
                }
            }
            self.graph.nodes[index].same.extend(more);
        }
    }
}
