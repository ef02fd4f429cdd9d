//! The search for what ends the plain part of a string: a quote, a backslash or a control
//! character. Here these are the special bytes.

/// How many bytes are searched together.
pub(super) const WIDTH: usize = 16;

/// Where the first special byte of `chunk` is; [`WIDTH`] if there is none.
#[inline(always)]
pub(super) fn first_special(chunk: &[u8; WIDTH]) -> usize {
    (specials(chunk) | 1 << WIDTH).trailing_zeros() as usize
}

/// The offset of the next special byte from `from` on, or the end.
#[inline(never)]
pub(super) fn find_special(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(chunk) = bytes[at..].first_chunk() {
        let found = specials(chunk);
        // Not `first_special`: each round would have to wait for the one before.
        if found != 0 {
            return at + found.trailing_zeros() as usize;
        }
        at += WIDTH;
    }
    find_in_rest(bytes, at)
}

#[cold]
#[inline(never)]
fn find_in_rest(bytes: &[u8], at: usize) -> usize {
    // Less than a chunk, its first byte lowest. What is missing are NULs, which are special.
    let rest = &bytes[at..];
    let chunk = match bytes.last_chunk() {
        // Shifted by all that it has if there is no rest.
        Some(last) => u128::from_le_bytes(*last)
            .checked_shr(8 * (WIDTH - rest.len()) as u32)
            .unwrap_or(0),
        // Not copied: a load of bytes that were just written one by one is slow.
        None => (rest.iter().rev()).fold(0, |chunk, &byte| chunk << 8 | u128::from(byte)),
    };
    at + first_special(&chunk.to_le_bytes())
}

/// A bit for each byte of `chunk`, from the lowest on: set for the first special one, not set for
/// any before it, and of no meaning behind it.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn specials(chunk: &[u8; WIDTH]) -> u32 {
    // SAFETY: the function is unsafe to call only for want of SSE2, and every x86_64 has that.
    unsafe { specials_sse2(chunk) }
}

#[cfg(not(target_arch = "x86_64"))]
use specials_portable as specials;

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse2")]
#[inline]
fn specials_sse2(chunk: &[u8; WIDTH]) -> u32 {
    use std::arch::x86_64::{
        _mm_cmpeq_epi8, _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8,
        _mm_set_epi64x, _mm_xor_si128,
    };
    let both = u128::from_le_bytes(*chunk);
    let bytes = _mm_set_epi64x((both >> 64) as i64, both as i64);
    let turned = _mm_xor_si128(bytes, _mm_set1_epi8(TURN as i8));
    let least = _mm_min_epu8(turned, _mm_set1_epi8(GREATEST as i8));
    let backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(b'\\' as i8));
    let special = _mm_or_si128(_mm_cmpeq_epi8(least, turned), backslash);
    _mm_movemask_epi8(special).cast_unsigned()
}

/// With this bit turned, control characters still are below 0x20, a quote becomes [`GREATEST`],
/// and everything else is greater.
const TURN: u8 = 0x02;
const GREATEST: u8 = b'"' ^ TURN;

#[cfg(any(test, not(target_arch = "x86_64")))]
#[inline(always)]
fn specials_portable(chunk: &[u8; WIDTH]) -> u32 {
    use super::cursor::{HIGHS, ONES};
    let half = |word: u64| {
        // The classic "has a byte below n": its borrows only disturb bytes after the first hit.
        let below = |word: u64, n: u8| word.wrapping_sub(ONES * u64::from(n));
        let quote_or_control = below(word ^ (ONES * u64::from(TURN)), GREATEST + 1);
        let backslash = below(word ^ (ONES * u64::from(b'\\')), 1);
        let found = (quote_or_control | backslash) & !word & HIGHS;
        // Moves the highest bit of byte n to bit 56 + n.
        ((found >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u32
    };
    let both = u128::from_le_bytes(*chunk);
    half(both as u64) | half((both >> 64) as u64) << 8
}

#[cfg(test)]
mod tests {
    use super::{find_special, first_special, specials_portable, WIDTH};

    fn is_special(byte: u8) -> bool {
        byte == b'"' || byte == b'\\' || byte < 0x20
    }

    fn check(chunk: &[u8; WIDTH]) {
        let first = chunk.iter().position(|&byte| is_special(byte));
        assert_eq!(first_special(chunk), first.unwrap_or(WIDTH), "{chunk:x?}");
        let portable = (specials_portable(chunk) | 1 << WIDTH).trailing_zeros();
        assert_eq!(portable as usize, first.unwrap_or(WIDTH), "{chunk:x?}");
    }

    #[test]
    fn both_searches_find_the_first_special_byte_of_a_chunk() {
        for filler in [
            b' ', b'!', b'#', b'[', b']', b'x', 0x7F, 0x80, 0xA2, 0xDC, 0xFF,
        ] {
            for at in 0..WIDTH {
                for byte in 0..=255 {
                    let mut chunk = [filler; WIDTH];
                    chunk[at] = byte;
                    check(&chunk);
                    // Another right behind it.
                    for second in [b'"', b'\\', 0, 0x1F, b'#', 0x82] {
                        if let Some(next) = chunk.get_mut(at + 1) {
                            *next = second;
                            check(&chunk);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_search_ends_at_the_end_wherever_it_begins() {
        for length in 0..50 {
            for special in 0..=length {
                let mut text = vec![b'x'; length];
                if let Some(byte) = text.get_mut(special) {
                    *byte = b'"';
                }
                for from in 0..=length {
                    let expected = if from <= special { special } else { length };
                    assert_eq!(find_special(&text, from), expected);
                }
            }
        }
    }
}
