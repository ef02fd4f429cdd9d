//! Chooses commands about one live session.

use crate::client::Client;
use crate::data;
use crate::model::Session;
use crate::op::{Command, Op};
use support::args;

/// The longest grace, in ms.
const GRACE: usize = 2000;

fn deletion(session: &Session) -> (Command, Op) {
    let command = args!["SESSION.DEL", session.key].to_vec();
    (command, Op::Delete { id: session.id })
}

impl Client {
    pub fn about_one(&mut self, batch: &mut Vec<(Command, Op)>) {
        let Some(session) = self.model.pick(&mut self.random).cloned() else {
            return;
        };
        let id = session.id;
        if !self.busy.insert(id) {
            return; // an earlier command of the batch is about it
        }
        let (key, n) = (&session.key, session.n + 1);
        let random = &mut self.random;
        let pair = match random.below(72) {
            0..=13 => (args!["SESSION.GET", key].to_vec(), Op::Get { id }),
            14..=18 => {
                let command = args!["SESSION.GET", key, "WITHINFO", "PATH", "/n", "/none"];
                (command.to_vec(), Op::GetPart { id })
            }
            19..=34 => (args!["SESSION.VERIFY", key].to_vec(), Op::Verify { id }),
            35..=38 => (args!["SESSION.TOUCH", key].to_vec(), Op::Touch { id }),
            39..=40 => (args!["SESSION.INFO", key].to_vec(), Op::Info { id }),
            41..=51 => {
                let mut command = args!["SESSION.PATCH", key, data::patch(random, n)].to_vec();
                if random.once_in(2) {
                    command.extend(args!["IFVERSION", session.version]);
                }
                (command, Op::Patch { id, n })
            }
            52..=53 => {
                let count = 1 + random.below(5);
                let patch = format!(r#"{{"n":{n},"flash":{}}}"#, data::flash(count));
                (
                    args!["SESSION.PATCH", key, patch].to_vec(),
                    Op::Flash { id, count },
                )
            }
            54 => {
                let command = args!["SESSION.PATCH", key, "{}", "IFVERSION", session.version + 7];
                (command.to_vec(), Op::OldVersion { id })
            }
            55 => (
                args!["SESSION.SET", key, "{\"n\":"].to_vec(),
                Op::BadData { id },
            ),
            56..=59 => {
                let command = args!["SESSION.POP", key, "/flash/0", "/none"];
                (command.to_vec(), Op::Pop { id })
            }
            60..=62 => {
                let data = data::session(random, n, 0);
                (
                    args!["SESSION.SET", key, data].to_vec(),
                    Op::Replace { id, n },
                )
            }
            63..=67 => return self.rotate(id, batch),
            68 => (args!["UNLINK", key].to_vec(), Op::Unlink { id }),
            _ => deletion(&session),
        };
        batch.push(pair);
    }

    /// Ends a session.
    pub fn end_one(&mut self, batch: &mut Vec<(Command, Op)>) {
        if let Some(session) = self.model.pick(&mut self.random) {
            let id = session.id;
            if self.busy.insert(id) {
                batch.push(deletion(session));
            }
        }
    }

    fn rotate(&mut self, id: u64, batch: &mut Vec<(Command, Op)>) {
        let session = self.model.get(id).expect("the session chosen").clone();
        let mut command = args!["SESSION.ROTATE", session.key, "s:*"].to_vec();
        let (mut grace, mut n, mut user) = (None, None, None);
        if session.user.is_none() && self.random.once_in(2) {
            let name = format!("{}-user{}", self.name, self.first_user);
            command.extend(args!["USER", name]);
            user = Some(name);
        } else if !self.random.once_in(3) {
            let ms = 50 + self.random.below(GRACE) as i64;
            command.extend(args!["GRACE", ms]);
            grace = Some(ms);
        }
        if self.random.once_in(3) {
            n = Some(session.n + 1);
            command.extend(args!["PATCH", format!("{{\"n\":{}}}", session.n + 1)]);
        }
        if self.random.once_in(4) {
            command.push(b"TOKEN".to_vec());
        }
        batch.push((command, Op::Rotate { id, grace, n, user }));
    }
}
