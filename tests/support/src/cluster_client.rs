//! redis-rs's cluster client, which routes each command by the tips and key positions of COMMAND INFO.
//! Like a client library, it has no list of this module's commands.

use super::cluster_map::slot_of;
use super::cluster_tips::Tips;
use super::wait::PATIENCE;
use super::{args, Cluster, Conn};
use redis::cluster::ClusterClient as Client;
use redis::cluster::ClusterClientBuilder;
use redis::cluster::ClusterConnection;
use redis::cluster_read_routing::RandomReplicaStrategy;
use redis::cluster_routing::{Route, RoutingInfo, SingleNodeRoutingInfo, SlotAddr};
use redis::{Cmd, RedisError, RedisResult};
use std::collections::{BTreeMap, HashMap};

pub struct ClusterClient {
    pub redis: ClusterConnection,
    ask: Conn,
    known: HashMap<Vec<u8>, Tips>,
}

impl ClusterClient {
    /// Finds the cluster through its running nodes. Retries for long enough for a failover.
    #[track_caller]
    pub fn of(cluster: &Cluster) -> ClusterClient {
        ClusterClient::with(cluster, |builder| builder)
    }

    /// One that soon gives up a command whose keys are on two nodes while their slot moves.
    #[track_caller]
    pub fn impatient(cluster: &Cluster) -> ClusterClient {
        ClusterClient::with(cluster, |builder| builder.retries(12).max_retry_wait(20))
    }

    /// One whose `read` may use replicas.
    #[track_caller]
    pub fn reading_from_replicas(cluster: &Cluster) -> ClusterClient {
        ClusterClient::with(cluster, |builder| {
            builder.read_routing_strategy(RandomReplicaStrategy)
        })
    }

    #[track_caller]
    fn with(
        cluster: &Cluster,
        more: impl FnOnce(ClusterClientBuilder) -> ClusterClientBuilder,
    ) -> ClusterClient {
        let urls = cluster
            .running()
            .map(|node| format!("redis://127.0.0.1:{}", node.port()));
        let builder = Client::builder(urls)
            .retries(60)
            .min_retry_wait(10)
            .max_retry_wait(250)
            .connection_timeout(PATIENCE)
            .response_timeout(PATIENCE);
        let client = more(builder).build().expect("a client");
        let node = cluster.running().next().expect("a running node");
        ClusterClient {
            redis: client.get_connection().expect("a cluster to connect to"),
            ask: node.conn(),
            known: HashMap::new(),
        }
    }

    /// The tips of a command. The server is asked once for each.
    #[track_caller]
    pub fn tips(&mut self, command: &[Vec<u8>]) -> Tips {
        let mut name = command[0].to_ascii_lowercase();
        let mut tips = self.tips_of(&name);
        if tips.container {
            name.push(b'|');
            name.extend(command[1].to_ascii_lowercase());
            tips = self.tips_of(&name);
        }
        tips
    }

    fn tips_of(&mut self, name: &[u8]) -> Tips {
        if !self.known.contains_key(name) {
            let info = self.ask.ok(&args!["COMMAND", "INFO", name]);
            self.known
                .insert(name.to_vec(), Tips::read(&info.items()[0]));
        }
        self.known[name].clone()
    }

    /// Sends a command to the nodes that its tips name, and joins the replies by its tips.
    #[track_caller]
    pub fn send(&mut self, command: &[Vec<u8>]) -> RedisResult<redis::Value> {
        let tips = self.tips(command);
        if tips.request.as_deref() == Some("multi_shard") {
            return self.send_split(command, &tips);
        }
        let routing = tips.routing(command);
        self.redis.route_command(&cmd(command), routing)
    }

    /// Sends one command for the keys of each slot. The library could do that too, but it does not
    /// follow ASK for a part of a command that it has split.
    fn send_split(&mut self, command: &[Vec<u8>], tips: &Tips) -> RedisResult<redis::Value> {
        assert_eq!(
            (tips.first_key, tips.last_key),
            (1, -1),
            "keys and nothing else"
        );
        assert_eq!(
            tips.response.as_deref(),
            Some("agg_sum"),
            "the one such policy here"
        );
        let mut by_slot: BTreeMap<u16, Vec<Vec<u8>>> = BTreeMap::new();
        for key in &command[1..] {
            let part = by_slot
                .entry(slot_of(key))
                .or_insert_with(|| command[..1].to_vec());
            part.push(key.clone());
        }
        let mut sum = 0;
        for part in by_slot.into_values() {
            let route = Route::with_key(&part[1], SlotAddr::Master);
            let routing = RoutingInfo::SingleNode(SingleNodeRoutingInfo::SpecificNode(route));
            let reply = self.redis.route_command(&cmd(&part), routing)?;
            sum += redis::from_redis_value::<i64>(reply)?;
        }
        Ok(redis::Value::Int(sum))
    }

    /// The reply of a command that must succeed.
    #[track_caller]
    pub fn ok(&mut self, command: &[Vec<u8>]) -> redis::Value {
        match self.send(command) {
            Ok(reply) => reply,
            Err(e) => panic!("{}: {e}", super::resp::shown(command)),
        }
    }

    /// The error line of a command that must fail.
    #[track_caller]
    pub fn err(&mut self, command: &[Vec<u8>]) -> String {
        match self.send(command) {
            Ok(reply) => panic!("{} replied {reply:?}", super::resp::shown(command)),
            Err(e) => line(&e),
        }
    }

    #[track_caller]
    pub fn text(&mut self, command: &[Vec<u8>]) -> String {
        redis::from_redis_value(self.ok(command)).expect("a string")
    }

    #[track_caller]
    pub fn texts(&mut self, command: &[Vec<u8>]) -> Vec<String> {
        redis::from_redis_value(self.ok(command)).expect("strings")
    }

    #[track_caller]
    pub fn int(&mut self, command: &[Vec<u8>]) -> i64 {
        redis::from_redis_value(self.ok(command)).expect("an integer")
    }

    /// WAIT on the primary of this key: whether a replica has everything that this client wrote
    /// there, within 5 s.
    pub fn wait(&mut self, key: &str) -> RedisResult<bool> {
        let routing = RoutingInfo::SingleNode(SingleNodeRoutingInfo::SpecificNode(
            Route::with_key(key, SlotAddr::Master),
        ));
        let reply = self
            .redis
            .route_command(&cmd(&args!["WAIT", 1, 5000]), routing)?;
        Ok(redis::from_redis_value::<i64>(reply)? >= 1)
    }

    /// Sends a read to a replica of the primary that has its key.
    #[track_caller]
    pub fn read(&mut self, command: &[Vec<u8>]) -> redis::Value {
        let key = &command[self.tips(command).first_key];
        let routing = RoutingInfo::SingleNode(SingleNodeRoutingInfo::SpecificNode(
            Route::with_key(key, SlotAddr::ReplicaRequired),
        ));
        let reply = self.redis.route_command(&cmd(command), routing);
        reply.unwrap_or_else(|e| panic!("{}: {e}", super::resp::shown(command)))
    }
}

/// A command in the form of redis-rs.
pub fn cmd(command: &[Vec<u8>]) -> Cmd {
    let mut cmd = Cmd::new();
    command.iter().for_each(|arg| {
        cmd.arg(arg);
    });
    cmd
}

/// An error as the server sent it: code, space, text.
pub fn line(error: &RedisError) -> String {
    match (error.code(), error.detail()) {
        (Some(code), Some(detail)) => format!("{code} {detail}"),
        _ => error.to_string(),
    }
}
