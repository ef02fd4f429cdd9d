//! Keyspace notifications, and the lines of MONITOR.
//!
//! A server sends these in order. To know all that it has sent by now, a marker is sent through it:
//! everything that arrives before the marker is all. So nothing here sleeps.

use super::wait::PATIENCE;
use super::{Conn, Server, Value};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

fn marker() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    format!(
        "marker:{}:{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    )
}

/// One published message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub channel: String,
    pub message: String,
}

/// A subscriber to keyspace notifications.
pub struct Events {
    subscriber: Conn,
    control: Conn,
}

impl Events {
    /// All keyevent notifications of every database: (`__keyevent@0__:session.set`, key).
    pub fn keyevents(server: &Server) -> Events {
        Events::matching(server, "__keyevent@*__:*")
    }

    /// All keyspace notifications of one key: (`__keyspace@0__:key`, event).
    pub fn of_key(server: &Server, key: &str) -> Events {
        Events::matching(server, &format!("__keyspace@*__:{key}"))
    }

    /// Subscribes to the channels that match, and turns all classes of notification on.
    fn matching(server: &Server, pattern: &str) -> Events {
        let mut control = server.conn();
        control.ok(&["CONFIG", "SET", "notify-keyspace-events", "KEA"]);
        let mut subscriber = server.conn();
        subscriber.ok(&["PSUBSCRIBE", pattern]);
        subscriber.ok(&["SUBSCRIBE", "marker"]);
        Events {
            subscriber,
            control,
        }
    }

    /// All events since the last call.
    #[track_caller]
    pub fn so_far(&mut self) -> Vec<Event> {
        let marker = marker();
        self.control.ok(&["PUBLISH", "marker", &marker]);
        let mut events = Vec::new();
        loop {
            match event(&self.subscriber.reply()) {
                Some(e) if e.message == marker => return events,
                Some(e) if e.channel != "marker" => events.push(e),
                _ => {}
            }
        }
    }

    /// All keyevents since the last call, each as `event key`.
    #[track_caller]
    pub fn lines(&mut self) -> Vec<String> {
        let line = |e: Event| {
            let name = e
                .channel
                .split_once(':')
                .map_or(e.channel.clone(), |(_, name)| name.into());
            format!("{name} {}", e.message)
        };
        self.so_far().into_iter().map(line).collect()
    }

    /// Waits for the first event that is `wanted`, and drops those before it. For events that come
    /// in their own time, such as expiry.
    #[track_caller]
    pub fn wait_for(&mut self, wanted: impl Fn(&Event) -> bool) -> Event {
        let deadline = Instant::now() + PATIENCE;
        let mut others = Vec::new();
        while let Some(reply) = self.subscriber.reply_by(deadline) {
            match event(&reply) {
                Some(e) if wanted(&e) => return e,
                other => others.extend(other),
            }
        }
        panic!("the event never came; what came is {others:?}");
    }
}

fn event(reply: &Value) -> Option<Event> {
    let (channel, message) = match reply.items() {
        [kind, _, channel, message] if kind.bytes() == b"pmessage" => (channel, message),
        [kind, channel, message] if kind.bytes() == b"message" => (channel, message),
        _ => return None,
    };
    let text = |value: &Value| String::from_utf8_lossy(value.bytes()).into_owned();
    Some(Event {
        channel: text(channel),
        message: text(message),
    })
}

/// A connection in MONITOR mode.
pub struct Monitor {
    monitor: Conn,
    control: Conn,
}

impl Monitor {
    pub fn of(server: &Server) -> Monitor {
        let mut monitor = server.conn();
        monitor.ok(&["MONITOR"]);
        Monitor {
            monitor,
            control: server.conn(),
        }
    }

    /// Every line since the last call.
    #[track_caller]
    pub fn so_far(&mut self) -> Vec<String> {
        let marker = marker();
        self.control.ok(&["ECHO", &marker]);
        let mut lines = Vec::new();
        loop {
            let line = String::from_utf8_lossy(self.monitor.reply().bytes()).into_owned();
            if line.contains(&marker) {
                return lines;
            }
            lines.push(line);
        }
    }
}
