//! A folder of schemas: NAME.json for each, and sessionctl.json with their settings.

use crate::failure::Failure;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// The file with the settings. A schema of this name is in a file whose name is escaped.
pub const MANIFEST: &str = "sessionctl.json";
const EXTENSION: &str = ".json";

/// What is registered under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// The text, byte for byte.
    pub text: String,
    pub settings: Settings,
}

impl Schema {
    /// SHA-256 of the text in hex, as SCHEMA LIST has it.
    pub fn digest(&self) -> String {
        HEXLOWER.encode(&Sha256::digest(&self.text))
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// New sessions whose key begins with this take the schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// Whether `format` is asserted in every draft.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub assertformat: bool,
}

/// Reads a folder.
///
/// # Errors
///
/// It has no schema, a file cannot be read, or the settings are wrong.
pub fn read(dir: &Path) -> Result<BTreeMap<String, Schema>, Failure> {
    let shown = dir.display();
    let unreadable =
        |error: std::io::Error| Failure::usage(format!("{shown} cannot be read: {error}"));
    let mut schemas = BTreeMap::new();
    let mut settings = BTreeMap::new();
    for entry in std::fs::read_dir(dir).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let Some(file) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        let Some(stem) = file.strip_suffix(EXTENSION) else {
            continue;
        };
        if stem.is_empty() || stem.starts_with('.') || !path.is_file() {
            continue;
        }
        let text = std::fs::read_to_string(&path).map_err(|error| {
            Failure::usage(format!("{} cannot be read: {error}", path.display()))
        })?;
        if file == MANIFEST {
            settings = manifest(&text, &path)?;
            continue;
        }
        let name = name_of(stem).ok_or_else(|| {
            Failure::usage(format!("{} is not the name of a schema", path.display()))
                .hint("It has 1 to 255 bytes. A '%' is written %25, a '/' %2F.")
        })?;
        let schema = Schema {
            text,
            settings: Settings::default(),
        };
        schemas.insert(name, schema);
    }
    if schemas.is_empty() {
        return Err(Failure::usage(format!("{shown} has no schema"))
            .hint("The schema NAME is in a file NAME.json."));
    }
    for (name, settings) in settings {
        match schemas.get_mut(&name) {
            Some(schema) => schema.settings = settings,
            None => {
                return Err(Failure::usage(format!(
                    "{shown}/{MANIFEST} names the schema '{name}', which has no file"
                )))
            }
        }
    }
    same_prefix(&schemas)?;
    Ok(schemas)
}

fn manifest(text: &str, path: &Path) -> Result<BTreeMap<String, Settings>, Failure> {
    serde_json::from_str(text).map_err(|error| {
        Failure::usage(format!("{} is wrong: {error}", path.display()))
            .hint(r#"Its form is {"NAME": {"prefix": "shop:", "assertformat": true}}."#)
    })
}

fn same_prefix(schemas: &BTreeMap<String, Schema>) -> Result<(), Failure> {
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, schema) in schemas {
        if let Some(prefix) = &schema.settings.prefix {
            if let Some(other) = owners.insert(prefix, name) {
                return Err(Failure::usage(format!(
                    "the schemas '{other}' and '{name}' have the same prefix '{prefix}'"
                ))
                .hint("A prefix belongs to one schema."));
            }
        }
    }
    Ok(())
}

/// The files of a folder with these schemas: names and texts.
pub fn files(schemas: &BTreeMap<String, Schema>) -> Result<BTreeMap<String, String>, Failure> {
    let mut files = BTreeMap::new();
    let mut manifest: BTreeMap<&str, &Settings> = BTreeMap::new();
    for (name, schema) in schemas {
        files.insert(file_of(name), schema.text.clone());
        if schema.settings != Settings::default() {
            manifest.insert(name, &schema.settings);
        }
    }
    if !manifest.is_empty() {
        let text = serde_json::to_string_pretty(&manifest)
            .map_err(|_| Failure::new("the settings of the schemas cannot be written as JSON"))?;
        files.insert(MANIFEST.to_owned(), text + "\n");
    }
    Ok(files)
}

/// The file of a schema. Whatever a file name may not have everywhere is percent-encoded.
fn file_of(name: &str) -> String {
    let mut file = String::new();
    for (i, byte) in name.bytes().enumerate() {
        let plain = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        if plain && !(i == 0 && (byte == b'.' || name == "sessionctl")) {
            file.push(char::from(byte));
        } else {
            file.push_str(&format!("%{byte:02X}"));
        }
    }
    file + EXTENSION
}

/// The schema of a file, whose extension is left out.
fn name_of(stem: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = stem.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    let name = String::from_utf8(bytes).ok()?;
    (1..=255).contains(&name.len()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_become_files_that_any_system_takes() {
        for (name, file) in [
            ("cart", "cart.json"),
            ("a/b", "a%2Fb.json"),
            ("..", "%2E..json"),
            ("sessionctl", "%73essionctl.json"),
            ("100%", "100%25.json"),
        ] {
            assert_eq!(file_of(name), file);
        }
        for stem in ["%", "%4", "%zz", "%FF", ""] {
            assert_eq!(name_of(stem), None, "{stem}");
        }
    }

    proptest! {
        #[test]
        fn every_name_comes_back_from_its_file(name in any::<String>().prop_filter("a name", |name| (1..=80).contains(&name.len()))) {
            let file = file_of(&name);
            prop_assert!(file != MANIFEST && !file.contains('/') && !file.starts_with('.'));
            let stem = file.strip_suffix(EXTENSION).expect("its extension");
            prop_assert_eq!(name_of(stem), Some(name));
        }
    }
}
