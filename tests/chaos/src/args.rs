//! The arguments of the commands.

use crate::call::{Call, Limit, NewKey, Which};
use crate::data::{object, Data, Member, Patch, Serial};
use support::args;

impl Call {
    /// The command and its arguments. The second is always a key or the user: in a cluster all keys
    /// of a user have the user's name as hash tag, so the slot of the second argument is right.
    pub fn args(&self) -> Vec<Vec<u8>> {
        match self {
            Call::Create {
                key,
                serial,
                code,
                user,
                limit,
                px,
            } => {
                let data = Data::written(*serial, *code).json();
                let mut args = vec![b"SESSION.SET".to_vec(), key.arg(), data.into()];
                if let NewKey::Own(_) = key {
                    args.push("NX".into());
                }
                add_expiry(&mut args, *px);
                if let Some(user) = user {
                    add_user(&mut args, user, *limit);
                }
                args
            }
            Call::Replace { key, data, version } => {
                let mut args = args!["SESSION.SET", key, data.json()].to_vec();
                add_version(&mut args, *version);
                args
            }
            Call::Patch {
                key,
                patch,
                version,
                test,
            } => {
                let text = patch_text(patch, *test);
                let mut args = args!["SESSION.PATCH", key, text].to_vec();
                add_version(&mut args, *version);
                args
            }
            Call::Pop { key, members } => {
                let mut args = args!["SESSION.POP", key].to_vec();
                args.extend(
                    members
                        .iter()
                        .map(|m| format!("/{}", m.name()).into_bytes()),
                );
                args
            }
            Call::Rotate {
                key,
                new,
                grace,
                patch,
                login,
            } => {
                let mut args = vec![b"SESSION.ROTATE".to_vec(), key.clone().into(), new.arg()];
                if let NewKey::Own(_) = new {
                    args.push("NX".into());
                }
                if let Some(ms) = grace {
                    args.extend(args!["GRACE", ms]);
                }
                if !patch.is_empty() {
                    args.extend(args!["PATCH", object(patch.iter().copied())]);
                }
                if let Some((user, limit)) = login {
                    add_user(&mut args, user, *limit);
                }
                args
            }
            Call::Delete { keys } => with_keys("SESSION.DEL", keys),
            Call::Revoke { user, which } => {
                let mut args = args!["SESSION.REVOKE", user].to_vec();
                match which {
                    Which::All => {}
                    Which::Except(keys) => args.extend(with_keys("EXCEPT", keys)),
                    Which::Only(keys) => args.extend(with_keys("ONLY", keys)),
                    Which::Some(count) => args.extend(args!["LIMIT", count]),
                }
                args
            }
            Call::Touch { key, px } => {
                let mut args = args!["SESSION.TOUCH", key].to_vec();
                add_expiry(&mut args, *px);
                args
            }
            Call::Get { key, touch } => {
                let mut args = args!["SESSION.GET", key, "FIELDS", 2, "version", "user"].to_vec();
                if !touch {
                    args.push("NOTOUCH".into());
                }
                args
            }
            Call::Verify { key, fresh } => {
                let mut args = args!["SESSION.VERIFY", key].to_vec();
                if *fresh {
                    args.extend(args!["FRESH", 3600]);
                }
                args.extend(args!["FIELDS", 2, "version", "user"]);
                args
            }
            Call::Info { key } => args!["SESSION.INFO", key].to_vec(),
            Call::List { user } => {
                args!["SESSION.LIST", user, "FIELDS", 1, "version", "PATH", ""].to_vec()
            }
        }
    }
}

impl NewKey {
    fn arg(&self) -> Vec<u8> {
        match self {
            NewKey::Made(stem) => format!("{stem}*").into_bytes(),
            NewKey::Own(key) => key.clone().into_bytes(),
        }
    }
}

fn add_expiry(args: &mut Vec<Vec<u8>>, px: Option<u64>) {
    if let Some(ms) = px {
        args.extend(args!["PX", ms]);
    }
}

fn add_version(args: &mut Vec<Vec<u8>>, version: Option<i64>) {
    if let Some(version) = version {
        args.extend(args!["IFVERSION", version]);
    }
}

fn add_user(args: &mut Vec<Vec<u8>>, user: &str, limit: Option<Limit>) {
    args.extend(args!["USER", user]);
    if let Some(limit) = limit {
        args.extend(args!["MAXSESSIONS", limit.max]);
        if limit.refuse {
            args.push("REFUSE".into());
        }
    }
}

fn with_keys(word: &str, keys: &[String]) -> Vec<Vec<u8>> {
    let keys = keys.iter().map(|key| key.clone().into_bytes());
    std::iter::once(word.into()).chain(keys).collect()
}

fn patch_text(patch: &Patch, test: Option<(Member, Serial)>) -> String {
    let Some((tested, serial)) = test else {
        return object(patch.iter().copied());
    };
    let mut steps = vec![format!(
        r#"{{"op":"test","path":"/{}","value":{serial}}}"#,
        tested.name()
    )];
    steps.extend(patch.iter().map(|(member, value)| match value {
        Some(serial) => format!(
            r#"{{"op":"add","path":"/{}","value":{serial}}}"#,
            member.name()
        ),
        None => format!(r#"{{"op":"remove","path":"/{}"}}"#, member.name()),
    }));
    format!("[{}]", steps.join(","))
}
