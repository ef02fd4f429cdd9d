//! The cases that `main` times and `count` counts: typical work of the pure parts. Those that depend on the
//! kind and the size of the data are in by_size.rs.

use crate::by_size;
use crate::payload::shop::session;
use redis_session::id::{self, Pool};
use redis_session::json::{self, Arena, Padded, ScanMemory};
use redis_session::session::packed::{self, Packed};
use redis_session::session::{codec, Session, Timeouts, Value};
use redis_session::users::{Index, Slotting, EVERYWHERE};
use std::hint::black_box;

/// A piece of work that can be repeated.
pub struct Case {
    /// The name in the output.
    pub name: &'static str,
    /// Does the work once.
    pub work: Work,
}

/// It keeps its arenas and buffers from one call to the next, as the module does.
pub type Work = Box<dyn FnMut()>;

/// All cases.
pub fn all() -> Vec<Case> {
    let mut cases = by_size::all();
    let mut add = |name, work: Work| cases.push(Case { name, work });
    add("parse, 290 bytes indented", parse(indented()));
    add(
        "parse, 1000 members (duplicate check)",
        parse(members(1000)),
    );
    add("parse, two strings of 8 KiB", parse(strings()));
    add(
        "parse, 200 strings with escapes",
        parse(repeated(ESCAPES, 200)),
    );
    add(
        "parse, 1000 decimals",
        parse(repeated("0.0012345678901", 1000)),
    );
    add("parse, 128 levels", parse(nested()));
    add(
        "parse, 100 strings of Chinese",
        parse(repeated(CHINESE, 100)),
    );
    add("check, 290 bytes indented", check(indented()));
    add(
        "check, 1000 members (duplicate check)",
        check(members(1000)),
    );
    add(
        "check, 200 strings with escapes",
        check(repeated(ESCAPES, 200)),
    );
    add("check, 128 levels", check(nested()));
    add("encode (RDB, replication)", encode());
    add("decode", decode());
    add("pack (memory)", pack());
    add("unpack", unpack());
    add("index: add and remove", index());
    add("index: the keys of a user", keys());
    add("ID", ids());
    add("token and its ID", tokens());
    cases
}

fn indented() -> String {
    let tree: serde_json::Value = serde_json::from_str(&session(290)).expect("JSON");
    serde_json::to_string_pretty(&tree).expect("a tree")
}

fn members(count: usize) -> String {
    let members: Vec<_> = (0..count).map(|n| format!("\"member{n}\":{n}")).collect();
    format!("{{{}}}", members.join(","))
}

const ESCAPES: &str = r#""a\n\t\"quoted\" back\\slash \u00e9\ud83d\ude00 end""#;
const CHINESE: &str = r#""会话数据以原样保存在服务器内存中，并在写入之前进行检查。""#;

fn strings() -> String {
    format!("[\"{}\",\"{}\"]", "x".repeat(8192), "a b ".repeat(2048))
}

fn repeated(value: &str, count: usize) -> String {
    format!("[{}]", vec![value; count].join(","))
}

fn nested() -> String {
    format!("{}1{}", "{\"a\":[".repeat(64), "]}".repeat(64))
}

fn parse(text: String) -> Work {
    let mut arena = Arena::new();
    Box::new(move || {
        let document = arena.parse(black_box(text.as_bytes()));
        black_box(document.expect("JSON").root());
    })
}

fn check(text: String) -> Work {
    let (mut memory, mut buffer) = (ScanMemory::new(), text.into_bytes());
    Box::new(move || {
        let is_strict = |padded: Padded<'_>| json::is_strict(black_box(padded), &mut memory);
        assert!(Padded::within(&mut buffer, 0, is_strict));
    })
}

fn value(data: &[u8]) -> Value<'_> {
    let now = 1_790_000_000_000;
    let timeouts = Timeouts {
        deadline: Some(now + 21_600_000),
        idle: Some(1_800_000),
    };
    let user = Some("u_48213907");
    Value::Session(Session::create(now, data, timeouts, Some("shop"), user))
}

fn encode() -> Work {
    let (data, mut out) = (session(290), Vec::new());
    Box::new(move || {
        out.clear();
        codec::encode(black_box(&value(data.as_bytes())), &mut out);
        black_box(&out);
    })
}

fn decode() -> Work {
    let mut bytes = Vec::new();
    codec::encode(&value(session(290).as_bytes()), &mut bytes);
    Box::new(move || {
        let _ = black_box(codec::decode(black_box(&bytes)).expect("a session"));
    })
}

fn pack() -> Work {
    let data = session(290);
    Box::new(move || {
        let value = value(data.as_bytes());
        black_box(Packed::of(black_box(&value)).parts());
    })
}

fn unpack() -> Work {
    let data = session(290);
    let bytes = Packed::of(&value(data.as_bytes())).parts().concat();
    Box::new(move || {
        let _ = black_box(packed::read(black_box(&bytes), 1, 1_790_000_000_000));
    })
}

/// An index of 1,000 users with ten sessions each.
fn filled() -> Index {
    let mut index = Index::new(Slotting::None);
    for n in 0..10_000 {
        index.add(
            0,
            &format!("u_{:08}", n % 1000),
            format!("session:{n:032x}").as_bytes(),
            n,
        );
    }
    index
}

fn index() -> Work {
    let mut index = filled();
    let key = format!("session:{:032x}", u64::MAX);
    Box::new(move || {
        index.add(0, black_box("u_00000500"), key.as_bytes(), 1);
        index.remove(0, black_box("u_00000500"), key.as_bytes());
    })
}

fn keys() -> Work {
    let index = filled();
    Box::new(move || {
        let part = index.part(0, black_box("u_00000500"), EVERYWHERE, None, usize::MAX);
        black_box(part.keys.iter().count());
    })
}

fn ids() -> Work {
    let mut pool = Pool::new();
    Box::new(move || {
        black_box(pool.uuid().expect("random bytes"));
    })
}

fn tokens() -> Work {
    Box::new(move || {
        let token = id::token().expect("random bytes");
        black_box(id::token_id(&token));
    })
}
