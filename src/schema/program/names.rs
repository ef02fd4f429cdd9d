//! Finds the member that a name belongs to, among those that a schema names.

/// The most names that are found by a perfect hash. Its table grows with the square of their number.
const MAX_HASHED: usize = 256;

/// How many factors are tried before a table of double the size.
const TRIES: u32 = 200;

/// No member, in [`Lookup::places`].
const NONE: u16 = u16::MAX;

/// Finds the number of a member by the key of its name.
#[derive(Debug)]
pub struct Lookup {
    /// `places[key * by >> shift]` is the number. Each key has a place of its own.
    by: u64,
    shift: u32,
    places: Box<[u16]>,
    /// If there are many names: their keys, sorted, with the numbers. `places` is empty then.
    sorted: Box<[(u64, u16)]>,
    /// The number for a key that no name has.
    nowhere: u16,
}

impl Lookup {
    /// The look-up of members with these keys, in their order. `None` if two keys are equal, or if there
    /// are too many.
    pub fn new(keys: &[u64]) -> Option<Self> {
        let nowhere = u16::try_from(keys.len())
            .ok()
            .filter(|&count| count < NONE)?;
        let mut sorted: Vec<(u64, u16)> = keys.iter().copied().zip(0..).collect();
        sorted.sort_unstable();
        if sorted.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return None;
        }
        if keys.len() <= MAX_HASHED {
            if let Some((by, shift, places)) = perfect(keys) {
                return Some(Self {
                    by,
                    shift,
                    places,
                    sorted: Box::default(),
                    nowhere,
                });
            }
        }
        Some(Self {
            by: 0,
            shift: 0,
            places: Box::default(),
            sorted: sorted.into(),
            nowhere,
        })
    }

    /// The number of the only member that may have a name with this key: names must still be compared. If
    /// there is none, the number behind those of all members, which is that of `Member::nowhere`.
    #[inline(always)]
    pub fn find(&self, key: u64) -> usize {
        let place = (key.wrapping_mul(self.by) >> self.shift) as usize;
        match self.places.get(place) {
            Some(&number) => usize::from(number.min(self.nowhere)),
            None => self.search(key),
        }
    }

    #[inline(never)]
    fn search(&self, key: u64) -> usize {
        let found = self.sorted.binary_search_by_key(&key, |&(key, _)| key);
        let number = found.map_or(self.nowhere, |place| self.sorted[place].1);
        usize::from(number)
    }
}

/// A factor, a shift and a table in which each key has a place of its own.
fn perfect(keys: &[u64]) -> Option<(u64, u32, Box<[u16]>)> {
    let mut by: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut bits = (2 * keys.len()).next_power_of_two().trailing_zeros().max(1);
    let most = bits + 7;
    while bits <= most {
        for _ in 0..TRIES {
            let mut places = vec![NONE; 1 << bits];
            let fits = keys.iter().zip(0..).all(|(key, number)| {
                let place = &mut places[(key.wrapping_mul(by) >> (64 - bits)) as usize];
                std::mem::replace(place, number) == NONE
            });
            if fits {
                return Some((by, 64 - bits, places.into()));
            }
            // A step of a generator of pseudo-random numbers; the factor must be odd.
            by = by.wrapping_mul(0xD134_2543_DE82_EF95).wrapping_add(2) | 1;
        }
        bits += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::Lookup;
    use crate::json::name_key;

    fn keys(count: usize) -> Vec<u64> {
        (0..count)
            .map(|n| name_key(format!("name{n}").as_bytes()))
            .collect()
    }

    #[test]
    fn each_name_is_found_and_no_other() {
        for count in [0, 1, 2, 3, 7, 20, 64, 65, 256, 257, 5000] {
            let keys = keys(count);
            let lookup = Lookup::new(&keys).unwrap();
            assert_eq!(lookup.places.is_empty(), count > 256);
            for (number, &key) in keys.iter().enumerate() {
                assert_eq!(lookup.find(key), number);
            }
            // The key of another name may lead to a member, with which the name is then compared.
            assert!((0..1000u64).all(|key| lookup.find(key << 40) <= count));
            assert!((0..1000u64).any(|key| lookup.find(key << 40) == count));
        }
    }

    #[test]
    fn names_with_equal_keys_have_no_lookup() {
        assert!(Lookup::new(&[name_key(b"a"), name_key(b"a\0")]).is_none());
        assert!(Lookup::new(&vec![0; 70_000]).is_none());
    }
}
