//! Encodes the registry as bytes, for RDB files and rewritten AOFs, and decodes it.
//!
//! A registry has exactly one encoding: the names are sorted, and decoding refuses any other order.
//!
//! ```text
//! version  1 byte: 1
//! then for each schema, in the order of names:
//! flags    1 byte: bit 0 `format` asserts, bit 1 has a prefix
//! parts    name, text, [prefix]; each after its length as 4 bytes, little-endian
//! ```

use std::fmt;

use super::entry::{valid_name, valid_prefix, Definition};
use super::registry::Registry;

const VERSION: u8 = 1;
const ASSERT_FORMAT: u8 = 1;
const HAS_PREFIX: u8 = 2;

/// The reason why bytes cannot be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecodeError(&'static str);

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for DecodeError {}

impl Registry {
    /// The encoding of the whole registry. Equal registries have equal encodings.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        for entry in self.iter() {
            let prefix = entry.prefix.as_deref();
            let mut flags = 0;
            if entry.assert_format {
                flags |= ASSERT_FORMAT;
            }
            if prefix.is_some() {
                flags |= HAS_PREFIX;
            }
            bytes.push(flags);
            for part in [Some(entry.name.as_bytes()), Some(&entry.text), prefix]
                .into_iter()
                .flatten()
            {
                // Redis limits an argument to 512 MiB by default.
                let length = u32::try_from(part.len()).expect("a part below 4 GiB");
                bytes.extend(length.to_le_bytes());
                bytes.extend(part);
            }
        }
        bytes
    }

    /// Decodes the bytes of [`Registry::encode`]. Compiles nothing.
    ///
    /// # Errors
    ///
    /// The version is unknown, the bytes end too early or too late, a name or prefix is invalid, or
    /// names are out of order. A schema that does not compile is no error, see [`Registry::put`].
    pub fn decode(bytes: &[u8]) -> Result<Registry, DecodeError> {
        let mut rest = bytes;
        match take(&mut rest, 1)? {
            [VERSION] => {}
            _ => return Err(DecodeError("a registry of an unknown version")),
        }
        let mut registry = Registry::new();
        let mut last = "";
        while !rest.is_empty() {
            let flags = take(&mut rest, 1)?[0];
            if flags & !(ASSERT_FORMAT | HAS_PREFIX) != 0 {
                return Err(DecodeError("a schema with unknown flags"));
            }
            let name = valid_name(part(&mut rest)?).map_err(DecodeError)?;
            if name <= last {
                return Err(DecodeError("schemas out of order"));
            }
            last = name;
            let text = part(&mut rest)?;
            let prefix = if flags & HAS_PREFIX != 0 {
                Some(valid_prefix(part(&mut rest)?).map_err(DecodeError)?)
            } else {
                None
            };
            registry.put(
                name,
                Definition {
                    text,
                    assert_format: flags & ASSERT_FORMAT != 0,
                    prefix,
                },
            );
        }
        Ok(registry)
    }
}

/// The next `length` bytes.
fn take<'a>(rest: &mut &'a [u8], length: usize) -> Result<&'a [u8], DecodeError> {
    let (taken, left) = rest
        .split_at_checked(length)
        .ok_or(DecodeError("a registry that is cut short"))?;
    *rest = left;
    Ok(taken)
}

/// The next part, after its length.
fn part<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], DecodeError> {
    let mut length = [0; 4];
    length.copy_from_slice(take(rest, 4)?);
    let length = usize::try_from(u32::from_le_bytes(length))
        .map_err(|_| DecodeError("a registry that is cut short"))?;
    take(rest, length)
}
