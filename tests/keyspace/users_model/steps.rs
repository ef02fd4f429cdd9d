//! The random steps: commands, and everything else that can happen to a key.

use super::{user, DATABASES, KEYS, LONG_GRACE_MS, SHORT_GRACE_MS, SOON_MS, USERS};
use support::{args, eventually, Conn, Random, Server, Value};

/// So many sessions of one user are made at once, which is more than the index keeps in a block.
const CROWD: usize = 45;

fn key(random: &mut Random) -> String {
    if random.once_in(4) {
        format!("crowd{}", random.below(CROWD))
    } else {
        format!("k{}", random.below(KEYS))
    }
}

/// Makes many sessions of one user.
pub fn crowd(c: &mut Conn, random: &mut Random) -> String {
    let name = user(random.below(2));
    let make = |n| args!["SESSION.SET", format!("crowd{n}"), n, "NX", "USER", name];
    let commands: Vec<_> = (0..CROWD).map(make).collect();
    let made = c.pipeline(&commands);
    let made = made.iter().filter(|reply| !reply.is_nil()).count();
    format!("a crowd: {made} more of {name}")
}

/// A session with a limit that refuses, between two lists of the user's sessions. Meanwhile sessions
/// can end, but none can begin.
pub fn refuse(c: &mut Conn, random: &mut Random) -> String {
    let (name, most) = (user(random.below(USERS)), 1 + random.below(CROWD));
    c.ok(&["MULTI"]);
    c.ok(&args!["SESSION.LIST", name]);
    c.ok(&args![
        "SESSION.SET",
        "made:*",
        "{}",
        "USER",
        name,
        "MAXSESSIONS",
        most,
        "REFUSE"
    ]);
    c.ok(&args!["SESSION.LIST", name]);
    let replies = c.ok(&["EXEC"]);
    let [before, reply, after] = replies.items() else {
        panic!("{replies:?}")
    };
    match reply.error() {
        Some(line) => {
            assert!(line.starts_with("TOOMANY "), "{line}");
            assert!(before.items().len() >= most, "{most}: {before}");
            assert!(after.items().len() <= before.items().len());
        }
        None => {
            assert!(after.items().len() <= most, "{most}: {after}");
            assert!(after.items().contains(reply));
        }
    }
    format!("a limit that refuses: {most}, {reply}")
}

/// A few sessions revoked, between two lists of the user's sessions.
pub fn revoke_some(c: &mut Conn, random: &mut Random) -> String {
    let (name, most) = (user(random.below(USERS)), 1 + random.below(9));
    c.ok(&["MULTI"]);
    c.ok(&args!["SESSION.LIST", name]);
    c.ok(&args!["SESSION.REVOKE", name, "LIMIT", most]);
    c.ok(&args!["SESSION.LIST", name]);
    let replies = c.ok(&["EXEC"]);
    let [before, ended, after] = replies.items() else {
        panic!("{replies:?}")
    };
    let count = usize::try_from(ended.int()).unwrap();
    assert!(count <= most);
    assert!(
        count == most || after.items().is_empty(),
        "{most}: {replies}"
    );
    let spared = &before.items()[..before.items().len() - count];
    assert!(
        after.items().iter().all(|key| spared.contains(key)),
        "others than the last {count} have ended: {replies}"
    );
    format!("a revocation with a limit: {count} of {most}")
}

fn make(random: &mut Random) -> Vec<Vec<u8>> {
    let name = if random.once_in(4) {
        "made:*".into()
    } else {
        key(random)
    };
    let mut command = args!["SESSION.SET", name, "{}"].to_vec();
    if !name.ends_with('*') && random.once_in(5) {
        let user = user(random.below(USERS));
        return args!["SESSION.IMPORT", name, "{}", "CREATED", 1, "USER", user].to_vec();
    }
    if !name.ends_with('*') {
        command.extend(args!["NX"]);
    }
    if !random.once_in(5) {
        command.extend(args!["USER", user(random.below(USERS))]);
        if random.once_in(3) {
            command.extend(args!["MAXSESSIONS", *random.pick(&[2, 7, 20, 40, 50, 60])]);
            if random.once_in(3) {
                command.extend(args!["REFUSE"]);
            }
        }
    }
    match random.below(8) {
        0 => command.extend(args!["PX", 1]),
        1 => command.extend(args!["IDLE", 9000]),
        _ => {}
    }
    command
}

fn rotate(random: &mut Random) -> Vec<Vec<u8>> {
    let mut command = match random.once_in(4) {
        true => args!["SESSION.ROTATE", key(random), key(random), "NX"].to_vec(),
        false => args!["SESSION.ROTATE", key(random), "made:*"].to_vec(),
    };
    match random.below(5) {
        0 => command.extend(args!["USER", user(random.below(USERS))]),
        1 => command.extend(args!["USER", user(random.below(USERS)), "MAXSESSIONS", 2]),
        2 => {
            let most = 2 + random.below(50);
            let login = args![
                "USER",
                user(random.below(USERS)),
                "MAXSESSIONS",
                most,
                "REFUSE"
            ];
            command.extend(login);
        }
        3 => {
            let longer = *random.pick(&[0, LONG_GRACE_MS]);
            command.extend(args!["GRACE", 1 + random.below(SHORT_GRACE_MS) + longer]);
        }
        _ => {}
    }
    command
}

fn revoke(random: &mut Random) -> Vec<Vec<u8>> {
    let mut command = args!["SESSION.REVOKE", user(random.below(USERS))].to_vec();
    if random.once_in(2) {
        command.extend(args!["LIMIT", 1 + random.below(20)]);
    }
    match random.below(6) {
        0 => {}
        1 => command.extend(args!["EXCEPT", key(random)]),
        _ => command.extend(args!["ONLY", key(random), key(random), key(random)]),
    }
    command
}

/// Whether a client stays in its database when it copies a key of another type to another database.
/// On Valkey 8.1 and 9.0 it does not if a module listens to key events (valkey-io/valkey#4024), and
/// the commands that follow are replicated wrongly.
pub fn copies_well(server: &Server) -> bool {
    let mut c = server.conn();
    c.ok(&["SET", "probe", "x"]);
    c.ok(&["COPY", "probe", "probe", "DB", "1"]);
    let stays = c.ok(&["CLIENT", "INFO"]).text().contains(" db=0 ");
    c.ok(&["FLUSHALL"]);
    stays
}

pub fn command(random: &mut Random, copy: bool) -> Vec<Vec<u8>> {
    let (a, b) = (key(random), key(random));
    match random.below(60) {
        0..=19 => make(random),
        20..=25 => rotate(random),
        26..=27 => revoke(random),
        28 => args!["SESSION.DEL", a, b].to_vec(),
        29 => args!["DEL", a].to_vec(),
        30 => args!["UNLINK", a, b].to_vec(),
        31 => args!["SET", a, "a string"].to_vec(),
        32 => args!["SADD", a, "1"].to_vec(),
        33..=34 => args!["RENAME", a, b].to_vec(),
        35 => args!["RENAMENX", a, b].to_vec(),
        36..=37 => args!["MOVE", a, random.below(DATABASES)].to_vec(),
        38..=39 => args!["COPY", a, b].to_vec(),
        40..=41 => args!["COPY", a, b, "REPLACE"].to_vec(),
        42..=43 if !copy => args!["RENAME", a, b].to_vec(),
        42..=43 => args!["COPY", a, b, "DB", random.below(DATABASES), "REPLACE"].to_vec(),
        44 => args!["PEXPIRE", a, 1].to_vec(),
        45 => args!["PEXPIREAT", a, 1].to_vec(),
        46 => args!["PERSIST", a].to_vec(),
        47..=48 => args!["SESSION.TOUCH", a].to_vec(),
        49 => args!["SESSION.SET", a, random.below(9)].to_vec(),
        50 => args!["SESSION.TOUCH", a, "PX", 1].to_vec(),
        51 if random.once_in(4) => {
            args!["SWAPDB", random.below(DATABASES), random.below(DATABASES)].to_vec()
        }
        52 if random.once_in(6) => args!["FLUSHDB", *random.pick(&["SYNC", "ASYNC"])].to_vec(),
        53 if random.once_in(12) => args!["FLUSHALL", *random.pick(&["SYNC", "ASYNC"])].to_vec(),
        54 => args!["DEBUG", "SET-ACTIVE-EXPIRE", random.below(2)].to_vec(),
        55 => args!["SUNIONSTORE", a, b].to_vec(),
        _ => args!["SELECT", random.below(DATABASES)].to_vec(),
    }
}

/// RESTORE with each of its options, also with a time that has passed, which makes no key.
pub fn restore(c: &mut Conn, random: &mut Random) -> String {
    let dumps: Vec<_> = (0..10).map(|_| key(random)).collect();
    let dumps = dumps.iter().map(|from| (from, c.ok(&["DUMP", from])));
    let Some((from, dump)) = dumps.into_iter().find(|(_, dump)| !dump.is_nil()) else {
        return "a DUMP of nothing".into();
    };
    let to = key(random);
    let mut command = args!["RESTORE", to, 0, dump.bytes()].to_vec();
    match random.below(5) {
        0 => {}
        1 => command.extend(args!["REPLACE"]),
        2 => {
            command[2] = b"1".to_vec(); // long ago
            command.extend(args!["ABSTTL", "REPLACE"]);
        }
        3 => {
            command[2] = b"1".to_vec(); // in a millisecond
            command.extend(args!["REPLACE"]);
        }
        _ => {
            command[2] = b"9000000".to_vec();
            command.extend(args!["REPLACE"]);
        }
    }
    let reply = c.cmd(&command);
    format!("RESTORE of {from} at {to}: {reply}")
}

/// Evicts some keys.
pub fn evict(server: &Server, c: &mut Conn, random: &mut Random) {
    let policy = *random.pick(&["allkeys-random", "allkeys-lru", "volatile-ttl"]);
    c.ok(&args!["CONFIG", "SET", "maxmemory-policy", policy]);
    let used: usize = server.info("memory", "used_memory").parse().unwrap();
    c.ok(&args!["CONFIG", "SET", "maxmemory", used - 2000]);
    c.cmd(&["SESSION.SET", "made:*", "{}", "USER", "user0"]);
    c.ok(&["CONFIG", "SET", "maxmemory", "0"]);
    c.ok(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
}

/// Has the server remove all keys that have expired, or will soon.
pub fn remove_expired(c: &mut Conn) {
    c.ok(&["DEBUG", "SET-ACTIVE-EXPIRE", "1"]);
    for db in 0..DATABASES {
        c.ok(&args!["SELECT", db]);
        eventually("no key is left that ends soon", || {
            let keys = c.ok(&["KEYS", "*"]).items().to_vec();
            let ask: Vec<_> = keys.iter().map(|k| args!["PTTL", k.bytes()]).collect();
            let times = c.pipeline(&ask);
            let later = |ms: &Value| !(0..SOON_MS).contains(&ms.int());
            times.iter().all(later) && c.ok(&["DBSIZE"]).int() == keys.len() as i64
        });
    }
}

/// Loads all data from a file, of a random kind. Returns a description.
pub fn load(server: &mut Server, c: &mut Conn, random: &mut Random) -> &'static str {
    // DEBUG RELOAD drops expired keys without telling the replica, which would keep them.
    remove_expired(c);
    let (what, how) = match random.below(4) {
        0 => ("DEBUG RELOAD", args!["DEBUG", "RELOAD"].to_vec()),
        1 => {
            server.save();
            let how = args!["DEBUG", "RELOAD", "NOSAVE", "NOFLUSH", "MERGE"].to_vec();
            ("DEBUG RELOAD over what is there", how)
        }
        2 => ("DEBUG LOADAOF", args!["DEBUG", "LOADAOF"].to_vec()),
        _ => {
            if random.once_in(2) {
                c.ok(&["CONFIG", "SET", "appendfsync", "always"]);
                c.ok(&["SET", "k0", "synced"]);
                server.kill9();
                server.start_again();
            } else {
                server.restart();
            }
            *c = server.conn();
            return "a restart";
        }
    };
    c.ok(&how);
    what
}
