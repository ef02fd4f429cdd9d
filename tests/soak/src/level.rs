//! Keeps the number of live sessions near its target. Left to chance it would grow all the time.

use support::Random;

/// What a client does next, whatever else it might have chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    Make,
    End,
}

/// Two of three times the need, if the number is more than 2 % off its target.
pub fn need(len: usize, target: usize, random: &mut Random) -> Option<Need> {
    let need = match len.abs_diff(target) * 50 > target {
        true if len < target => Need::Make,
        true => Need::End,
        false => return None,
    };
    (!random.once_in(3)).then_some(need)
}

#[cfg(test)]
mod tests {
    use super::{need, Need};
    use support::Random;

    #[test]
    fn a_number_that_is_far_off_comes_back_to_its_target() {
        let mut random = Random::from(1);
        for start in [0, 100, 5000] {
            let mut len = start;
            for _ in 0..20_000 {
                match need(len, 1000, &mut random) {
                    Some(Need::End) => len -= 1,
                    Some(Need::Make) => len += 1,
                    None => len += 1,
                }
            }
            assert!((980..=1030).contains(&len), "{len} after {start}");
        }
    }
}
