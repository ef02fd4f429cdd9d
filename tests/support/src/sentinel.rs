//! Sentinels: processes that watch a primary and promote one of its replicas when it is down.
//!
//! They are as many as the caller wants, and a majority of them must agree.

use super::{args, eventually, Conn, Server, Value};

/// The name by which Sentinels know the primary.
pub const NAME: &str = "watched";

/// Running Sentinels.
pub struct Sentinels {
    pub processes: Vec<Server>,
}

impl Sentinels {
    /// Starts Sentinels that watch the primary at this port, and waits until each knows the others and
    /// `replicas` replicas. They take it for down when it has not answered for `down_after_ms`.
    #[track_caller]
    pub fn watch(port: u16, replicas: usize, count: usize, down_after_ms: u64) -> Sentinels {
        let majority = count / 2 + 1;
        let setup = Server::setup()
            .without_module()
            .config(&format!(
                "sentinel monitor {NAME} 127.0.0.1 {port} {majority}"
            ))
            .config(&format!(
                "sentinel down-after-milliseconds {NAME} {down_after_ms}"
            ))
            // A failover that was not finished, or a second one, waits twice as long.
            .config(&format!("sentinel failover-timeout {NAME} 5000"))
            .config(&format!("sentinel parallel-syncs {NAME} 2"))
            .arg("--sentinel");
        let processes = (0..count).map(|_| setup.clone().start()).collect();
        let sentinels = Sentinels { processes };
        eventually("the Sentinels know each other and the replicas", || {
            sentinels.processes.iter().all(|sentinel| {
                let known = |what: &str| {
                    let reply = sentinel.cmd(&["SENTINEL", what, NAME]);
                    reply.error().is_none().then(|| reply.items().len())
                };
                known("SENTINELS") == Some(count - 1) && known("REPLICAS") == Some(replicas)
            })
        });
        sentinels
    }

    /// Their ports.
    pub fn ports(&self) -> Vec<u16> {
        self.processes.iter().map(Server::port).collect()
    }

    /// The port of the primary, as the Sentinel at this port sees it. None if it does not answer.
    pub fn primary_by(sentinel: &mut Conn) -> Option<u16> {
        let ask = ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME];
        match sentinel.try_cmd(&ask).ok()? {
            Value::Array(address) => address.get(1)?.text().parse().ok(),
            _ => None,
        }
    }

    /// The port of the primary, if all Sentinels say the same.
    pub fn agreed_primary(&self) -> Option<u16> {
        let mut said = self
            .processes
            .iter()
            .map(|s| Sentinels::primary_by(&mut s.conn()));
        let first = said.next()??;
        said.all(|port| port == Some(first)).then_some(first)
    }

    /// Orders a failover of a primary that is up. False if the Sentinels refuse it now, because they
    /// are at one.
    pub fn order_failover(&self) -> bool {
        self.processes[0]
            .cmd(&args!["SENTINEL", "FAILOVER", NAME])
            .is_ok()
    }
}
