//! A position in a text that has NULs behind it, so that 16 bytes can be read at every position.
//!
//! The `unsafe` code here rests on one invariant:
//!
//! > A cursor points at a byte of its text or at the first NUL behind it.
//!
//! All methods that move a cursor keep it. They only pass bytes that they have read, and stop at a NUL at
//! the latest. The NULs behind the text are as many as the widest read has bytes ([`PADDING`]). So a read
//! never leaves the buffer, and a move never passes the first of them.
//!
//! A NUL can also be in the text, where JSON allows it nowhere. So a NUL does not show that the text ends;
//! [`Padded::is_end`](super::Padded::is_end) does.

use std::marker::PhantomData;
use std::ptr::NonNull;

use super::predicted::Predicted;
use super::search::{special_in, HIGHS, ONES, WIDTH};

/// How many NULs are behind the text. No read is wider.
pub const PADDING: usize = WIDTH;

/// A position in a text with [`PADDING`] NULs behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor<'t> {
    at: NonNull<u8>,
    text: PhantomData<&'t [u8]>,
}

impl<'t> Cursor<'t> {
    /// The cursor at the first byte of `buffer`, which has a text and the NULs.
    ///
    /// # Panics
    /// If there are no NULs.
    #[inline(always)]
    pub fn at_start(buffer: &'t [u8]) -> Self {
        assert!(buffer.ends_with(&[0; PADDING]));
        Self {
            at: NonNull::from(buffer).cast(),
            text: PhantomData,
        }
    }

    /// Reads a value at the cursor.
    #[inline(always)]
    fn read<T: Plain>(self) -> T {
        const { assert!(size_of::<T>() <= PADDING) };
        // SAFETY: the cursor is at most at the first NUL, and PADDING bytes from there on are in the buffer,
        // which is borrowed for 't. Each value of `T` is a valid one (`Plain`), and need not be aligned.
        unsafe { self.at.cast::<T>().read_unaligned() }
    }

    /// Moves over bytes.
    ///
    /// # Safety
    /// None of the next `count` bytes is NUL.
    #[inline(always)]
    unsafe fn skip(self, count: usize) -> Self {
        Self {
            // SAFETY: the bytes are not NUL (the caller's promise), so the first NUL behind the text is
            // not among them: the new position is at most there.
            at: unsafe { self.at.add(count) },
            text: PhantomData,
        }
    }

    /// How many bytes are between `start` and this cursor, which is not before it.
    #[inline(always)]
    pub fn bytes_from(self, start: Self) -> usize {
        (self.at.as_ptr() as usize).wrapping_sub(start.at.as_ptr() as usize)
    }

    /// The byte at the cursor; NUL at the end.
    #[inline(always)]
    pub fn byte(self) -> u8 {
        self.read()
    }

    /// The byte `N` places behind the cursor, if no NUL is before it.
    #[inline(always)]
    pub fn peek<const N: usize>(self) -> u8 {
        const { assert!(N < 8) };
        (self.word() >> (8 * N)) as u8
    }

    /// The next two bytes, the first lowest.
    #[inline(always)]
    pub fn pair(self) -> u16 {
        u16::from_le_bytes(self.read())
    }

    /// The next eight bytes, the first lowest.
    #[inline(always)]
    pub fn word(self) -> u64 {
        u64::from_le_bytes(self.read())
    }

    /// The next [`PADDING`] bytes, the first lowest.
    #[inline(always)]
    pub fn chunk(self) -> u128 {
        u128::from_le_bytes(self.read())
    }

    /// The cursor behind the byte here, which is not NUL. At a NUL it stays.
    #[inline(always)]
    pub fn step(self) -> Self {
        let byte = self.byte();
        debug_assert_ne!(byte, 0);
        // SAFETY: one byte is passed unless it is NUL.
        unsafe { self.skip(usize::from(byte != 0)) }
    }

    /// The cursor behind `byte`, if that is the byte here.
    #[inline(always)]
    pub fn eat(self, byte: u8) -> Option<Self> {
        (byte != 0 && self.byte() == byte).then(|| self.step())
    }

    /// The cursor behind these bytes, if they are here. None of them is NUL.
    #[inline(always)]
    pub fn eat_all<const N: usize>(self, bytes: &[u8; N]) -> Option<Self>
    where
        [u8; N]: Plain,
    {
        let here: [u8; N] = self.read();
        if here != *bytes || bytes.contains(&0) {
            return None;
        }
        // SAFETY: the next N bytes equal `bytes`, and none of those is NUL.
        Some(unsafe { self.skip(N) })
    }

    /// The cursor behind the predicted bytes, if they are here.
    #[inline(always)]
    pub fn eat_predicted(self, predicted: &Predicted) -> Option<Self> {
        let here = u128::from_le_bytes(self.read());
        if !predicted.begins(here) {
            return None;
        }
        // SAFETY: the next `length` bytes equal those that are predicted, none of which is NUL.
        Some(unsafe { self.skip(predicted.length()) })
    }

    /// The next byte that ends the plain part of a string: a quote, a backslash, or a control character,
    /// which includes the NUL at the end.
    #[inline(always)]
    pub fn special(self) -> Self {
        match special_in(&self.read()) {
            // SAFETY: the bytes before the first special one are not NUL, which is special.
            Some(count) => unsafe { self.skip(count) },
            None => self.far_special(),
        }
    }

    /// Does the same where the next [`PADDING`] bytes are not special.
    #[inline(never)]
    fn far_special(self) -> Self {
        let mut cursor = self;
        loop {
            // SAFETY: PADDING bytes from here on were found not to be special, and NUL is.
            cursor = unsafe { cursor.skip(PADDING) };
            if let Some(count) = special_in(&cursor.read()) {
                // SAFETY: the bytes before the first special one are not NUL.
                return unsafe { cursor.skip(count) };
            }
        }
    }

    /// The cursor behind the next [`PADDING`] bytes; if one of them is special, the cursor at that.
    #[inline(always)]
    pub fn special_or_chunk_end(self) -> Self {
        let count = special_in(&self.read()).unwrap_or(PADDING);
        // SAFETY: none of the bytes before the first special one is NUL.
        unsafe { self.skip(count) }
    }

    /// Reads up to eight digits: their values, the first in the lowest byte, how many they are, and the
    /// cursor behind them. Bytes of the word behind the digits mean nothing.
    #[inline(always)]
    pub fn eight_digits(self) -> (u64, u32, Self) {
        let values = self.word() ^ (ONES * u64::from(b'0'));
        // The highest bit of each byte that is greater than 9.
        let others = (((values & !HIGHS) + ONES * 0x76) | values) & HIGHS;
        let count = others.trailing_zeros() / 8;
        // SAFETY: the next `count` bytes are digits.
        (values, count, unsafe { self.skip(count as usize) })
    }

    /// The cursor behind the digits here, which may be none.
    #[inline(always)]
    pub fn digits_end(self) -> Self {
        let (_, mut count, mut cursor) = self.eight_digits();
        while count == 8 {
            (_, count, cursor) = cursor.eight_digits();
        }
        cursor
    }

    /// The cursor behind JSON's whitespace here, which may be none.
    #[inline(always)]
    pub fn space_end(self) -> Self {
        if self.byte() > b' ' {
            return self;
        }
        self.far_space_end()
    }

    /// Does the same where there probably is whitespace.
    #[inline(never)]
    fn far_space_end(self) -> Self {
        let mut cursor = self;
        while let b' ' | b'\n' | b'\r' | b'\t' = cursor.byte() {
            cursor = cursor.step();
            // Indentation, most of all whitespace, is runs of spaces.
            loop {
                let others = cursor.word() ^ (ONES * u64::from(b' '));
                let count = others.trailing_zeros() / 8;
                // SAFETY: the next `count` bytes are spaces.
                cursor = unsafe { cursor.skip(count as usize) };
                if count < 8 {
                    break;
                }
            }
        }
        cursor
    }
}

/// Types of which every pattern of bits is a value.
pub trait Plain: Copy {}
impl Plain for u8 {}
impl<const N: usize> Plain for [u8; N] {}
