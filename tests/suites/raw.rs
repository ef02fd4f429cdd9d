//! Parts of a JSON text, byte for byte. A parser's tree would not keep all digits of a number. Only for
//! texts that are known to be JSON.

/// The elements of an array.
pub fn elements(array: &str) -> Vec<&str> {
    split(array)
        .into_iter()
        .map(|(start, end)| array[start..end].trim())
        .collect()
}

/// The members of an object.
pub fn members(object: &str) -> Vec<(String, &str)> {
    let member = |(start, end): (usize, usize)| {
        let text = object[start..end].trim();
        let colon = end_of_string(text.as_bytes(), 0);
        let value = text[colon..]
            .trim_start()
            .strip_prefix(':')
            .expect("a colon");
        (string(&text[..colon]), value.trim())
    };
    split(object).into_iter().map(member).collect()
}

/// The value of one member.
pub fn member<'a>(object: &'a str, name: &str) -> &'a str {
    let found = members(object).into_iter().find(|(key, _)| key == name);
    found
        .unwrap_or_else(|| panic!("no member '{name}' in {object}"))
        .1
}

/// The text of a string.
pub fn string(text: &str) -> String {
    serde_json::from_str(text).expect("a JSON string")
}

/// The ranges between the outer brackets and the commas at their level.
fn split(text: &str) -> Vec<(usize, usize)> {
    let text = text.trim_end();
    let bytes = text.as_bytes();
    let first = text.find(['[', '{']).expect("an array or an object");
    let (mut parts, mut depth, mut start, mut at) = (Vec::new(), 0, first + 1, first);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                at = end_of_string(bytes, at);
                continue;
            }
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth -= 1,
            _ => {}
        }
        if (bytes[at] == b',' && depth == 1) || depth == 0 {
            parts.push((start, at));
            start = at + 1;
        }
        at += 1;
    }
    parts.retain(|&(start, end)| !text[start..end].trim().is_empty());
    parts
}

/// The position after the string that begins at `at`.
fn end_of_string(bytes: &[u8], mut at: usize) -> usize {
    at += 1;
    while bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}
