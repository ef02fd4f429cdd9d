"""Real servers with the module, each with a directory and ports of its own on loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import combinations
from pathlib import Path
from types import TracebackType
from typing import Any

import redis

REPOSITORY = Path(__file__).parents[4]
BINARY = os.environ.get("REDIS_SERVER") or shutil.which("redis-server") or "valkey-server"


def module() -> str:
    path = os.environ.get("REDIS_SESSION_MODULE")
    found = Path(path) if path else REPOSITORY / "target" / "release" / "libredis_session.so"
    if not found.is_file():
        raise RuntimeError(
            f"there is no module at {found}: build it (cargo build --release), or say in "
            "REDIS_SESSION_MODULE where it is"
        )
    return str(found.resolve())


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def eventually(what: str, ready: Callable[[], Any], seconds: float = 60) -> Any:
    """The first true result. The limit is for what never comes, not a measure of speed."""
    until = time.monotonic() + seconds
    while True:
        try:
            found = ready()
        except (redis.RedisError, OSError):
            found = None
        if found:
            return found
        if time.monotonic() > until:
            raise AssertionError(f"waited {seconds} s in vain: {what}")
        time.sleep(0.02)


class Process:
    """A server process in a directory that goes with it."""

    def __init__(self, *arguments: str, config: str = "", sentinel: bool = False) -> None:
        self.directory = tempfile.mkdtemp(prefix="redis-session-")
        self.port = free_port()
        path = Path(self.directory, "server.conf")
        lines = [f"port {self.port}", "bind 127.0.0.1", f"dir {self.directory}", config]
        if not sentinel:
            lines += ['save ""', f"loadmodule {module()}"]
            # A replica is in step, and known to the others, at once.
            lines += ["repl-diskless-sync-delay 0", "repl-ping-replica-period 1"]
        path.write_text("\n".join(lines) + "\n")
        self.log = Path(self.directory, "log")
        with self.log.open("wb") as log:
            mode = ["--sentinel"] if sentinel else []
            self._process = subprocess.Popen(
                [BINARY, str(path), *arguments, *mode], stdout=log, stderr=log
            )
        self.url = f"redis://127.0.0.1:{self.port}/0"
        try:
            eventually("a server that answers", self._answers)
        except AssertionError:
            self.stop()
            raise

    def _answers(self) -> bool:
        if self._process.poll() is not None:
            raise RuntimeError(f"the server ended at once:\n{self.log.read_text()}")
        with redis.Redis(port=self.port) as client:
            return bool(client.ping())

    def client(self, **options: Any) -> redis.Redis:
        return redis.Redis(port=self.port, **options)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)


class Group:
    """Servers that belong together, and stop together."""

    def __init__(self) -> None:
        self.members: list[Process] = []

    def start(self, *arguments: str, config: str = "", sentinel: bool = False) -> Process:
        self.members.append(Process(*arguments, config=config, sentinel=sentinel))
        return self.members[-1]

    def __enter__(self) -> Group:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for member in self.members:
            member.stop()


def start_cluster(group: Group, primaries: int = 3) -> list[Process]:
    """Primaries that share all slots and know of each other; the last server is a replica."""
    *nodes, replica = (
        group.start(
            config=f"cluster-enabled yes\ncluster-port {free_port()}\ncluster-node-timeout 5000"
        )
        for _ in range(primaries + 1)
    )
    bounds = [16384 * n // primaries for n in range(primaries + 1)]
    for number, node in enumerate(nodes):
        with node.client() as client:
            client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            client.execute_command(
                "CLUSTER", "ADDSLOTSRANGE", bounds[number], bounds[number + 1] - 1
            )
    # Each is told of each: gossip alone would take seconds to get about.
    for one, other in combinations((*nodes, replica), 2):
        with one.client() as client:
            client.execute_command("CLUSTER", "MEET", "127.0.0.1", other.port, _bus_port(other))
    for node in (*nodes, replica):
        eventually("a cluster that is whole", partial(_whole, node, primaries + 1))
    with replica.client() as client, nodes[0].client(decode_responses=True) as first:
        client.execute_command("CLUSTER", "REPLICATE", first.execute_command("CLUSTER", "MYID"))
    eventually("a replica that follows", partial(_follows, replica))
    for node in nodes:
        eventually("a cluster that knows it", partial(_knows_replica, node))
    return nodes


def _bus_port(node: Process) -> int:
    with node.client(decode_responses=True) as client:
        return int(client.config_get("cluster-port")["cluster-port"])


def _follows(replica: Process) -> bool:
    with replica.client(decode_responses=True) as client:
        return bool(client.info("replication").get("master_link_status") == "up")


def _knows_replica(node: Process) -> bool:
    with node.client(decode_responses=True) as client:
        shards = client.execute_command("CLUSTER SLOTS")
        return any(len(nodes) > 3 for nodes in _rows(shards))


def _rows(shards: Any) -> list[Any]:
    """CLUSTER SLOTS as redis-py gives it: a dict by slots, of primary and replicas."""
    if isinstance(shards, dict):
        return [[0, 0, found["primary"], *found["replicas"]] for found in shards.values()]
    return list(shards)


def _whole(node: Process, primaries: int) -> bool:
    with node.client(decode_responses=True) as client:
        info = client.execute_command("CLUSTER", "INFO")
        text = "\n".join(f"{k}:{v}" for k, v in info.items()) if isinstance(info, dict) else info
        return (
            "cluster_state:ok" in text
            and f"cluster_known_nodes:{primaries}" in text
            and "cluster_slots_ok:16384" in text
        )


def start_sentinel(group: Group) -> tuple[Process, Process, Process]:
    """A primary, its replica, and a Sentinel that watches them as `mymaster`."""
    primary = group.start()
    replica = group.start(config=f"replicaof 127.0.0.1 {primary.port}")
    sentinel = group.start(
        sentinel=True,
        config=(
            f"sentinel monitor mymaster 127.0.0.1 {primary.port} 1\n"
            "sentinel down-after-milliseconds mymaster 1000\n"
            "sentinel failover-timeout mymaster 10000"
        ),
    )

    def connected() -> bool:
        with replica.client(decode_responses=True) as client:
            return bool(client.info("replication")["master_link_status"] == "up")

    def known() -> bool:
        with sentinel.client(decode_responses=True) as client:
            return bool(client.execute_command("SENTINEL", "REPLICAS", "mymaster"))

    eventually("a replica in step", connected)
    eventually("a Sentinel that knows the replica", known)
    return primary, replica, sentinel
