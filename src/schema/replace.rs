//! Puts other patterns in the place of those in a schema: see [`Replacements`].

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::graph::Graph;
use super::matcher::Matcher;
use super::patterns::Replacements;
use super::percent::fragment;
use super::pointer::{push_token, unescaped};

/// Keywords whose value is data and not a schema.
const DATA: [&str; 4] = ["enum", "const", "default", "examples"];

/// The schema with other patterns.
pub(super) struct Replaced {
    pub schema: Value,
    /// The keyword in the place of `pattern` where a string has a matcher.
    pub keyword: String,
    /// The matchers, by the values of that keyword.
    pub matchers: HashMap<String, Arc<Matcher>>,
    /// The patterns that the schema had, by those in their place.
    given: HashMap<String, String>,
}

impl Replaced {
    /// The schema with other patterns in all subschemas of `graph`; `None` if there are none.
    ///
    /// # Errors
    ///
    /// A part of the schema is both a subschema and data.
    pub fn of(
        root: &Value,
        graph: &Graph<'_>,
        replacements: Replacements,
    ) -> Result<Option<Self>, String> {
        if replacements.is_empty() {
            return Ok(None);
        }
        let mut keyword = "stepwisePattern".to_owned();
        while has_member(root, &keyword) {
            keyword.push('_');
        }
        let walk = Walk {
            graph,
            replacements: &replacements,
            keyword: &keyword,
            data_applies: Cell::new(false),
        };
        let schema = walk.copy(root);
        if walk.data_applies.get() {
            return Err(
                "refers to a part of an enum, const, default or examples; put it under $defs"
                    .into(),
            );
        }
        let Replacements { texts, matchers } = replacements;
        Ok(Some(Self {
            schema,
            keyword,
            matchers,
            given: texts.into_iter().map(|(old, new)| (new, old)).collect(),
        }))
    }

    /// The pointer to a place in the schema as it was given, from that in the present one.
    pub fn pointer_before(&self, pointer: &str) -> String {
        let mut before = String::new();
        for token in pointer.split('/').skip(1) {
            let token = token.replace("~1", "/").replace("~0", "~");
            let token = match &self.given.get(&token) {
                Some(given) => given,
                None if token == self.keyword => "pattern",
                None => &token,
            };
            push_token(&mut before, token);
        }
        before
    }
}

fn has_member(value: &Value, name: &str) -> bool {
    match value {
        Value::Object(members) => members
            .iter()
            .any(|(member, value)| member == name || has_member(value, name)),
        Value::Array(items) => items.iter().any(|item| has_member(item, name)),
        _ => false,
    }
}

struct Walk<'g, 'r> {
    graph: &'g Graph<'r>,
    replacements: &'g Replacements,
    keyword: &'g str,
    /// Whether a subschema was found in data, which cannot be replaced.
    data_applies: Cell<bool>,
}

impl Walk<'_, '_> {
    fn has_subschema(&self, value: &Value) -> bool {
        self.graph.find(value).is_some()
            || match value {
                Value::Object(members) => members.values().any(|value| self.has_subschema(value)),
                Value::Array(items) => items.iter().any(|item| self.has_subschema(item)),
                _ => false,
            }
    }

    fn copy(&self, value: &Value) -> Value {
        match value {
            Value::Object(members) => {
                let applies = self.graph.find(value).is_some();
                let copy = |(name, member): (&String, &Value)| self.member(name, member, applies);
                Value::Object(members.iter().map(copy).collect())
            }
            Value::Array(items) => Value::Array(items.iter().map(|item| self.copy(item)).collect()),
            other => other.clone(),
        }
    }

    /// A member of an object; `applies` says that the object is a subschema that can apply.
    fn member(&self, name: &str, member: &Value, applies: bool) -> (String, Value) {
        let texts = &self.replacements.texts;
        let replaced = match (name, member) {
            (name, _) if applies && DATA.contains(&name) => {
                let applied = self.data_applies.get() || self.has_subschema(member);
                self.data_applies.set(applied);
                member.clone()
            }
            ("pattern", Value::String(pattern)) if applies => {
                if self.replacements.matchers.contains_key(pattern) {
                    return (self.keyword.to_owned(), member.clone());
                }
                Value::String(texts.get(pattern).unwrap_or(pattern).clone())
            }
            // Here even where it never applies, since a pointer may lead through it.
            ("patternProperties", Value::Object(patterns)) => {
                let copy = |(pattern, schema): (&String, &Value)| {
                    let text = texts.get(pattern).unwrap_or(pattern);
                    (text.clone(), self.copy(schema))
                };
                Value::Object(patterns.iter().map(copy).collect::<Map<_, _>>())
            }
            ("$ref" | "$dynamicRef", Value::String(reference)) => {
                Value::String(self.reference(reference).unwrap_or(reference.clone()))
            }
            _ => self.copy(member),
        };
        (name.to_owned(), replaced)
    }

    /// The reference with the new names of the members of `patternProperties` in its pointer; `None`
    /// if it leads through none of them.
    fn reference(&self, reference: &str) -> Option<String> {
        let (uri, old) = reference.split_once('#')?;
        let mut changed = false;
        let mut pointer = String::new();
        let mut before = String::new();
        for token in old.strip_prefix('/')?.split('/') {
            let mut token = unescaped(token)?;
            let new = self.replacements.texts.get(&token);
            if let Some(new) = new.filter(|_| before == "patternProperties") {
                token.clone_from(new);
                changed = true;
            }
            push_token(&mut pointer, &token);
            before = token;
        }
        changed.then(|| format!("{uri}{}", fragment(&pointer)))
    }
}
