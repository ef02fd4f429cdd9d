//! The memory that the index takes, as the allocator counts it.

/// The bytes that an allocator takes for a block of `len` bytes. Allocators round up: to a multiple of
/// 16, and from 128 bytes on to one of four sizes between two powers of two (jemalloc's size
/// classes).
pub fn allocated(len: usize) -> usize {
    let step = (len.next_power_of_two() / 8).max(16);
    len.next_multiple_of(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_rounded_up_to_size_classes() {
        for (len, class) in [
            (0, 0),
            (1, 16),
            (16, 16),
            (17, 32),
            (128, 128),
            (129, 160),
            (161, 192),
            (256, 256),
            (257, 320),
            (1000, 1024),
            (1025, 1280),
        ] {
            assert_eq!(allocated(len), class, "{len}");
        }
    }
}
