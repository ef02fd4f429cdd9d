//! Searches over raw bytes, 8 or 16 at a time.
//!
//! A *special* byte ends the plain part of a string: a quote, a backslash or a control character.
//! x86_64 searches for it with SSE2 and aarch64 with NEON, which all of their processors have; other
//! machines use words.

/// How many bytes are searched for special bytes at once.
pub(super) const WIDTH: usize = 16;

/// A word with 1 in each byte; times `n` it has `n` in each.
pub(super) const ONES: u64 = u64::MAX / 255;
/// A word with the highest bit of each byte set.
pub(super) const HIGHS: u64 = ONES * 0x80;
const SPACES: u64 = ONES * b' ' as u64;

/// The offset of the first special byte in `chunk`; [`WIDTH`] if there is none.
#[inline(always)]
pub(super) fn first_special(chunk: &[u8; WIDTH]) -> usize {
    special_in(chunk).unwrap_or(WIDTH)
}

/// The offset of the first special byte at or after `from`; the length of `bytes` if there is none.
#[inline(never)]
pub(super) fn find_special(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(chunk) = bytes[at..].first_chunk() {
        let found = specials(chunk);
        // Not `first_special`: its result would be on the path from one round to the next.
        if found != 0 {
            return at + (found.trailing_zeros() / BITS) as usize;
        }
        at += WIDTH;
    }
    find_in_rest(bytes, at)
}

#[cold]
#[inline(never)]
fn find_in_rest(bytes: &[u8], at: usize) -> usize {
    // The rest is shorter than a chunk. Its first byte becomes the lowest, and NULs, which are
    // special, follow its last.
    let rest = &bytes[at..];
    let chunk = match bytes.last_chunk() {
        // An empty rest shifts by the whole width, which `checked_shr` refuses.
        Some(last) => u128::from_le_bytes(*last)
            .checked_shr(8 * (WIDTH - rest.len()) as u32)
            .unwrap_or(0),
        // Not copied to an array: a wide load of bytes that were just stored one by one stalls.
        None => (rest.iter().rev()).fold(0, |chunk, &byte| chunk << 8 | u128::from(byte)),
    };
    at + first_special(&chunk.to_le_bytes())
}

/// The offset of the first byte at or after `at` that is not JSON's whitespace.
#[inline(never)]
pub(super) fn whitespace_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(at) {
        at += 1;
        // Indentation, most of all whitespace, is runs of spaces.
        while let Some(chunk) = bytes[at..].first_chunk() {
            let others = u64::from_le_bytes(*chunk) ^ SPACES;
            if others != 0 {
                at += others.trailing_zeros() as usize / 8;
                break;
            }
            at += 8;
        }
    }
    at
}

/// The offset of the first special byte in `chunk`.
#[inline(always)]
pub(super) fn special_in(chunk: &[u8; WIDTH]) -> Option<usize> {
    let found = specials(chunk);
    (found != 0).then(|| (found.trailing_zeros() / BITS) as usize)
}

/// [`BITS`] bits for each byte of `chunk`, the lowest for the first byte. The lowest bit that is set marks
/// the first special byte; bits above it are meaningless.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn specials(chunk: &[u8; WIDTH]) -> u64 {
    // SAFETY: the call needs a processor with SSE2, and SSE2 is part of x86_64.
    unsafe { specials_sse2(chunk) }
}

#[cfg(target_arch = "aarch64")]
#[inline(always)]
fn specials(chunk: &[u8; WIDTH]) -> u64 {
    // SAFETY: the call needs a processor with NEON, and NEON is part of aarch64.
    unsafe { specials_neon(chunk) }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
use specials_portable as specials;

/// How many bits of the result of [`specials`] stand for a byte.
const BITS: u32 = if cfg!(target_arch = "aarch64") { 4 } else { 1 };

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse2")]
#[inline]
fn specials_sse2(chunk: &[u8; WIDTH]) -> u64 {
    use std::arch::x86_64::{
        _mm_cmpeq_epi8, _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8,
        _mm_set_epi64x, _mm_xor_si128,
    };
    let both = u128::from_le_bytes(*chunk);
    let bytes = _mm_set_epi64x((both >> 64) as i64, both as i64);
    let flipped = _mm_xor_si128(bytes, _mm_set1_epi8(FLIP as i8));
    let least = _mm_min_epu8(flipped, _mm_set1_epi8(GREATEST as i8));
    let backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(b'\\' as i8));
    let special = _mm_or_si128(_mm_cmpeq_epi8(least, flipped), backslash);
    _mm_movemask_epi8(special).cast_unsigned().into()
}

#[cfg(target_arch = "aarch64")]
#[target_feature(enable = "neon")]
#[inline]
fn specials_neon(chunk: &[u8; WIDTH]) -> u64 {
    use std::arch::aarch64::{
        vceqq_u8, vcleq_u8, vcombine_u8, vcreate_u8, vdupq_n_u8, veorq_u8, vget_lane_u64, vorrq_u8,
        vreinterpret_u64_u8, vreinterpretq_u16_u8, vshrn_n_u16,
    };
    let both = u128::from_le_bytes(*chunk);
    let bytes = vcombine_u8(vcreate_u8(both as u64), vcreate_u8((both >> 64) as u64));
    let flipped = veorq_u8(bytes, vdupq_n_u8(FLIP));
    let low = vcleq_u8(flipped, vdupq_n_u8(GREATEST));
    let special = vorrq_u8(low, vceqq_u8(bytes, vdupq_n_u8(b'\\')));
    // Keeps four of the eight bits of each byte: NEON has no instruction that keeps one.
    let nibbles = vshrn_n_u16::<4>(vreinterpretq_u16_u8(special));
    vget_lane_u64::<0>(vreinterpret_u64_u8(nibbles))
}

/// Flipping this bit leaves control characters below 0x20 and turns a quote into [`GREATEST`], which
/// is 0x20; all other bytes are greater. So one comparison finds quotes and control characters.
const FLIP: u8 = 0x02;
const GREATEST: u8 = b'"' ^ FLIP;

#[cfg(any(test, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
#[inline(always)]
fn specials_portable(chunk: &[u8; WIDTH]) -> u64 {
    let half = |word: u64| {
        // Sets the highest bit of bytes below n (Bit Twiddling Hacks, "hasless"). A borrow can only
        // disturb bytes behind the first hit.
        let below = |word: u64, n: u8| word.wrapping_sub(ONES * u64::from(n));
        let quote_or_control = below(word ^ (ONES * u64::from(FLIP)), GREATEST + 1);
        let backslash = below(word ^ (ONES * u64::from(b'\\')), 1);
        let found = (quote_or_control | backslash) & !word & HIGHS;
        // Moves the highest bit of byte n to bit 56 + n, then to bit n.
        (found >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
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
