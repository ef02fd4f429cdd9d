//! The groups of a pattern: captures, names, and the flags that a group sets.

use jsonschema_regex::is_valid_ecma_regex;

use super::fault::Fault;
use super::reader::Reader;

/// The open groups of a pattern.
#[derive(Default)]
pub(super) struct Groups<'p> {
    flags: Flags,
    open: Vec<Group>,
    names: Vec<&'p str>,
    /// The first group whose name another had before.
    same_name: Option<usize>,
}

struct Group {
    start: usize,
    /// The flags around the group.
    outside: Flags,
}

/// The flags that a group can set and that change the translation.
#[derive(Default, Clone, Copy)]
struct Flags {
    ignore_case: bool,
    dot_all: bool,
}

impl<'p> Groups<'p> {
    pub fn ignore_case(&self) -> bool {
        self.flags.ignore_case
    }

    pub fn dot_all(&self) -> bool {
        self.flags.dot_all
    }

    /// Opens a group; its parenthesis, at `start`, was read.
    pub fn open(
        &mut self,
        reader: &mut Reader<'p>,
        start: usize,
        text: &mut String,
    ) -> Result<(), Fault> {
        self.open.push(Group {
            start,
            outside: self.flags,
        });
        text.push('(');
        if !reader.eat("?") {
            return Ok(());
        }
        if reader.eat(":") {
            text.push_str("?:");
        } else if reader.eat("=") || reader.eat("!") {
            return Err(reader.not_linear("look-ahead", start));
        } else if reader.eat("<=") || reader.eat("<!") {
            return Err(reader.not_linear("look-behind", start));
        } else if reader.eat("<") {
            self.name(reader, start)?;
        } else {
            let modifiers = reader.take(|c| c != ':' && c != ')');
            if !self.set(modifiers) || !reader.eat(":") {
                return Err(reader.syntax("an unknown kind of group", start));
            }
            text.push('?');
            text.push_str(modifiers);
            text.push(':');
        }
        Ok(())
    }

    /// Reads the name of a group. The translation leaves it out, because only back-references use it.
    fn name(&mut self, reader: &mut Reader<'p>, start: usize) -> Result<(), Fault> {
        let before = reader.rest();
        let mut first = true;
        loop {
            let character = match reader.next() {
                Some('>') if !first => break,
                Some('\\') if reader.eat("u") => reader.unicode().and_then(char::from_u32),
                other => other,
            };
            let belongs = |c: char| {
                matches!(c, '$' | '_')
                    || c.is_alphabetic()
                    || (!first && (c.is_alphanumeric() || matches!(c, '\u{200C}' | '\u{200D}')))
            };
            if !character.is_some_and(belongs) {
                return Err(reader.syntax("a group without a valid name", start));
            }
            first = false;
        }
        let name = &before[..before.len() - reader.rest().len() - 1];
        if self.names.contains(&name) {
            self.same_name.get_or_insert(start);
        }
        self.names.push(name);
        Ok(())
    }

    /// Sets the flags of a group such as `(?i-s:`. False if they are not valid.
    fn set(&mut self, modifiers: &str) -> bool {
        let valid = modifiers.chars().all(|c| "ims-".contains(c))
            && "ims-".chars().all(|c| modifiers.matches(c).count() <= 1)
            && modifiers.contains(|c| c != '-');
        let (on, off) = modifiers.split_once('-').unwrap_or((modifiers, ""));
        let flags = &mut self.flags;
        flags.ignore_case = (flags.ignore_case || on.contains('i')) && !off.contains('i');
        flags.dot_all = (flags.dot_all || on.contains('s')) && !off.contains('s');
        valid
    }

    /// Closes the innermost group, by the parenthesis at `at`.
    pub fn close(&mut self, reader: &Reader<'_>, at: usize) -> Result<(), Fault> {
        let Some(group) = self.open.pop() else {
            return Err(reader.syntax("a ) that closes nothing (write \\))", at));
        };
        self.flags = group.outside;
        Ok(())
    }

    /// Checks that no group of `pattern` is left open, and that no name is there twice.
    pub fn finish(self, reader: &Reader<'_>, pattern: &str) -> Result<(), Fault> {
        if let Some(group) = self.open.last() {
            return Err(reader.syntax("a group without its )", group.start));
        }
        match self.same_name {
            // Groups of different alternatives may have one name.
            Some(start) if !is_valid_ecma_regex(pattern) => {
                Err(reader.syntax("a name that another group has", start))
            }
            _ => Ok(()),
        }
    }
}
