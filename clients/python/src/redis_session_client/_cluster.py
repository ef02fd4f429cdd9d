"""Rules for clusters: hash tags of new keys, and whether slots moved while all nodes were asked.

Pure functions; `send` of the two clients asks the nodes. A revocation asks one primary after the
other, so it can miss a session whose slot moves meanwhile. `at_rest` decides whether to ask again.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any, TypeVar

from .ids import hash_tag, random_tag
from .results import Listed, ListedFields

Slots = tuple[tuple[str, ...], bool]
"""One node's own slots, as CLUSTER NODES lists them, and whether one of them is moving."""

PASSES = 100
"""After this many rounds a revocation gives up, because slots keep moving."""
PAUSE = 0.05
"""Seconds between two rounds."""


def is_cluster(client: Any) -> bool:
    """Whether this is one of redis-py's cluster clients. Only those have this method."""
    return hasattr(client, "get_node_from_key")


def reads_replicas(client: Any) -> bool:
    """Whether a cluster client sends READONLY. Without that, a replica answers MOVED."""
    return bool(
        getattr(client, "read_from_replicas", False)
        or getattr(client, "load_balancing_strategy", None)
    )


def tagged(pattern: str, beside: str | None = None) -> str:
    """The pattern with a hash tag before its `*`: the tag of the key `beside`, or a random one.

    A pattern with a tag of its own, or without a `*` at its end, is returned unchanged.
    """
    if not pattern.endswith("*") or hash_tag(pattern) is not None:
        return pattern
    tag = random_tag() if beside is None else hash_tag(beside)
    return pattern if tag is None else f"{pattern[:-1]}{{{tag}}}:*"


def own_slots(cluster_nodes: bytes | str) -> Slots:
    """A node's own line of its CLUSTER NODES. Its lines about other nodes may be out of date."""
    text = cluster_nodes if isinstance(cluster_nodes, str) else cluster_nodes.decode()
    for line in text.splitlines():
        node = line.split(" ")
        if "myself" in node[2].split(","):
            slots = tuple(node[8:])
            return slots, any(slot.startswith("[") for slot in slots)
    return (), True


def at_rest(before: list[Slots], after: list[Slots], rounds_alike: int) -> bool:
    """Whether a round over all primaries has certainly reached every key.

    `before` and `after` are the nodes' slots at both ends of the round, `rounds_alike` the number
    of rounds in a row over this same map. A round asks one node after the other. It misses a key
    that moves from a node that is still to be asked to one that was asked already. While a slot is
    open (its keys move one by one), two rounds over the same map are needed: every node is asked
    again after all have been asked once.
    """
    if before != after:
        return False
    on_the_move = any(moving for _, moving in after)
    return rounds_alike >= (2 if on_the_move else 1)


AnyListed = TypeVar("AnyListed", Listed, ListedFields)


def merged(parts: Sequence[list[AnyListed]], limit: int | None = None) -> list[AnyListed]:
    """One list of all primaries' lists: each session once, in the order of LIST.

    That is most recently accessed first, then latest created first, then by key. Of more than
    `limit` sessions it has the first `limit`.
    """
    if len(parts) == 1:
        return parts[0][:limit]
    ranked: dict[str, tuple[tuple[int, int, str], AnyListed]] = {}
    for part in parts:
        bound: int | None = None
        for session in part:
            accessed, created = _times(session)
            # A node does not believe an access in the future, and lists that session further back.
            # So no session goes before one that its own node has put before it.
            doubted = bound is not None and accessed > bound
            bound = accessed if bound is None else min(bound, accessed)
            rank = (-bound, 0 if doubted else -created, session.key)
            ranked.setdefault(session.key, (rank, session))
    return [session for _, session in sorted(ranked.values(), key=itemgetter(0))][:limit]


def _times(session: Listed | ListedFields) -> tuple[int, int]:
    times = session if isinstance(session, ListedFields) else session.info
    return times.accessed, times.created
