//! The search for a byte in a block of 64, for passing over containers. x86_64 does it with SSE2.

use super::search::WIDTH;

/// How many bytes [`matches`] compares at once.
pub(super) const BLOCK: usize = 64;

/// A bit for each byte of `block`, the lowest for the first byte: set if the byte, with the bits of
/// `either` set, is `wanted`.
#[inline(always)]
pub(super) fn matches(block: &[u8; BLOCK], either: u8, wanted: u8) -> u64 {
    let (chunks, _) = block.as_chunks();
    (chunks.iter().rev()).fold(0, |bits, chunk| {
        bits << WIDTH | u64::from(matches_in_chunk(chunk, either, wanted))
    })
}

/// Whether `block` has the byte `wanted`, at less cost than [`matches`].
#[inline(always)]
pub(super) fn contains(block: &[u8; BLOCK], wanted: u8) -> bool {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the call needs a processor with SSE2, and SSE2 is part of x86_64.
    return unsafe { contains_sse2(block, wanted) };
    #[cfg(not(target_arch = "x86_64"))]
    return matches(block, 0, wanted) != 0;
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse2")]
#[inline]
fn contains_sse2(block: &[u8; BLOCK], wanted: u8) -> bool {
    use std::arch::x86_64::{
        _mm_cmpeq_epi8, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8, _mm_set_epi64x,
        _mm_setzero_si128,
    };
    let (chunks, _) = block.as_chunks::<WIDTH>();
    let wanted = _mm_set1_epi8(wanted.cast_signed());
    let found = chunks.iter().fold(_mm_setzero_si128(), |found, chunk| {
        let both = u128::from_le_bytes(*chunk);
        let bytes = _mm_set_epi64x((both >> 64) as i64, both as i64);
        _mm_or_si128(found, _mm_cmpeq_epi8(bytes, wanted))
    });
    _mm_movemask_epi8(found) != 0
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn matches_in_chunk(chunk: &[u8; WIDTH], either: u8, wanted: u8) -> u32 {
    // SAFETY: the call needs a processor with SSE2, and SSE2 is part of x86_64.
    unsafe { matches_sse2(chunk, either, wanted) }
}

#[cfg(not(target_arch = "x86_64"))]
use matches_portable as matches_in_chunk;

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse2")]
#[inline]
fn matches_sse2(chunk: &[u8; WIDTH], either: u8, wanted: u8) -> u32 {
    use std::arch::x86_64::{
        _mm_cmpeq_epi8, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8, _mm_set_epi64x,
    };
    let both = u128::from_le_bytes(*chunk);
    let bytes = _mm_set_epi64x((both >> 64) as i64, both as i64);
    let all = |byte: u8| _mm_set1_epi8(byte.cast_signed());
    let bytes = _mm_or_si128(bytes, all(either));
    _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, all(wanted))).cast_unsigned()
}

#[cfg(any(test, not(target_arch = "x86_64")))]
#[inline(always)]
fn matches_portable(chunk: &[u8; WIDTH], either: u8, wanted: u8) -> u32 {
    let bit = |(at, &byte): (usize, &u8)| u32::from(byte | either == wanted) << at;
    chunk.iter().enumerate().map(bit).sum()
}

#[cfg(test)]
mod tests {
    use super::{contains, matches, matches_portable, BLOCK};

    #[test]
    fn all_bytes_of_a_block_that_match_are_found() {
        for (either, wanted) in (0..=255)
            .map(|byte| (0, byte))
            .chain([(6, b'['), (6, b']')])
        {
            for step in 1..9 {
                let block: [u8; BLOCK] = std::array::from_fn(|at| match at % step {
                    0 => wanted,
                    _ => wanted ^ (1 << (at % 8)),
                });
                let wanted = wanted | either;
                let expected = (0..BLOCK).filter(|at| block[*at] | either == wanted);
                let expected = expected.fold(0, |bits, at| bits | 1_u64 << at);
                assert_eq!(matches(&block, either, wanted), expected);
                let byte = wanted & !either;
                assert_eq!(contains(&block, byte), block.contains(&byte));
                let chunk = block.first_chunk().unwrap();
                assert_eq!(
                    matches_portable(chunk, either, wanted),
                    expected as u32 & 0xffff
                );
            }
        }
    }
}
