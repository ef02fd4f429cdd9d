//! What GET and VERIFY share: the options that say what is returned.

use super::options::bytes;
use crate::Field;
use redis::Cmd;

/// What a read asks for.
#[derive(Clone, Default)]
pub(super) struct Request {
    pub no_touch: bool,
    pub fields: Vec<Field>,
    pub paths: Vec<Vec<u8>>,
}

impl Request {
    /// Writes the options. They are the last of the command, because PATH takes all arguments behind it.
    ///
    /// All fields are asked for by FIELDS, not by WITHINFO: an array of values costs less than a map, here and there.
    /// With pointers a field is always asked for: of one pointer, nil would be no value or no session.
    pub fn write(&self, cmd: &mut Cmd, in_parts: bool) {
        if self.no_touch {
            cmd.arg("NOTOUCH");
        }
        match &self.fields[..] {
            [] if in_parts => fields(cmd, &[Field::Version]),
            [] => {}
            wanted => fields(cmd, wanted),
        }
        paths(cmd, &self.paths);
    }

    pub fn with_fields(mut self, fields: &[Field]) -> Request {
        self.fields = fields.to_vec();
        self
    }

    pub fn with_paths<P: AsRef<[u8]>>(mut self, paths: impl IntoIterator<Item = P>) -> Request {
        self.paths = bytes(paths);
        self
    }
}

pub(super) fn fields(cmd: &mut Cmd, fields: &[Field]) {
    cmd.arg("FIELDS").arg(fields.len());
    for field in fields {
        cmd.arg(field.name());
    }
}

pub(super) fn paths(cmd: &mut Cmd, paths: &[Vec<u8>]) {
    if !paths.is_empty() {
        cmd.arg("PATH").arg(paths);
    }
}

/// The methods of a command that reads, for a field `request: Request`. `$with` makes the command again with another
/// request and another type of reply.
macro_rules! read_options {
    ($command:ident) => {
        impl<C, R: ReadReply> $command<'_, C, R> {
            /// The read is no access: it does not extend the session.
            pub fn no_touch(mut self) -> Self {
                self.request.no_touch = true;
                self
            }
        }

        impl<'a, C> $command<'a, C, Session> {
            /// Reads all fields beside the data.
            pub fn with_info(self) -> $command<'a, C, Session<Info>> {
                let request = self.request.clone().with_fields(&Field::ALL);
                self.again(request)
            }

            /// Reads these fields beside the data, which costs less than all of them. Their values are in `info`, in
            /// this order: `let [user, version] = session.info`.
            pub fn fields<const N: usize>(
                self,
                fields: [Field; N],
            ) -> $command<'a, C, Session<[FieldValue; N]>> {
                let request = self.request.clone().with_fields(&fields);
                self.again(request)
            }
        }

        impl<'a, C, I: Details> $command<'a, C, Session<I>> {
            /// Reads the values at these JSON Pointers in the place of the whole data.
            pub fn paths<P: AsRef<[u8]>>(
                self,
                pointers: impl IntoIterator<Item = P>,
            ) -> $command<'a, C, Values<I>> {
                let request = self.request.clone().with_paths(pointers);
                self.again(request)
            }
        }
    };
}

pub(super) use read_options;
