//! A text with room behind it, for a [`Cursor`].

use super::cursor::{Cursor, PADDING};

/// A text with [`PADDING`] NULs behind it.
#[derive(Clone, Copy)]
pub struct Padded<'t> {
    /// The text and the NULs.
    bytes: &'t [u8],
}

impl<'t> Padded<'t> {
    /// Runs `work` on the bytes of `buffer` from `from` on, where they stand. The buffer is the same
    /// afterwards.
    ///
    /// # Panics
    /// If `from` is behind the end of the buffer.
    pub fn within<T>(buffer: &mut Vec<u8>, from: usize, work: impl FnOnce(Padded<'_>) -> T) -> T {
        let length = buffer.len();
        buffer.resize(length + PADDING, 0);
        let result = work(Padded {
            bytes: &buffer[from..],
        });
        buffer.truncate(length);
        result
    }

    /// The text, without the NULs.
    #[inline(always)]
    pub fn text(self) -> &'t [u8] {
        &self.bytes[..self.bytes.len() - PADDING]
    }

    /// Whether all bytes of the text are ASCII.
    #[inline]
    pub fn is_ascii(self) -> bool {
        // The NULs are ASCII, and as many as a chunk has bytes, so whole chunks cover the text.
        let (chunks, _) = self.bytes.as_chunks::<PADDING>();
        let all = chunks
            .iter()
            .fold(0, |all, chunk| all | u128::from_le_bytes(*chunk));
        all.to_le_bytes().is_ascii()
    }

    /// The beginning of the text.
    #[inline(always)]
    pub fn start(self) -> Cursor<'t> {
        Cursor::at_start(self.bytes)
    }

    /// Whether the cursor is at the end of the text.
    #[inline(always)]
    pub fn is_end(self, cursor: Cursor<'t>) -> bool {
        self.offset(cursor) == self.text().len()
    }

    /// How many bytes are before a cursor of this text.
    #[inline(always)]
    pub fn offset(self, cursor: Cursor<'t>) -> usize {
        cursor.bytes_from(self.start())
    }
}
