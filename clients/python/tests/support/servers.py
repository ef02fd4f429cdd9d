"""Real servers with the module for the tests: alone, as a cluster, or behind a Sentinel.

Each has a temporary directory and listens on loopback only. Time limits are long, because they only
end a test that would hang; a busy machine must not fail a test.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
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
import redis.asyncio

REPOSITORY = Path(__file__).parents[4]
BINARY = os.environ.get("REDIS_SERVER") or shutil.which("redis-server") or "valkey-server"

LIMIT = 300
"""Seconds after which a test gives up waiting."""
PATIENT: dict[str, Any] = {"socket_timeout": LIMIT, "socket_connect_timeout": LIMIT}
"""Options of clients. redis-py gives up after five seconds, and may then send a command twice."""
GRACE = 3_600_000
"""The longest grace of a rotation in milliseconds, longer than any test on a busy machine."""
FIRST_PORT = 10_000
_given: set[int] = set()
_random = random.SystemRandom()  # not the seeds of a test


def module() -> str:
    """The path of the module, from REDIS_SESSION_MODULE or of the release build."""
    path = os.environ.get("REDIS_SESSION_MODULE")
    found = Path(path) if path else REPOSITORY / "target" / "release" / "libredis_session.so"
    if not found.is_file():
        raise RuntimeError(
            f"there is no module at {found}: build it (cargo build --release), or say in "
            "REDIS_SESSION_MODULE where it is"
        )
    return str(found.resolve())


def free_port() -> int:
    """A port that is free now, and that was not given out before.

    It lies below those that the system gives to outgoing connections. One of these could take it
    while a server is down that is to start again there.
    """
    while True:
        port = _random.randrange(FIRST_PORT, max(_first_port_of_clients(), FIRST_PORT + 5_000))
        with socket.socket() as found:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                found.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in _given:
            _given.add(port)
            return port


def _first_port_of_clients() -> int:
    path = Path("/proc/sys/net/ipv4/ip_local_port_range")
    return int(path.read_text().split()[0]) if path.exists() else 32_768


def eventually(what: str, ready: Callable[[], Any]) -> Any:
    """Calls `ready` until its result is true, and returns it. An error of Redis counts as false."""
    until = time.monotonic() + LIMIT
    while True:
        try:
            found = ready()
        except (redis.RedisError, OSError):
            found = None
        if found:
            return found
        if time.monotonic() > until:
            raise AssertionError(f"waited {LIMIT} s in vain: {what}")
        time.sleep(0.02)


class PortTaken(Exception):
    """Another process has bound the port between its choice and the server's start."""


class Process:
    """A server process, and its directory, which is removed with it."""

    def __init__(
        self,
        *arguments: str,
        config: str = "",
        sentinel: bool = False,
        cluster: bool = False,
        plain: bool = False,
    ) -> None:
        """With `plain`, a server without the module."""
        self._arguments = [*arguments, *(["--sentinel"] if sentinel else [])]
        self.directory = tempfile.mkdtemp(prefix="redis-session-")
        self.log = Path(self.directory, "log")
        self._config = Path(self.directory, "server.conf")
        lines = ["bind 127.0.0.1", f"dir {self.directory}", config]
        if not sentinel:
            lines += ['save ""']
            lines += [] if plain else [f"loadmodule {module()} max-grace-ms {GRACE}"]
            # Replicas synchronize, and the primary sees that they are up to date, without delay.
            lines += ["repl-diskless-sync-delay 0", "repl-ping-replica-period 1"]
        if cluster:
            # No node of a busy machine is declared dead and replaced.
            lines += ["cluster-enabled yes", "cluster-node-timeout 600000"]
        while True:
            try:
                self._start(lines, cluster)
                break
            except PortTaken:
                self.kill()
            except BaseException:
                self.stop()
                raise
        self.url = self.url_for("")

    def _start(self, lines: list[str], cluster: bool) -> None:
        self.port = free_port()
        self.bus_port = free_port() if cluster else 0
        ports = [f"port {self.port}", *([f"cluster-port {self.bus_port}"] if cluster else [])]
        self._config.write_text("\n".join([*ports, *lines]) + "\n")
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [BINARY, str(self._config), *self._arguments], stdout=log, stderr=log
            )
        eventually("a server that answers", self._answers)

    def _answers(self) -> bool:
        if self._process.poll() is not None:
            log = self.log.read_text()
            if "Address already in use" in log:
                raise PortTaken
            raise RuntimeError(f"the server ended at once:\n{log}")
        with self.client(decode_responses=True) as client:
            # Another test's server can have the port; then this one is about to end.
            return bool(client.info("server")["config_file"] == str(self._config))

    def url_for(self, login: str) -> str:
        """The URL for a login such as `user:password@`."""
        limits = "&".join(f"{name}={limit}" for name, limit in PATIENT.items())
        return f"redis://{login}127.0.0.1:{self.port}/0?{limits}"

    def impatient_url(self, seconds: float = 1) -> str:
        """A URL with a short time-out, for tests in which the server does not answer."""
        limits = f"socket_timeout={seconds}&socket_connect_timeout={seconds}"
        return f"redis://127.0.0.1:{self.port}/0?{limits}"

    def client(self, **options: Any) -> redis.Redis:
        return redis.Redis(port=self.port, **PATIENT, **options)

    def async_client(self) -> Any:
        return redis.asyncio.Redis(port=self.port, **PATIENT)

    def cluster_client(self, **options: Any) -> redis.RedisCluster:
        """A client of the cluster that this node is in."""
        return redis.RedisCluster(host="127.0.0.1", port=self.port, **PATIENT, **options)

    def async_cluster_client(self, **options: Any) -> Any:
        return redis.asyncio.RedisCluster(host="127.0.0.1", port=self.port, **PATIENT, **options)

    def restart(self) -> None:
        """Ends the server, and starts it again at the same port, empty."""
        self.kill()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [BINARY, str(self._config), *self._arguments], stdout=log, stderr=log
            )
        eventually("a server that answers again", self._answers)

    def freeze(self) -> None:
        """Stops the server's process, as a machine that swaps does: its clients wait."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

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

    def start(
        self,
        *arguments: str,
        config: str = "",
        sentinel: bool = False,
        cluster: bool = False,
        plain: bool = False,
    ) -> Process:
        self.members.append(
            Process(*arguments, config=config, sentinel=sentinel, cluster=cluster, plain=plain)
        )
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
    """A cluster of primaries that share all slots, and one replica of the first primary.

    The replica takes its role before it meets the other primaries, so that they learn it at once:
    gossip would tell them only seconds later.
    """
    *nodes, replica = (group.start(cluster=True) for _ in range(primaries + 1))
    bounds = [16384 * n // primaries for n in range(primaries + 1)]
    for number, node in enumerate(nodes):
        with node.client() as client:
            client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            client.execute_command(
                "CLUSTER", "ADDSLOTSRANGE", bounds[number], bounds[number + 1] - 1
            )
    _meet(replica, nodes[0])
    eventually("a replica that may follow", partial(_replicate, replica, nodes[0]))
    for one, other in combinations((*nodes, replica), 2):
        _meet(one, other)
    for node in (*nodes, replica):
        eventually("a cluster with all nodes and slots", partial(_whole, node, primaries + 1))
    eventually("a replica that follows", partial(_follows, replica))
    for node in nodes:
        eventually("a primary that lists the replica", partial(_knows_replica, node))
    return nodes


def _meet(one: Process, other: Process) -> None:
    with one.client() as client:
        client.execute_command("CLUSTER", "MEET", "127.0.0.1", other.port, other.bus_port)


def _replicate(replica: Process, primary: Process) -> bool:
    """Makes a node a replica. An error, while the two have not met."""
    with replica.client() as client, primary.client(decode_responses=True) as first:
        client.execute_command("CLUSTER", "REPLICATE", first.execute_command("CLUSTER", "MYID"))
    return True


def _follows(replica: Process) -> bool:
    with replica.client(decode_responses=True) as client:
        return bool(client.info("replication").get("master_link_status") == "up")


def _knows_replica(node: Process) -> bool:
    with node.client(decode_responses=True) as client:
        shards = client.execute_command("CLUSTER SLOTS")
        return any(len(nodes) > 3 for nodes in _rows(shards))


def _rows(shards: Any) -> list[Any]:
    """CLUSTER SLOTS as rows. redis-py returns a dict by slots, of primary and replicas."""
    if isinstance(shards, dict):
        return [[0, 0, found["primary"], *found["replicas"]] for found in shards.values()]
    return list(shards)


def _whole(node: Process, known: int) -> bool:
    with node.client(decode_responses=True) as client:
        info = client.execute_command("CLUSTER", "INFO")
        text = "\n".join(f"{k}:{v}" for k, v in info.items()) if isinstance(info, dict) else info
        return (
            "cluster_state:ok" in text
            and f"cluster_known_nodes:{known}" in text
            and "cluster_slots_ok:16384" in text
        )


def start_sentinel(group: Group) -> tuple[Process, Process, Process]:
    """A primary, its replica, and a Sentinel that watches them as `mymaster`.

    The Sentinel fails over only when `SENTINEL FAILOVER` asks for it. By itself it would also take
    a primary that a busy machine delays for dead.
    """
    primary = group.start()
    replica = group.start(config=f"replicaof 127.0.0.1 {primary.port}")
    sentinel = group.start(
        sentinel=True,
        config=(
            f"sentinel monitor mymaster 127.0.0.1 {primary.port} 1\n"
            "sentinel down-after-milliseconds mymaster 600000\n"
            "sentinel failover-timeout mymaster 10000"
        ),
    )

    def known() -> bool:
        with sentinel.client(decode_responses=True) as client:
            return bool(client.execute_command("SENTINEL", "REPLICAS", "mymaster"))

    eventually("a replica in step", partial(_follows, replica))
    eventually("a Sentinel that lists the replica", known)
    return primary, replica, sentinel
