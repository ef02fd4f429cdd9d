//! The server's wall clock is set, and set right again later.
//!
//! What holds then: a session that is due by the clock and is asked for has ended, and does not come
//! back when the clock is right again; one that is not due stays, with its data; its version never goes
//! back. A session that is due while the clock is ahead, and that nobody asks for, may live on.

use super::{Fault, Scene};
use crate::deployment::On;
use support::{args, Conn, Value};

pub const FAULT: Fault = Fault {
    name: "clock",
    about: "the server's wall clock is set forwards or backwards, and right again later",
    keeps_primary: &[On::Single],
    replaces: &[],
    inject: set_clock,
};

const MINUTE: i64 = 60_000;

fn set_clock(scene: &mut Scene) -> String {
    // Long, so that no time of the run itself matters. Forwards and backwards together it is less than the
    // six hours for which the clients' sessions live.
    let ahead = !scene.random.once_in(3);
    let minutes = 10 + scene.random.below(160) as i64;
    let ms = if ahead { minutes } else { -minutes } * MINUTE;
    let number = scene.random.next_u64();
    let kill = scene.random.once_in(3);
    let own = Own::new(&mut scene.deployment.servers()[0].conn(), number, minutes);

    scene.deployment.clock().expect("a clock").set(ms);
    scene.hold(100, 600);
    let ended = ahead && {
        own.check_while_ahead(&mut scene.deployment.servers()[0].conn(), scene.findings);
        true
    };
    if kill {
        let server = &mut scene.deployment.nodes()[0];
        server.kill9();
        server.start_again();
    }
    scene.hold(100, 600);
    scene.deployment.clock().expect("a clock").set(0);
    own.check_afterwards(
        &mut scene.deployment.servers()[0].conn(),
        ended,
        scene.findings,
    );
    let killed = if kill { ", and kill -9 meanwhile" } else { "" };
    format!("clock set by {} minutes{killed}", ms / MINUTE)
}

/// Sessions of the fault's own.
struct Own {
    user: String,
    /// Due while the clock is ahead: by deadline, by idle timeout.
    due: [String; 2],
    /// Not due.
    stays: String,
}

impl Own {
    fn new(c: &mut Conn, number: u64, minutes: i64) -> Own {
        let user = format!("clock-{number:x}");
        let key = |name: &str| format!("{{{user}}}:{name}");
        let own = Own {
            due: [key("deadline"), key("idle")],
            stays: key("stays"),
            user: user.clone(),
        };
        let mut set = |key: &str, options: [Vec<u8>; 2]| {
            let set = args!["SESSION.SET", key, r#"{"n":1}"#, "NX", "USER", user];
            c.ok(&[&set[..], &options].concat());
        };
        set(&own.due[0], args!["PX", minutes * MINUTE / 2]);
        set(&own.due[1], args!["IDLE", minutes * 30]);
        set(&own.stays, args!["PX", minutes * MINUTE + 6 * 60 * MINUTE]);
        own
    }

    fn check_while_ahead(&self, c: &mut Conn, findings: &mut Vec<String>) {
        let mut expect = |what: String, is: bool| {
            if !is {
                findings.push(format!("with the clock ahead: {what}"));
            }
        };
        let listed = c.ok(&args!["SESSION.LIST", self.user]).texts();
        expect(
            format!("LIST shows {listed:?}"),
            listed == [self.stays.clone()],
        );
        for key in &self.due {
            let data = c.ok(&args!["SESSION.GET", key]);
            expect(
                format!("{key} is due, and GET replies {data}"),
                data.is_nil(),
            );
            let patch = c.cmd(&args!["SESSION.PATCH", key, r#"{"n":2}"#]);
            let refused = patch
                .error()
                .is_some_and(|line| line.starts_with("NOSESSION "));
            expect(format!("{key} is due, and PATCH replies {patch}"), refused);
        }
        let patch = c.cmd(&args!["SESSION.PATCH", self.stays, r#"{"n":2}"#]);
        expect(
            format!("PATCH of {} replies {patch}", self.stays),
            patch == Value::Int(2),
        );
    }

    fn check_afterwards(&self, c: &mut Conn, ended: bool, findings: &mut Vec<String>) {
        let mut expect = |what: String, is: bool| {
            if !is {
                findings.push(format!("with the clock right again: {what}"));
            }
        };
        let mut live = vec![self.stays.clone()];
        if !ended {
            live.extend(self.due.clone());
        }
        live.sort();
        let mut listed = c.ok(&args!["SESSION.LIST", self.user]).texts();
        listed.sort();
        expect(
            format!("LIST shows {listed:?} for {live:?}"),
            listed == live,
        );
        for key in self.due.iter().chain([&self.stays]) {
            let is_live = live.contains(key);
            let data = c.ok(&args!["SESSION.GET", key, "FIELDS", 1, "version"]);
            expect(
                format!("GET {key} replies {data}"),
                data.is_nil() != is_live,
            );
        }
        let version = if ended { 2 } else { 1 };
        let patch = c.cmd(&args!["SESSION.PATCH", self.stays, r#"{"n":3}"#]);
        let fits = patch == Value::Int(version + 1);
        expect(
            format!(
                "PATCH of {} replies {patch} after version {version}",
                self.stays
            ),
            fits,
        );
        // Nobody is to find them later: the number of sessions stays small.
        c.ok(&args!["SESSION.REVOKE", self.user]);
    }
}
