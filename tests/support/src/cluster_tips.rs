//! Command tips and key positions: the parts of COMMAND INFO by which a cluster client routes.

use super::Value;
use redis::cluster_routing::{
    AggregateOp, MultipleNodeRoutingInfo, ResponsePolicy, Route, RoutingInfo,
    SingleNodeRoutingInfo, SlotAddr,
};

/// The parts of COMMAND INFO that matter to a cluster client.
#[derive(Clone, Debug)]
pub struct Tips {
    pub request: Option<String>,
    pub response: Option<String>,
    /// The index of the first key in the command; 0 for none.
    pub first_key: usize,
    /// The index of the last key; negative counts from the end.
    pub last_key: i64,
    pub container: bool,
}

impl Tips {
    pub fn read(info: &Value) -> Tips {
        let info = info.items();
        let tips: Vec<_> = info[7].items().iter().map(Value::text).collect();
        let policy = |name: &str| {
            let mut found = tips.iter().filter_map(|tip| tip.strip_prefix(name));
            found.next().map(String::from)
        };
        Tips {
            request: policy("request_policy:"),
            response: policy("response_policy:"),
            first_key: usize::try_from(info[3].int()).expect("a position"),
            last_key: info[4].int(),
            container: !info[9].items().is_empty(),
        }
    }

    /// The routing of a command by its tips, as "Command tips" of the Redis documentation defines
    /// it. Only the policies that this module could use.
    pub fn routing(&self, command: &[Vec<u8>]) -> RoutingInfo {
        let everywhere = |nodes| RoutingInfo::MultiNode((nodes, Some(self.response_policy())));
        match self.request.as_deref() {
            Some("all_shards") => everywhere(MultipleNodeRoutingInfo::AllMasters),
            Some("all_nodes") => everywhere(MultipleNodeRoutingInfo::AllNodes),
            None if self.first_key > 0 => {
                let route = Route::with_key(&command[self.first_key], SlotAddr::Master);
                RoutingInfo::SingleNode(SingleNodeRoutingInfo::SpecificNode(route))
            }
            None => RoutingInfo::SingleNode(SingleNodeRoutingInfo::RandomPrimary),
            Some(other) => panic!("a request policy that this client does not know: {other}"),
        }
    }

    fn response_policy(&self) -> ResponsePolicy {
        match self.response.as_deref() {
            Some("all_succeeded") => ResponsePolicy::AllSucceeded,
            Some("one_succeeded") => ResponsePolicy::OneSucceeded,
            Some("agg_sum") => ResponsePolicy::Aggregate(AggregateOp::Sum),
            None => ResponsePolicy::CombineArrays,
            Some(other) => panic!("a response policy that this client does not know: {other}"),
        }
    }
}
