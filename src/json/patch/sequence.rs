//! A list for many insertions and removals at any index: the elements of a changed array.

/// A chunk with more items is split; new lists begin with chunks of half as many. At this size moving
/// the items of one chunk costs about as much as passing all chunks of a list of a million items.
const CHUNK: usize = 2048;

/// A list in chunks, so that inserting at the front of a long one moves one chunk only.
#[derive(Debug, Clone, Default)]
pub(super) struct Sequence<T> {
    chunks: Vec<Vec<T>>,
    len: usize,
}

impl<T: Copy> FromIterator<T> for Sequence<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut items = items.into_iter();
        let mut sequence = Self {
            chunks: Vec::new(),
            len: 0,
        };
        loop {
            let chunk: Vec<T> = items.by_ref().take(CHUNK / 2).collect();
            if chunk.is_empty() {
                return sequence;
            }
            sequence.len += chunk.len();
            sequence.chunks.push(chunk);
        }
    }
}

impl<T: Copy> Sequence<T> {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flatten()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.chunks.iter_mut().flatten()
    }

    pub(super) fn get(&self, index: usize) -> Option<T> {
        let (chunk, at) = self.place(index);
        self.chunks.get(chunk)?.get(at).copied()
    }

    pub(super) fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        let (chunk, at) = self.place(index);
        self.chunks.get_mut(chunk)?.get_mut(at)
    }

    /// Inserts `item` before the one at `index`, or at the end. False if `index` is beyond the end.
    pub(super) fn insert(&mut self, index: usize, item: T) -> bool {
        if index > self.len {
            return false;
        }
        let (chunk, at) = match self.place(index) {
            // The end of the list is the end of its last chunk, if it has one.
            (chunk, 0) if chunk > 0 && index == self.len => {
                (chunk - 1, self.chunks[chunk - 1].len())
            }
            place => place,
        };
        if self.chunks.is_empty() {
            self.chunks.push(Vec::new());
        }
        let items = &mut self.chunks[chunk];
        items.insert(at, item);
        self.len += 1;
        if items.len() > CHUNK {
            let half = items.split_off(CHUNK / 2);
            self.chunks.insert(chunk + 1, half);
        }
        true
    }

    pub(super) fn remove(&mut self, index: usize) -> Option<T> {
        let (chunk, at) = self.place(index);
        let items = self.chunks.get_mut(chunk)?;
        let item = (at < items.len()).then(|| items.remove(at))?;
        if items.is_empty() {
            self.chunks.remove(chunk);
        }
        self.len -= 1;
        Some(item)
    }

    /// The chunk that holds the item at `index`, and its index there. Chunks are never empty.
    fn place(&self, mut index: usize) -> (usize, usize) {
        for (chunk, items) in self.chunks.iter().enumerate() {
            if index < items.len() {
                return (chunk, index);
            }
            index -= items.len();
        }
        (self.chunks.len(), index)
    }
}

#[cfg(test)]
mod tests {
    use super::{Sequence, CHUNK};

    #[test]
    fn a_sequence_behaves_as_a_vec() {
        for start in [0, 1, CHUNK / 2, 5 * CHUNK] {
            let mut list: Vec<usize> = (0..start).collect();
            let mut sequence: Sequence<usize> = list.iter().copied().collect();
            let mut random: usize = 12345;
            for step in 0..4 * CHUNK {
                random = random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let index = (random >> 33) % (list.len() + 1);
                // First more insertions, then more removals.
                if (random >> 20) % 8 < if step < 2 * CHUNK { 6 } else { 2 } {
                    list.insert(index, step);
                    assert!(sequence.insert(index, step));
                } else {
                    let removed = (index < list.len()).then(|| list.remove(index));
                    assert_eq!(sequence.remove(index), removed);
                }
                assert_eq!(sequence.len(), list.len());
                assert_eq!(sequence.get(index), list.get(index).copied());
            }
            assert!(sequence.iter().eq(list.iter()));
            while let Some(item) = list.pop() {
                assert_eq!(sequence.remove(list.len()), Some(item));
            }
            assert_eq!((sequence.len(), sequence.remove(0)), (0, None));
            assert!(sequence.insert(0, 1) && !sequence.insert(2, 1));
            assert_eq!(sequence.get_mut(0), Some(&mut 1));
        }
    }
}
