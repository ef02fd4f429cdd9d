"""A client of a Sentinel: writes go to the primary, and to the new one after a failover."""

from __future__ import annotations

import redis
from redis.sentinel import Sentinel
from support.servers import LIMIT, PATIENT, Group, Process, eventually, start_sentinel

from redis_session_client import Sessions


def test_sessions_live_on_after_a_failover(prefix: str) -> None:
    with Group() as group:
        primary, _, sentinel = start_sentinel(group)
        found = Sentinel([("127.0.0.1", sentinel.port)], **PATIENT)
        master = found.master_for("mymaster", redis.Redis)
        replica = found.slave_for("mymaster", redis.Redis)
        sessions = Sessions(master, replica=replica)
        sessions.schema_set(f"{prefix}s", {"type": "object"})
        live = sessions.create(f"{prefix}*", {"n": 1}, schema=f"{prefix}s", user="ada")
        ended = sessions.create(f"{prefix}*", {"n": 2})
        sessions.delete(ended.key)
        assert master.execute_command("WAIT", 1, LIMIT * 1000) == 1

        on_replica = sessions.get(live.key, replica_ok=True, with_info=True)
        assert on_replica is not None
        assert on_replica.data == {"n": 1}
        role = replica.execute_command("ROLE")
        assert bytes(role[0]) == b"slave"

        primary.kill()
        eventually("a failover", lambda: fail_over(sentinel, primary))
        eventually("a new primary that takes writes", lambda: sessions.patch(live.key, {"m": 1}))
        again = sessions.verify(live.key, f"{prefix}s")
        assert again is not None
        assert again.data == {"n": 1, "m": 1}
        assert sessions.get(ended.key) is None
        assert [s.key for s in sessions.list("ada")] == [live.key]
        assert found.discover_master("mymaster")[1] != primary.port


def fail_over(sentinel: Process, primary: Process) -> bool:
    """Whether there is another primary. If not, asks for a failover; an error if none can start."""
    with sentinel.client(decode_responses=True) as client:
        address = client.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "mymaster")
        if int(address[1]) != primary.port:
            return True
        client.execute_command("SENTINEL", "FAILOVER", "mymaster")
        return False
