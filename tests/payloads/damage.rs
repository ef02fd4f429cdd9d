//! Damage: a few random changes of bytes.

use support::Random;

const EDGES: [u8; 8] = [0, 1, 0x7f, 0x80, 0x81, 0xc0, 0xfe, 0xff];

/// Damages bytes in up to three places, mostly in the first bytes and the last few, which hold the
/// structure. The first `keep` bytes stay.
pub fn damage(random: &mut Random, bytes: &mut Vec<u8>, keep: usize) {
    for _ in 0..1 + random.below(3) {
        if bytes.len() < keep + 3 {
            return;
        }
        let at = place(random, bytes.len(), keep);
        let any = match random.once_in(2) {
            true => *random.pick(&EDGES),
            false => random.next_u64() as u8,
        };
        match random.below(8) {
            0 | 1 => bytes[at] = any,
            2 => bytes[at] ^= 1 << random.below(8),
            3 => bytes[at] = bytes[at].wrapping_add(1),
            4 => bytes.insert(at, any),
            5 => drop(bytes.remove(at)),
            6 => bytes.truncate(at),
            _ => {
                let to = (at + random.below(20)).min(bytes.len());
                let piece = bytes[at..to].to_vec();
                let there = place(random, bytes.len(), keep);
                bytes.splice(there..there, piece);
            }
        }
    }
}

fn place(random: &mut Random, len: usize, keep: usize) -> usize {
    let room = len - keep;
    match random.below(4) {
        0 => keep + random.below(room),
        1 => len - 1 - random.below(room.min(8)),
        _ => keep + random.below(room.min(60)),
    }
}
