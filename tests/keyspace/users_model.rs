//! The index of users is right after everything that can happen to a key: after each of thousands of
//! random steps in several databases, LIST returns what a scan of all keys finds, and LIST with LIMIT
//! the beginning of that, on the primary and on its replica.

mod steps;

use redis_session::session::{codec, Value as Stored};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;
use steps::{
    command, copies_well, crowd, evict, load, refuse, remove_expired, restore, revoke_some,
};
use support::{args, eventually, payload, say, Conn, Random, Server, Value};

const DATABASES: usize = 3;
const USERS: usize = 5;
const KEYS: usize = 24;
/// `STEPS` of the environment sets another number.
const STEPS: usize = 3000;
/// So many primaries make the steps, each its part of them, at the same time: a step mostly waits.
const WALKS: usize = 4;
/// Graces are up to `SHORT_GRACE_MS`, or longer than the test takes.
const SHORT_GRACE_MS: usize = 50;
const LONG_GRACE_MS: usize = 5_000_000;
/// A key that ends sooner than this, in ms, might end during a load or a comparison.
const SOON_MS: i64 = 500_000;

fn user(n: usize) -> String {
    format!("user{n}")
}

/// Scans every key of every database, and lists every user's sessions, in one script. (A script that
/// declares no keys may do so where there is no cluster.) Returns for each database its sessions, its
/// lists, and how many of its keys have expired.
const LOOK: &str = "
    local all = {}
    for db = 0, tonumber(ARGV[1]) - 1 do
        redis.call('SELECT', db)
        local keys, lists = {}, {}
        for n = 0, tonumber(ARGV[2]) - 1 do
            local all = redis.call('SESSION.LIST', 'user' .. n)
            local firsts = {}
            for i, limit in ipairs({1, 2, 7, 30, 100}) do
                firsts[i] = redis.call('SESSION.LIST', 'user' .. n, 'LIMIT', limit)
            end
            lists[n + 1] = {all, firsts}
        end
        for i, key in ipairs(redis.call('KEYS', '*')) do
            if redis.call('TYPE', key).ok == 'session-1' then
                local live = redis.call('SESSION.INFO', key)
                keys[#keys + 1] = {key, redis.call('DUMP', key), live and 1 or 0}
            end
        end
        all[db + 1] = {keys, lists, redis.call('DBSIZE') - #redis.call('KEYS', '*')}
    end
    return all";

/// Decodes the value of a DUMP: it follows the type, the module's ID and an opcode, as one string that
/// is not compressed.
fn stored(value: &[u8]) -> Stored<'_> {
    assert_eq!(
        (value[0], value[1], value[10]),
        (7, 0x81, 5),
        "the format of RDB"
    );
    let string = &value[11..value.len() - 1];
    let (len, bytes) = match string[0] >> 6 {
        0 => (usize::from(string[0]), &string[1..]),
        1 => {
            let len = usize::from(string[0] & 0x3f) << 8 | usize::from(string[1]);
            (len, &string[2..])
        }
        other => panic!("a length of kind {other}"),
    };
    assert_eq!(bytes.len(), len);
    codec::decode(bytes).expect("a stored value")
}

type Order = (Reverse<i64>, Reverse<i64>, Vec<u8>);

/// A difference between the index of this server and a scan of its keys, if there is one.
fn wrong(server: &Server, c: &mut Conn) -> Option<String> {
    let databases = c.ok(&args!["EVAL", LOOK, 0, DATABASES, USERS]);
    let (mut users, mut expired) = (0, 0);
    for (n, database) in databases.items().iter().enumerate() {
        let [keys, lists, left] = database.items() else {
            panic!("{database:?}")
        };
        expired += left.int();
        let mut wanted: BTreeMap<String, Vec<Order>> = BTreeMap::new();
        for key in keys.items() {
            let [name, dump, live] = key.items() else {
                panic!("{key:?}")
            };
            let (value, _) = payload::open(dump.bytes());
            if let Stored::Session(session) = stored(&value) {
                if let Some(user) = session.user() {
                    let sessions = wanted.entry(user.to_owned()).or_default();
                    if live.int() == 1 {
                        let times = (Reverse(session.accessed()), Reverse(session.created()));
                        sessions.push((times.0, times.1, name.bytes().to_vec()));
                    }
                }
            }
        }
        users += wanted.len();
        for (i, list) in lists.items().iter().enumerate() {
            let mut wanted = wanted.remove(&user(i)).unwrap_or_default();
            wanted.sort();
            let wanted: Vec<_> = wanted.into_iter().map(|(_, _, key)| key).collect();
            let [list, firsts] = list.items() else {
                panic!("{list:?}")
            };
            for (first, limit) in firsts.items().iter().zip([1, 2, 7, 30, 100]) {
                let wanted = &list.items()[..limit.min(list.items().len())];
                if first.items() != wanted {
                    return Some(format!(
                        "db {n}, user{i}: LIMIT {limit} gives {first} of {list}"
                    ));
                }
            }
            let listed: Vec<_> = list
                .items()
                .iter()
                .map(|key| key.bytes().to_vec())
                .collect();
            if listed != wanted {
                let show = |keys: &[Vec<u8>]| {
                    let keys: Vec<_> = keys
                        .iter()
                        .map(|key| key.escape_ascii().to_string())
                        .collect();
                    keys.join(" ")
                };
                let (listed, wanted) = (show(&listed), show(&wanted));
                return Some(format!(
                    "db {n}, user{i}: LIST {listed}\n  the keys: {wanted}"
                ));
            }
        }
    }
    // A replica keeps expired keys until its primary deletes them. Clients do not see them, but the
    // index still has their users.
    let counted: usize = server.info("session", "session_users").parse().unwrap();
    let right = counted == users || (expired > 0 && counted > users);
    (!right).then(|| format!("INFO counts {counted} users of {users}, {expired} keys have expired"))
}

/// The keys of all databases that have not expired.
fn keys(c: &mut Conn) -> Vec<String> {
    let mut all = Vec::new();
    for db in 0..DATABASES {
        let script = "redis.call('SELECT', ARGV[1]) return redis.call('KEYS', '*')";
        let keys = c.ok(&args!["EVAL", script, 0, db]).texts();
        all.extend(keys.into_iter().map(|key| format!("{db} {key}")));
    }
    all.sort();
    all
}

/// Fails the test if the index is wrong. A session can end between the commands of a scan, which then
/// differs from the index; so only a difference that remains is an error.
#[track_caller]
fn check(server: &Server, c: &mut Conn, what: &dyn Fn() -> String) {
    let mut last = String::new();
    for _ in 0..100 {
        match wrong(server, c) {
            None => return,
            Some(wrong) => last = wrong,
        }
        thread::sleep(Duration::from_millis(5));
    }
    panic!("after {}: {last}", what());
}

/// The replica has the keys of its primary. A key can expire between the two commands, so the
/// primary's are read before and after, and again if one has.
#[track_caller]
fn same_keys(c: &mut Conn, r: &mut Conn, what: &dyn Fn() -> String) {
    eventually("no key expires for a moment", || {
        let before = keys(c);
        let of_replica = keys(r);
        let is_still = keys(c) == before;
        assert!(
            !is_still || of_replica == before,
            "after {}: {of_replica:?} on the replica, {before:?} on the primary",
            what()
        );
        is_still
    });
}

/// Breaks the replica's link to its primary; or makes it a primary for a while.
fn resync(primary: &Server, replica: &Server, random: &mut Random, copy: bool) -> &'static str {
    let diskless = *random.pick(&["yes", "no"]);
    primary.ok(&["CONFIG", "SET", "repl-diskless-sync", diskless]);
    let load = *random.pick(&["disabled", "on-empty-db", "swapdb"]);
    replica.ok(&["CONFIG", "SET", "repl-diskless-load", load]);
    match random.below(3) {
        0 => {
            primary.ok(&["CLIENT", "KILL", "TYPE", "replica"]);
            "a partial resync"
        }
        1 => {
            primary.ok(&["DEBUG", "CHANGE-REPL-ID"]);
            primary.ok(&["CLIENT", "KILL", "TYPE", "replica"]);
            "a full resync"
        }
        _ => {
            replica.ok(&["REPLICAOF", "NO", "ONE"]);
            let mut c = replica.conn();
            for _ in 0..20 {
                c.cmd(&command(random, copy));
            }
            c.ok(&["DEBUG", "SET-ACTIVE-EXPIRE", "1"]);
            thread::sleep(Duration::from_millis(2));
            check(replica, &mut c, &|| "a promotion and commands".into());
            replica.ok(&args!["REPLICAOF", "127.0.0.1", primary.port()]);
            "a promotion, and a full resync"
        }
    }
}

fn index_follows(primary: &mut Server, replica: &Server, random: &mut Random, steps: usize) {
    let mut c = primary.conn();
    let mut r = replica.conn();
    let copy = copies_well(primary);
    if !copy {
        say("this server copies keys of other types to other databases wrongly: it is spared that");
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for step in 0..steps {
        let mut at_the_replica = random.once_in(10);
        let what = match random.below(200) {
            0..=5 => {
                evict(primary, &mut c, random);
                "eviction".into()
            }
            6 => {
                at_the_replica = true;
                load(primary, &mut c, random).into()
            }
            7 => {
                at_the_replica = true;
                resync(primary, replica, random, copy).into()
            }
            8..=19 => restore(&mut c, random),
            20 | 39..=43 => crowd(&mut c, random),
            31..=34 => refuse(&mut c, random),
            35..=38 => revoke_some(&mut c, random),
            21..=30 => {
                c.ok(&["MULTI"]);
                let batch: Vec<_> = (0..5).map(|_| command(random, copy)).collect();
                batch.iter().for_each(|command| drop(c.cmd(command)));
                let replies = c.cmd(&["EXEC"]);
                let lines: Vec<_> = batch.iter().map(|b| support::resp::shown(b)).collect();
                format!("a transaction: {} -> {replies}", lines.join("; "))
            }
            _ => {
                let command = command(random, copy);
                let reply = c.cmd(&command);
                format!("{}: {reply}", support::resp::shown(&command))
            }
        };
        let kind = match what.strip_prefix("a ") {
            Some(_) => what.split(':').next().unwrap_or_default(),
            None => what.split([' ', ':']).next().unwrap_or_default(),
        };
        *counts.entry(kind.to_owned()).or_default() += 1;
        // Sessions of one millisecond have ended, whether the server has deleted them or not.
        thread::sleep(Duration::from_millis(2));
        check(primary, &mut c, &|| format!("step {step}, {what}"));
        if at_the_replica {
            replica.wait_for_sync(primary);
            check(replica, &mut r, &|| {
                format!("step {step}, on the replica, {what}")
            });
            same_keys(&mut c, &mut r, &|| format!("step {step}, {what}"));
        }
    }
    remove_expired(&mut c);
    // Short graces end before the servers are compared. PERSIST can keep the key of an alias beyond them.
    let now = c.now();
    c.wait_until_after(now + SHORT_GRACE_MS as i64);
    replica.wait_for_sync(primary);
    let values = |c: &mut Conn| {
        let mut values = Vec::new();
        for key in keys(c) {
            let (db, key) = key.split_once(' ').unwrap();
            c.ok(&["SELECT", db]);
            let digest = c.ok(&["DEBUG", "DIGEST-VALUE", key]).texts();
            let expires = c.ok(&["PEXPIRETIME", key]).int();
            let info = c.cmd(&["SESSION.INFO", key]);
            values.push(format!("{db} {key}: {digest:?}, expires {expires}, {info}"));
        }
        values
    };
    let (of_primary, of_replica) = (values(&mut c), values(&mut r));
    for (a, b) in of_primary.iter().zip(&of_replica) {
        assert_eq!(a.split("ttl").next(), b.split("ttl").next());
    }
    replica.snapshot().assert_is(&primary.snapshot());
    check(replica, &mut r, &|| "all of it, on the replica".into());
    say(&format!("{steps} steps: {counts:?}"));

    // Nothing is left of the index when nothing is left to index.
    c.ok(&["FLUSHALL", "ASYNC"]);
    replica.wait_for_sync(primary);
    for server in [&*primary, replica] {
        assert_eq!(server.info("session", "session_users"), "0");
        eventually("all is freed", || {
            server.info("session", "session_sessions") == "0"
        });
    }
}

/// Makes random steps on a primary and its replica, and compares after each.
fn walk(random: &mut Random, steps: usize) {
    let mut primary = Server::setup()
        .config("appendonly yes")
        .config("appendfsync no")
        .config("auto-aof-rewrite-percentage 0")
        .config("save 3600 1000000")
        .config("rdbcompression no")
        .module_arg("max-grace-ms 10000000")
        .start();
    // The longest grace too: a server follows no alias that lasts longer than its own setting allows.
    let of_replica = Server::setup()
        .config("rdbcompression no")
        .module_arg("max-grace-ms 10000000");
    let replica = primary.replica_with(of_replica);
    index_follows(&mut primary, &replica, random, steps);
}

#[test]
fn after_every_step_list_says_what_a_scan_says() {
    let steps = std::env::var("STEPS").map_or(STEPS, |text| text.parse().expect("a number"));
    let mut random = Random::seeded();
    thread::scope(|scope| {
        for _ in 0..WALKS {
            let mut random = Random::from(random.next_u64());
            scope.spawn(move || walk(&mut random, steps.div_ceil(WALKS)));
        }
    });
}

#[test]
fn a_reply_of_list_is_the_same_before_and_after_a_reload() {
    let server = Server::setup().config("save 3600 1000000").start();
    let mut c = server.conn();
    for n in 0..200 {
        c.ok(&args!["SESSION.SET", "s:*", n, "USER", user(n % 3)]);
    }
    let lists = |c: &mut Conn| -> Vec<Value> {
        (0..3)
            .map(|n| c.ok(&args!["SESSION.LIST", user(n), "WITHINFO", "PATH", ""]))
            .collect()
    };
    let fields = |lists: Vec<Value>| -> Vec<(String, String)> {
        let entries = lists.iter().flat_map(|list| list.items().to_vec());
        entries
            .map(|entry| {
                let [key, info, data] = entry.items() else {
                    panic!("{entry:?}")
                };
                let mut info = info.pairs();
                info.retain(|(field, _)| field != "ttl");
                (key.text(), format!("{info:?} {data}"))
            })
            .collect()
    };
    let before = fields(lists(&mut c));
    assert_eq!(before.len(), 200);
    c.ok(&["DEBUG", "RELOAD"]);
    assert_eq!(fields(lists(&mut c)), before);
}
