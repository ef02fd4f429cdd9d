"""What has to be known of a cluster: tags for new keys, and when slots are on the move."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .ids import hash_tag, random_tag
from .results import Listed

Slots = tuple[tuple[str, ...], bool]
"""The slots of one node as it sees them itself, and whether one is being moved."""

PASSES = 100
"""How often a revocation goes round before it gives up on slots that never come to rest."""
PAUSE = 0.05
"""Seconds between two rounds."""


def is_cluster(client: Any) -> bool:
    """Whether a redis-py client talks to a cluster. Both its cluster clients have this method."""
    return hasattr(client, "get_node_from_key")


def reads_replicas(client: Any) -> bool:
    """Whether the connections of a cluster client say READONLY. Else a replica would say MOVED."""
    return bool(
        getattr(client, "read_from_replicas", False)
        or getattr(client, "load_balancing_strategy", None)
    )


def tagged(pattern: str, beside: str | None = None) -> str:
    """A pattern with a hash tag before its `*`: that of the key `beside`, or a random one."""
    if not pattern.endswith("*") or hash_tag(pattern) is not None:
        return pattern
    tag = random_tag() if beside is None else hash_tag(beside)
    return pattern if tag is None else f"{pattern[:-1]}{{{tag}}}:*"


def own_slots(cluster_nodes: bytes | str) -> Slots:
    """What a node's CLUSTER NODES says of itself. Of others it may be behind."""
    text = cluster_nodes if isinstance(cluster_nodes, str) else cluster_nodes.decode()
    for line in text.splitlines():
        node = line.split(" ")
        if "myself" in node[2].split(","):
            slots = tuple(node[8:])
            return slots, any(slot.startswith("[") for slot in slots)
    return (), True


def at_rest(before: list[Slots], after: list[Slots], rounds_alike: int) -> bool:
    """Whether a round over all primaries, from `before` to `after`, has missed no key.

    A round asks one node after the other, so it misses a key that moves from a node that it has yet
    to ask to one that it has asked. While a slot is open (on the move key by key) it takes two
    rounds over the same map: the second asks every node after the first has asked them all.
    """
    if before != after:
        return False
    on_the_move = any(moving for _, moving in after)
    return rounds_alike >= (2 if on_the_move else 1)


def merged(parts: Iterable[list[Listed]]) -> list[Listed]:
    """The lists of all primaries as one, most recently accessed first, each session once."""
    found: dict[str, Listed] = {}
    for part in parts:
        for session in part:
            found.setdefault(session.key, session)
    return sorted(found.values(), key=lambda s: -s.info.accessed)
