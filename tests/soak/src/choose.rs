//! Chooses the commands of a client.

use crate::client::Client;
use crate::data;
use crate::level::{self, Need};
use crate::op::{Command, Create, Op, LIMIT};
use support::args;

/// So many of the latest aliases are used.
const RECENT: usize = 100;
/// The number of users of a client who are limited.
const LIMITED: usize = 20;

impl Client {
    /// Adds one command to the batch, or a few.
    pub fn choose(&mut self, batch: &mut Vec<(Command, Op)>) {
        match level::need(self.model.len(), self.target, &mut self.random) {
            Some(Need::Make) => return self.create(batch),
            Some(Need::End) => return self.end_one(batch),
            None => {}
        }
        match self.random.below(100) {
            0..=13 => self.create(batch),
            14 => self.import(batch),
            15..=17 => self.limited(batch),
            18 => batch.push((
                args!["SESSION.VERIFY", "s:none"].to_vec(),
                Op::VerifyMissing,
            )),
            19..=23 => self.alias(batch),
            24..=26 => self.list(batch),
            27 => self.revoke(batch),
            _ => self.about_one(batch),
        }
    }

    fn user(&mut self) -> String {
        let window = self.users();
        let below = 1 + self.random.below(window);
        let n = self.first_user + self.random.below(below);
        format!("{}-user{n}", self.name)
    }

    fn create(&mut self, batch: &mut Vec<(Command, Op)>) {
        let mut create = Create {
            flash: self.random.below(3),
            ..Create::default()
        };
        let data = data::session(&mut self.random, 0, create.flash);
        let kind = self.random.below(20);
        let key = if kind == 0 { "p:*" } else { "s:*" }; // the prefix of a schema that comes and goes
        let mut command = args!["SESSION.SET", key, data].to_vec();
        match kind {
            0 => create.may_be_refused = true,
            1 => {
                create.may_be_refused = true;
                command.extend(args![
                    "SCHEMA",
                    data::passing(self.random.below(data::PASSING))
                ]);
            }
            2..=8 => command.extend(args!["SCHEMA", data::CART]),
            _ => {}
        }
        if !self.random.once_in(4) {
            let user = self.user();
            command.extend(args!["USER", user]);
            create.user = Some(user);
        }
        match self.random.below(8) {
            0 => {
                let ms = 200 + self.random.below(4000);
                create.deadline = Some(ms as i64);
                command.extend(args!["PX", ms]);
            }
            1 => command.extend(args!["EX", 7200]),
            2 => command.extend(args!["PERSIST"]),
            _ => {}
        }
        match self.random.below(8) {
            0 => {
                let ms = 300 + self.random.below(3000);
                create.idle = Some(ms as i64);
                command.extend(args!["PIDLE", ms]);
            }
            1..=2 => command.extend(args!["IDLE", 7200]),
            _ => {}
        }
        if self.random.once_in(4) {
            command.extend(args!["TOKEN"]);
        }
        batch.push((command, Op::Create(create)));
    }

    fn import(&mut self, batch: &mut Vec<(Command, Op)>) {
        let data = data::session(&mut self.random, 0, 1);
        let key = format!("i:{}:{}", self.name, self.next_id);
        self.next_id += 1;
        let command = args![
            "SESSION.IMPORT",
            key,
            data,
            "CREATED",
            1_700_000_000_000_u64
        ];
        batch.push((command.to_vec(), Op::Import));
    }

    fn limited(&mut self, batch: &mut Vec<(Command, Op)>) {
        let user = format!("{}-limited{}", self.name, self.random.below(LIMITED));
        if self.random.once_in(8) {
            let command = args!["SESSION.REVOKE", user].to_vec();
            return batch.push((command, Op::EndLimited { user }));
        }
        let data = data::session(&mut self.random, 0, 0);
        let mut command = args!["SESSION.SET", "l:*", data, "USER", user].to_vec();
        command.extend(args!["MAXSESSIONS", LIMIT]);
        let refuse = self.random.once_in(3);
        if refuse {
            command.extend(args!["REFUSE"]);
        }
        batch.push((command, Op::Limited { user, refuse }));
    }

    fn alias(&mut self, batch: &mut Vec<(Command, Op)>) {
        let aliases = &self.model.aliases;
        if aliases.is_empty() {
            return self.about_one(batch);
        }
        // Most of the older ones have ended.
        let recent = &aliases[aliases.len().saturating_sub(RECENT)..];
        let alias = self.random.pick(recent).clone();
        if !self.busy.insert(alias.id) {
            return;
        }
        let end = self.random.once_in(8);
        let name = if end { "SESSION.DEL" } else { "SESSION.GET" };
        let command = args![name, alias.key].to_vec();
        batch.push((
            command,
            if end {
                Op::EndAlias(alias)
            } else {
                Op::ReadAlias(alias)
            },
        ));
    }

    fn list(&mut self, batch: &mut Vec<(Command, Op)>) {
        let user = self.user();
        if self.random.once_in(2) {
            let command = args!["SESSION.LIST", user].to_vec();
            return batch.push((command, Op::List { user }));
        }
        let command = args![
            "SESSION.LIST",
            user,
            "LIMIT",
            3,
            "FIELDS",
            2,
            "user",
            "version",
            "PATH",
            "/n"
        ];
        batch.push((command.to_vec(), Op::ListFew { user }));
    }

    fn revoke(&mut self, batch: &mut Vec<(Command, Op)>) {
        let user = self.user();
        let ids = self.model.of(&user);
        let mut command = args!["SESSION.REVOKE", user].to_vec();
        let (mut except, mut only) = (None, None);
        match self.random.below(4) {
            0 if !ids.is_empty() => {
                let id = *self.random.pick(&ids);
                if !self.busy.insert(id) {
                    return;
                }
                command.extend(args!["EXCEPT", self.key(id)]);
                except = Some(id);
            }
            1 if !ids.is_empty() => {
                let ids: Vec<_> = ids.into_iter().take(3).collect();
                if ids.iter().any(|id| self.busy.contains(id)) {
                    return;
                }
                self.busy.extend(&ids);
                command.extend(args!["ONLY", "s:none"]);
                command.extend(ids.iter().map(|id| self.key(*id)));
                only = Some(ids);
            }
            2 => {
                let most = 1 + self.random.below(6) as i64;
                let some = args!["SESSION.REVOKE", user, "LIMIT", most].to_vec();
                batch.push((some, Op::RevokeSome { most }));
            }
            _ => {}
        }
        batch.push((command, Op::Revoke { user, except, only }));
    }

    fn key(&self, id: u64) -> Vec<u8> {
        self.model
            .get(id)
            .expect("a session of the model")
            .key
            .clone()
    }
}
