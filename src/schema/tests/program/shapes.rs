//! The rules that schemas become, where that decides how fast they are or what they can tell.

use crate::schema::program::rule::{Also, Bound, Mixed, Object, Program, Rule, Types};
use crate::schema::Validator;
use serde_json::{json, Value};
use std::sync::Arc;

const DRAFT_4: &str = "http://json-schema.org/draft-04/schema#";
const DRAFT_7: &str = "http://json-schema.org/draft-07/schema#";
const DRAFT_2019: &str = "https://json-schema.org/draft/2019-09/schema";

#[track_caller]
fn try_program(schema: &Value, assert_format: bool) -> Option<Arc<Program>> {
    let text = schema.to_string();
    let validator = Validator::compile(text.as_bytes(), assert_format);
    validator.expect("a test schema").program
}

#[track_caller]
fn program(schema: Value) -> Arc<Program> {
    try_program(&schema, false).expect("a program")
}

#[track_caller]
fn in_draft(draft: &str, mut schema: Value) -> Arc<Program> {
    schema["$schema"] = json!(draft);
    program(schema)
}

#[track_caller]
fn mixed(program: &Program) -> &Mixed {
    match program.root {
        Rule::Mixed(at) => &program.mixed[at as usize],
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn object(program: &Program) -> &Object {
    match program.root {
        Rule::Object(at) => &program.objects[at as usize],
        other => panic!("{other:?}"),
    }
}

/// The names of an object, in their order.
fn names(object: &Object) -> Vec<&str> {
    let members = object.members.split_last().expect("nowhere").1;
    members
        .iter()
        .map(|member| std::str::from_utf8(&member.name).expect("a name"))
        .collect()
}

#[test]
fn a_schema_of_one_type_is_a_rule_without_a_table() {
    for (schema, rule) in [
        (json!({}), Rule::Anything),
        (json!(true), Rule::Anything),
        (
            json!({"title": "x", "minContains": 2, "then": false}),
            Rule::Anything,
        ),
        (json!({"type": "boolean"}), Rule::Boolean),
        (json!({"enum": [true, false]}), Rule::Boolean),
        (
            json!({"type": "string"}),
            Rule::Text {
                min: 0,
                max: u32::MAX,
            },
        ),
        (
            json!({"type": "string", "minLength": 1, "maxLength": 9}),
            Rule::Text { min: 1, max: 9 },
        ),
        (
            json!({"type": "integer"}),
            Rule::Integer {
                min: i64::MIN,
                max: i64::MAX,
            },
        ),
        (
            json!({"type": "integer", "exclusiveMinimum": 0.5, "maximum": 7}),
            Rule::Integer { min: 1, max: 7 },
        ),
        (
            json!({"$ref": "#/$defs/a", "$defs": {"a": {"type": "boolean"}}}),
            Rule::Boolean,
        ),
        (
            json!({"allOf": [{"type": ["integer", "string"]}, {"minimum": 3}, {"type": "integer"}]}),
            Rule::Integer {
                min: 3,
                max: i64::MAX,
            },
        ),
    ] {
        assert_eq!(program(schema.clone()).root, rule, "{schema}");
    }
}

#[test]
fn short_words_are_compared_as_numbers() {
    let words = program(json!({"enum": ["b", "a", "eightby8", ""]}));
    assert_eq!(words.root, Rule::Word(0));
    let word = |text: &[u8; 8]| u64::from_le_bytes(*text);
    let expected = [
        0,
        word(b"a\0\0\0\0\0\0\0"),
        word(b"b\0\0\0\0\0\0\0"),
        word(b"eightby8"),
    ];
    assert_eq!(*words.words[0], expected);
    // Those that break another rule are left out.
    assert_eq!(
        *program(json!({"enum": ["a", "bc"], "minLength": 2})).words[0],
        [0x6362]
    );
    assert_eq!(
        *program(json!({"enum": ["a", "b"], "pattern": "b"})).words[0],
        [0x62]
    );
    let long = program(json!({"enum": ["ninebytes", "a"]}));
    let text = mixed(&long).text.unwrap() as usize;
    let list = long.texts[text].one_of.as_ref().unwrap();
    assert_eq!(**list, [b"a"[..].into(), b"ninebytes"[..].into()]);
}

#[test]
fn bounds_are_those_of_the_draft() {
    let number = |program: &Program| match program.root {
        Rule::Number(at) => program.numbers[at as usize].clone(),
        other => panic!("{other:?}"),
    };
    let bound = |digits, scale, is_exclusive| {
        Some(Bound {
            digits,
            scale,
            is_exclusive,
        })
    };
    let newer = number(&program(
        json!({"type": "number", "minimum": 0.25, "exclusiveMaximum": 10}),
    ));
    assert_eq!(
        (newer.min, newer.max),
        (bound(25, 2, false), bound(10, 0, true))
    );
    let both = number(&program(
        json!({"type": "number", "minimum": 1, "exclusiveMinimum": 1.0}),
    ));
    assert_eq!(both.min, bound(1, 0, true));
    let older = in_draft(
        DRAFT_4,
        json!({"type": "number", "minimum": 1, "exclusiveMinimum": true, "maximum": 2}),
    );
    let older = number(&older);
    assert_eq!(
        (older.min, older.max),
        (bound(1, 0, true), bound(2, 0, false))
    );
    // Too exact for doubles.
    assert!(
        number(&program(
            json!({"type": "number", "minimum": 1234567890123456789u64})
        ))
        .is_unsure
    );
    assert!(number(&program(json!({"type": "number", "multipleOf": 0.1}))).is_unsure);
    assert_eq!(
        number(&program(json!({"type": "number", "multipleOf": 3}))).multiple_of,
        Some(3)
    );
    assert_eq!(
        program(json!({"type": "integer", "minimum": i64::MIN, "maximum": u64::MAX})).root,
        Rule::Integer {
            min: -999_999_999_999_999_999,
            max: 999_999_999_999_999_999
        }
    );
}

#[test]
fn an_optional_value_is_one_rule_of_two_types() {
    for keyword in ["anyOf", "oneOf"] {
        let optional =
            program(json!({keyword: [{"type": "string", "maxLength": 5}, {"type": "null"}]}));
        let mixed = mixed(&optional);
        assert_eq!(mixed.types, Types::STRING.or(Types::NULL));
        assert!(mixed.text.is_some() && mixed.also.is_empty());
    }
    let words = program(json!({"anyOf": [{"const": "a"}, {"enum": ["b"]}]}));
    assert_eq!(*words.words[0], [0x61, 0x62]);
    let number = program(json!({"anyOf": [{"type": "integer"}, {"type": "number"}]}));
    assert_eq!(number.numbers[0].types, Types::NUMBER);
    // 1 would satisfy both.
    let one = program(json!({"oneOf": [{"type": "integer"}, {"type": "number"}]}));
    assert!(matches!(&*mixed(&one).also, [Also::One(_)]));
}

#[test]
fn alternatives_that_exclude_each_other_are_tried_until_one_is_found() {
    let kind = |word: &str| json!({"type": "object", "required": ["kind"], "properties": {"kind": {"const": word}}});
    let told = program(json!({"oneOf": [kind("a"), kind("b"), kind("c")]}));
    assert!(matches!(&*mixed(&told).also, [Also::Any(rules)] if rules.len() == 3));
    let same = program(json!({"oneOf": [kind("a"), kind("b"), kind("a")]}));
    assert!(matches!(&*mixed(&same).also, [Also::One(_)]));
    let lacking = |word: &str| json!({"type": "object", "properties": {"kind": {"const": word}}});
    let one = program(json!({"oneOf": [kind("a"), lacking("b")]}));
    assert!(matches!(&*mixed(&one).also, [Also::Any(_)]));
    let two = program(json!({"oneOf": [lacking("a"), lacking("b")]}));
    assert!(matches!(&*mixed(&two).also, [Also::One(_)]));
}

#[test]
fn members_of_all_parts_are_members_of_one_object() {
    let merged = program(json!({"allOf": [
        {"type": "object", "required": ["a"], "properties": {"a": {"minimum": 1}, "b": {"type": "integer"}}},
        {"properties": {"a": {"type": "integer"}}, "additionalProperties": {"maximum": 9}, "required": ["c"]},
    ]}));
    let object = object(&merged);
    assert_eq!(names(object), ["a", "b", "c"]);
    let max = |min| Rule::Integer { min, max: 9 };
    assert_eq!(
        object.members[0].rule,
        Rule::Integer {
            min: 1,
            max: i64::MAX
        }
    );
    assert_eq!(object.members[1].rule, max(i64::MIN));
    assert_eq!(
        object.required,
        object.members[0].bit | object.members[2].bit
    );
    assert_eq!(Some(object.members[2].rule), object.additional);
    // What is additional to one is a member of the other.
    let closed = program(
        json!({"type": "object", "additionalProperties": false, "properties": {"a": {}}, "allOf": [{"properties": {"b": {}}}]}),
    );
    let rules: Vec<Rule> = closed.objects[0]
        .members
        .iter()
        .map(|member| member.rule)
        .collect();
    assert_eq!(closed.objects[0].additional, None);
    assert_eq!(rules[0], Rule::Anything);
    assert!(matches!(rules[1], Rule::Mixed(at) if closed.mixed[at as usize].types == Types::NONE));
}

#[test]
fn patterns_of_names_are_part_of_the_members_they_match() {
    let patterns = program(json!({
        "type": "object",
        "properties": {"x1": {"minimum": 1}, "y": {}},
        "patternProperties": {"^x": {"type": "integer"}},
        "additionalProperties": false,
        "propertyNames": {"maxLength": 3},
    }));
    let object = object(&patterns);
    assert_eq!(
        object.members[0].rule,
        Rule::Integer {
            min: 1,
            max: i64::MAX
        }
    );
    assert_eq!(object.members[1].rule, Rule::Anything);
    assert!(matches!(&*object.patterns, [(0, Rule::Integer { .. })]));
    assert_eq!(object.additional, None);
    assert!(object.names.is_some());
    // In draft 4 no keyword of that name is known.
    let older = in_draft(
        DRAFT_4,
        json!({"type": "object", "propertyNames": {"maxLength": 3}}),
    );
    assert_eq!(older.objects[0].names, None);
    // One part would need what is additional to it where another part's pattern matches.
    let part = |name: &str| json!({"patternProperties": {name: {}}, "additionalProperties": {"type": "null"}});
    let parts = program(json!({"type": "object", "allOf": [part("^a"), part("^b")]}));
    assert!(matches!(&*mixed(&parts).also, [Also::All(_)]));
}

#[test]
fn more_names_than_bits_are_required_by_further_rules() {
    let required: Vec<String> = (0..130).map(|n| format!("n{n:03}")).collect();
    let properties: serde_json::Map<_, _> = (0..200)
        .map(|n| (format!("n{n:03}"), json!(true)))
        .collect();
    let many = program(json!({"type": "object", "required": required, "properties": properties}));
    assert!(matches!(&*mixed(&many).also, [Also::All(_), Also::All(_)]));
    let bits: Vec<u32> = many
        .objects
        .iter()
        .map(|object| object.required.count_ones())
        .collect();
    assert_eq!(bits.iter().sum::<u32>(), 130);
    assert_eq!(
        many.objects.iter().map(|object| names(object).len()).max(),
        Some(200)
    );
}

#[test]
fn what_a_member_needs_is_bits_or_a_choice() {
    let needs = program(
        json!({"type": "object", "dependentRequired": {"a": ["b"]}, "dependencies": {"b": ["c"]}}),
    );
    let object = object(&needs);
    let bit = |at: usize| object.members[at].bit;
    assert_eq!(*object.needs, [(bit(0), bit(1)), (bit(1), bit(2))]);
    let choice = program(json!({"dependentSchemas": {"a": {"required": ["b"]}}}));
    assert!(matches!(&*mixed(&choice).also, [Also::If { .. }]));
    let older = in_draft(
        DRAFT_7,
        json!({"dependentSchemas": {"a": false}, "dependentRequired": {"a": ["b"]}}),
    );
    assert_eq!(older.root, Rule::Anything);
}

#[test]
fn elements_are_those_of_the_draft() {
    let array = |program: &Program| match program.root {
        Rule::Array(at) => program.arrays[at as usize].clone(),
        other => panic!("{other:?}"),
    };
    let pair = json!([{"type": "boolean"}, {"type": "integer"}]);
    let newer = array(&program(
        json!({"type": "array", "prefixItems": pair, "items": false}),
    ));
    assert_eq!(
        (newer.prefix.len(), newer.max, newer.items),
        (2, 2, Rule::Anything)
    );
    let older = array(&in_draft(
        DRAFT_2019,
        json!({"type": "array", "items": pair, "additionalItems": {"type": "boolean"}, "prefixItems": [false]}),
    ));
    assert_eq!((older.prefix.len(), older.items), (2, Rule::Boolean));
    let contains = json!({"type": "array", "contains": {"type": "boolean"}, "minContains": 2, "maxContains": 3});
    let found = array(&program(contains.clone())).contains.unwrap();
    assert_eq!((found.rule, found.min, found.max), (Rule::Boolean, 2, 3));
    let found = array(&in_draft(DRAFT_7, contains.clone()))
        .contains
        .unwrap();
    assert_eq!((found.min, found.max), (1, u32::MAX));
    assert_eq!(array(&in_draft(DRAFT_4, contains)).contains, None);
}

#[test]
fn a_reference_stands_alone_before_2019() {
    let schema =
        json!({"$ref": "#/definitions/a", "minimum": 3, "definitions": {"a": {"type": "integer"}}});
    let all = |min| Rule::Integer { min, max: i64::MAX };
    assert_eq!(in_draft(DRAFT_7, schema.clone()).root, all(i64::MIN));
    assert_eq!(in_draft(DRAFT_2019, schema).root, all(3));
}

#[test]
fn a_format_is_checked_where_it_asserts() {
    let schema = json!({"type": "string", "format": "date"});
    let any = Rule::Text {
        min: 0,
        max: u32::MAX,
    };
    assert_eq!(program(schema.clone()).root, any);
    let asserted = try_program(&schema, true).unwrap();
    let (one, other) = (
        &asserted.texts[0].formats,
        &in_draft(DRAFT_7, schema.clone()).texts[0].formats,
    );
    assert!(one.len() == 1 && other.len() == 1 && !Arc::ptr_eq(&one[0], &other[0]));
    let again = try_program(&schema, true).unwrap();
    assert!(
        Arc::ptr_eq(&one[0], &again.texts[0].formats[0]),
        "one validator for all schemas"
    );
    // 2019-09 defines it, draft 7 does not.
    let uuid = json!({"$schema": DRAFT_7, "type": "string", "format": "uuid"});
    assert_eq!(program(uuid.clone()).root, any);
    assert_eq!(try_program(&uuid, true).unwrap().texts[0].formats.len(), 1);
    // Too slow to be checked without fuel.
    let regex = try_program(&json!({"type": "string", "format": "regex"}), true).unwrap();
    assert!(regex.texts[0].is_unsure && regex.texts[0].formats.is_empty());
}

#[test]
fn what_is_not_known_is_not_sure_for_its_type_only() {
    let unsure = |schema: Value| mixed(&program(schema)).unsure;
    assert_eq!(unsure(json!({"enum": ["a", [1]]})), Types::ARRAY);
    assert_eq!(unsure(json!({"enum": [{}, null]})), Types::OBJECT);
    assert_eq!(unsure(json!({"unevaluatedItems": false})), Types::ARRAY);
    assert_eq!(
        unsure(json!({"unevaluatedProperties": false})),
        Types::OBJECT
    );
    let older = in_draft(DRAFT_7, json!({"unevaluatedProperties": false}));
    assert_eq!(older.root, Rule::Anything);
    let same_key = json!({"type": ["object", "null"], "properties": {"a": {}, "a\0": {}}});
    assert_eq!(unsure(same_key), Types::OBJECT);
    let pattern = program(json!({"pattern": "^\\p{L}{1,200}$"}));
    assert!(pattern.texts[0].is_unsure);
    for schema in [
        json!({"$dynamicRef": "#/$defs/a", "$defs": {"a": {"type": "null"}}}),
        json!({"const": {"a": 1}}),
        json!({"type": "object", "unevaluatedProperties": false}),
        json!({"$ref": "#/$defs/a", "$defs": {"a": {"$schema": DRAFT_7, "$id": "http://a/b", "type": "null"}}}),
    ] {
        assert!(try_program(&schema, false).is_none(), "{schema}");
    }
}

#[test]
fn a_schema_that_refers_to_itself_has_as_many_rules_as_subschemas() {
    let tree = program(json!({
        "type": "object",
        "properties": {"next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}, "all": {"items": {"$ref": "#"}}},
        "additionalProperties": {"$ref": "#"},
    }));
    // One for the root, and one for an object or null.
    assert_eq!(tree.objects.len(), 2);
    assert_eq!(object(&tree).additional, Some(tree.root));
}

/// Parts of parts: each set of them is a rule of its own, and they are as many as there are sets.
#[test]
fn rules_are_in_proportion_to_the_schema() {
    let part = |n: usize| {
        let name = |m: usize| format!("m{m}");
        let members: serde_json::Map<_, _> = (0..20)
            .filter(|m| (n >> (m % 5)) & 1 == 0 || m % 3 == 0)
            .map(|m| {
                (
                    name(m),
                    json!({"$ref": format!("#/$defs/{}", (n * 7 + m) % 40)}),
                )
            })
            .collect();
        let all = [json!({"$ref": format!("#/$defs/{}", (n + 1) % 40)})];
        json!({"properties": members, "items": {"allOf": all}})
    };
    let parts: serde_json::Map<_, _> = (0..40).map(|n| (n.to_string(), part(n))).collect();
    let hostile = json!({"$defs": parts, "properties": {"a": {"$ref": "#/$defs/0"}}, "allOf": [
        {"$ref": "#/$defs/1"}, {"$ref": "#/$defs/2"}, {"$ref": "#/$defs/3"},
    ]});
    let bytes = hostile.to_string().len();
    let program = program(hostile);
    let members: usize = program
        .objects
        .iter()
        .map(|object| object.members.len())
        .sum();
    assert!(
        members < 1000 + bytes / 2,
        "{members} members of {bytes} bytes"
    );
}

#[test]
fn no_more_choices_are_nested_than_a_check_may_follow() {
    let part = |n: usize| json!({"required": [format!("n{n}")]});
    let nested =
        |depth: usize| (0..depth).fold(part(99), |inner, n| json!({"anyOf": [inner, part(n)]}));
    assert!(try_program(&nested(16), false).is_some());
    assert!(try_program(&nested(17), false).is_none());
}
