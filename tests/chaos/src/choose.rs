//! What a worker sends next: drawn from its seed, aimed at keys that its user's workers know.

use crate::call::{Call, Limit, NewKey, Which};
use crate::data::{Data, Member, Patch, Serial};
use crate::known::{Group, Known};
use crate::workload::Config;
use support::Random;

/// The source of a worker's choices.
pub struct Chooser {
    random: Random,
    worker: u32,
    serial: Serial,
}

impl Chooser {
    /// The choices of one worker. The same seed gives the same choices.
    pub fn new(seed: u64, worker: u32) -> Chooser {
        let mut random = Random::from(seed ^ (u64::from(worker) + 1).rotate_left(40));
        random.next_u64();
        Chooser {
            random,
            worker,
            serial: 0,
        }
    }

    /// A serial that no other write has.
    fn serial(&mut self) -> Serial {
        self.serial += 1;
        Serial::from(self.worker + 1) * 1_000_000_000 + self.serial
    }

    /// The next command. It takes exactly one number from the seed, so that what the servers reply does
    /// not change what is drawn later.
    pub fn next(&mut self, config: &Config, group: &Group) -> Call {
        let mut random = Random::from(self.random.next_u64());
        let random = &mut random;
        let roll = random.below(100);
        let few = group.live() < 2;
        if (few && roll < 40) || (group.live() < 6 && roll < 8) {
            return self.create(config, group, random);
        }
        if config.user_commands && (8..16).contains(&roll) {
            return user_command(group, random, roll);
        }
        match group.pick(random).cloned() {
            Some(known) => self.on(config, group, &known, random),
            None => self.create(config, group, random),
        }
    }

    fn create(&mut self, config: &Config, group: &Group, random: &mut Random) -> Call {
        let anonymous = random.once_in(5);
        let px = (config.deadlines && random.once_in(6)).then(|| some_ms(random));
        let reused = random
            .once_in(8)
            .then(|| group.pick(random).map(|k| k.key.clone()));
        let serial = self.serial();
        let key = match reused.flatten() {
            Some(key) => NewKey::Own(key),
            None => self.new_key(group, random),
        };
        Call::Create {
            key,
            serial,
            code: random.once_in(2).then(|| self.serial()),
            user: (!anonymous).then(|| group.user.clone()),
            limit: (!anonymous).then(|| limit(config, random)).flatten(),
            px,
        }
    }

    fn new_key(&mut self, group: &Group, random: &mut Random) -> NewKey {
        let stem = group.stem();
        match random.below(2) {
            0 => NewKey::Made(stem),
            _ => NewKey::Own(format!("{stem}own-{}", self.serial())),
        }
    }

    fn on(&mut self, config: &Config, group: &Group, known: &Known, random: &mut Random) -> Call {
        let key = known.key.clone();
        match random.below(84) {
            0..=6 => self.replace(known, None, random),
            7..=12 => self.replace(known, Some(version(known, random)), random),
            13..=24 => Call::Patch {
                key,
                patch: self.patch(random),
                version: None,
                test: None,
            },
            25..=32 => Call::Patch {
                key,
                patch: self.patch(random),
                version: Some(version(known, random)),
                test: None,
            },
            33..=36 => {
                let tested = *random.pick(&Member::ALL);
                Call::Patch {
                    key,
                    patch: vec![(*random.pick(&[Member::A, Member::B]), Some(self.serial()))],
                    version: None,
                    test: known.data.get(tested).map(|serial| (tested, serial)),
                }
            }
            37..=40 => Call::Patch {
                key,
                patch: vec![(Member::Code, Some(self.serial()))],
                version: None,
                test: None,
            },
            41..=47 => {
                let more = random.once_in(4).then_some(Member::C);
                let members = std::iter::once(Member::Code).chain(more).collect();
                Call::Pop { key, members }
            }
            48..=53 => self.rotate(config, group, known, random),
            54..=57 => {
                let other = random
                    .once_in(4)
                    .then(|| group.pick(random).map(|k| k.key.clone()));
                let keys = std::iter::once(key).chain(other.flatten()).collect();
                Call::Delete { keys }
            }
            58..=59 => {
                let px = (config.deadlines && random.once_in(4)).then(|| some_ms(random));
                Call::Touch { key, px }
            }
            60..=61 => Call::Info { key },
            62..=69 => Call::Verify {
                key,
                fresh: random.once_in(2),
            },
            n => Call::Get {
                key,
                touch: n % 2 == 0,
            },
        }
    }

    fn replace(&mut self, known: &Known, version: Option<i64>, random: &mut Random) -> Call {
        let set = self.serial();
        let code = random.once_in(3).then(|| self.serial());
        Call::Replace {
            key: known.key.clone(),
            data: Data::written(set, code),
            version,
        }
    }

    fn patch(&mut self, random: &mut Random) -> Patch {
        let members = [Member::A, Member::B, Member::C];
        let first = random.below(3);
        let value = (!random.once_in(5)).then(|| self.serial());
        let mut patch = vec![(members[first], value)];
        if random.once_in(4) {
            patch.push((members[(first + 1) % 3], Some(self.serial())));
        }
        patch
    }

    fn rotate(
        &mut self,
        config: &Config,
        group: &Group,
        known: &Known,
        random: &mut Random,
    ) -> Call {
        let login = (!known.has_user || random.once_in(8))
            .then(|| (group.user.clone(), limit(config, random)));
        let grace = (login.is_none() && !random.once_in(3)).then(|| {
            if config.short_graces && random.once_in(2) {
                50 + random.below(400) as u64
            } else {
                8_000
            }
        });
        let patch = if random.once_in(3) {
            self.patch(random)
        } else {
            Patch::new()
        };
        Call::Rotate {
            key: known.key.clone(),
            new: self.new_key(group, random),
            grace,
            patch,
            login,
        }
    }
}

/// The time to a deadline.
fn some_ms(random: &mut Random) -> u64 {
    100 + random.below(1500) as u64
}

/// The version that the session seems to have, and sometimes the one before.
fn version(known: &Known, random: &mut Random) -> i64 {
    (known.version - i64::from(random.once_in(10))).max(1)
}

fn limit(config: &Config, random: &mut Random) -> Option<Limit> {
    (config.user_commands && random.once_in(3)).then(|| Limit {
        max: 2 + random.below(3) as u32,
        refuse: random.once_in(2),
    })
}

fn user_command(group: &Group, random: &mut Random, roll: usize) -> Call {
    let user = group.user.clone();
    if roll < 14 {
        return Call::List { user };
    }
    let mut some_keys = || {
        let picks = (0..2).filter_map(|_| group.pick(random).map(|k| k.key.clone()));
        picks.collect::<Vec<_>>()
    };
    let (first, second) = (some_keys(), some_keys());
    let which = match random.below(4) {
        0 if !first.is_empty() => Which::Except(first),
        1 if !second.is_empty() => Which::Only(second),
        2 => Which::Some(1),
        _ => Which::All,
    };
    Call::Revoke { user, which }
}
