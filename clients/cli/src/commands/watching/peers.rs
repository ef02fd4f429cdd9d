//! Who else is there: the lines of CLUSTER NODES, and the replication section of INFO.

use super::reading::Reading;
use crate::server::{Address, Place, Role};

/// A node, as another one describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    pub address: Address,
    pub role: Role,
    /// The primary of a replica.
    pub primary: Option<Address>,
    /// Whether the cluster has given it up (`fail`).
    pub failed: bool,
    /// How many slots it owns; 0 outside a cluster.
    pub slots: u32,
    /// Whether it is the node that was asked. Its own address can differ from the one it was reached at.
    pub myself: bool,
}

/// Reads the reply of CLUSTER NODES, which the node at `asked` gave. Lines that name no address are left out.
/// Source: <https://redis.io/docs/latest/commands/cluster-nodes/>.
pub fn of_cluster(text: &str, asked: &Address) -> Vec<Peer> {
    let mut found: Vec<(String, String, Peer)> = Vec::new();
    for line in text.lines() {
        let mut words = line.split(' ');
        let mut next = || words.next().unwrap_or_default();
        let (id, place, flags, primary) = (next(), next(), next(), next());
        let is = |flag: &str| flags.split(',').any(|word| word == flag);
        let Some(address) = address(place, asked) else {
            continue;
        };
        if is("noaddr") || is("handshake") {
            continue;
        }
        // The ping, the pong, the epoch and the state of the link come before the slots.
        let slots = words.skip(4).map(count).sum();
        let peer = Peer {
            address,
            role: match is("slave") {
                true => Role::Replica,
                false => Role::Primary,
            },
            primary: None,
            failed: is("fail"),
            slots,
            myself: is("myself"),
        };
        found.push((id.to_owned(), primary.to_owned(), peer));
    }
    let addresses: Vec<(String, Address)> = found
        .iter()
        .map(|(id, _, peer)| (id.clone(), peer.address.clone()))
        .collect();
    found
        .into_iter()
        .map(|(_, primary, mut peer)| {
            let its = addresses.iter().find(|(id, _)| *id == primary);
            peer.primary = its.map(|(_, address)| address.clone());
            peer
        })
        .collect()
}

/// Reads `ip:port@bus,hostname`. A certificate names the host, so TLS connects by the hostname.
fn address(place: &str, asked: &Address) -> Option<Address> {
    let (place, hostname) = match place.split_once(',') {
        Some((place, rest)) => (place, rest.split(',').next().unwrap_or_default()),
        None => (place, ""),
    };
    let (host, port) = place.split('@').next()?.rsplit_once(':')?;
    let port = port.parse().ok().filter(|port| *port > 0)?;
    let tls = matches!(asked.place, Place::Tcp { tls: true, .. });
    let host = match tls && !hostname.is_empty() {
        true => hostname,
        false => host,
    };
    Some(asked.beside(host, port))
}

/// How many slots `5`, `0-5460` or a slot on the move (`[93->-id]`, counted elsewhere) stands for.
fn count(range: &str) -> u32 {
    if range.starts_with('[') {
        return 0;
    }
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    match (first.parse::<u16>(), last.parse::<u16>()) {
        (Ok(first), Ok(last)) if first <= last => u32::from(last - first) + 1,
        _ => 0,
    }
}

/// The primary and the replicas that a node outside a cluster names in INFO.
pub fn of_replication(reading: &Reading, asked: &Address) -> Vec<Peer> {
    let info = &reading.info;
    let peer = |address: Address, role, primary: Option<&Address>| Peer {
        address,
        role,
        primary: primary.cloned(),
        failed: false,
        slots: 0,
        myself: false,
    };
    let mut found = Vec::new();
    if reading.role() == Role::Replica {
        let port = info.get("master_port").and_then(|port| port.parse().ok());
        if let (Some(host), Some(port)) = (info.get("master_host"), port) {
            found.push(peer(asked.beside(host, port), Role::Primary, None));
        }
    }
    let replicas = info.replicas(asked);
    found.extend(
        replicas
            .into_iter()
            .map(|address| peer(address, Role::Replica, Some(asked))),
    );
    found
}

#[cfg(test)]
mod tests {
    use super::{of_cluster, Peer};
    use crate::server::{Address, Role};
    use proptest::prelude::*;

    fn at(url: &str) -> Address {
        Address::parse(url).expect("a URL")
    }

    #[test]
    fn the_nodes_of_a_cluster_are_read_with_their_roles_and_slots() {
        let text = "\
            a1 127.0.0.1:7000@17000,,shard-id=x myself,master - 0 0 1 connected 0-5460 5462 [93->-b2]\n\
            b2 ::1:7001@17001 master,fail - 1 2 2 disconnected 5461\n\
            c3 :7002@17002 slave a1 0 1 1 connected\n\
            d4 :0@0 master,noaddr - 0 0 1 disconnected\n\
            e5 127.0.0.1:7005@17005 handshake - 0 0 0 connected\n\
            broken\n";
        let peers = of_cluster(text, &at("redis://localhost:7000"));
        let first = at("redis://127.0.0.1:7000");
        let expected = [
            Peer {
                address: first.clone(),
                role: Role::Primary,
                primary: None,
                failed: false,
                slots: 5462,
                myself: true,
            },
            Peer {
                address: at("redis://[::1]:7001"),
                role: Role::Primary,
                primary: None,
                failed: true,
                slots: 1,
                myself: false,
            },
            Peer {
                address: at("redis://localhost:7002"),
                role: Role::Replica,
                primary: Some(first),
                failed: false,
                slots: 0,
                myself: false,
            },
        ];
        assert_eq!(peers, expected);
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(
            text in "([a-z0-9:@, -]{0,12} [0-9:.@,]{0,24} [a-z,]{0,12} - 0 0 1 [a-z]{0,4} [0-9 -]{0,30}\n){0,4}",
        ) {
            of_cluster(&text, &at("redis://127.0.0.1:7000"));
        }
    }

    #[test]
    fn over_tls_a_node_is_reached_by_its_hostname() {
        let text = "a1 10.0.0.1:7000@17000,one.example master - 0 0 1 connected\n";
        let peers = of_cluster(text, &at("rediss://two.example:7000"));
        assert_eq!(peers[0].address, at("rediss://one.example:7000"));
    }
}
