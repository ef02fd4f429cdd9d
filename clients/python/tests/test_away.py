"""A server that is down, frozen, or without the module: what visitors and operators see."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from support import shop
from support.servers import Group, Process, eventually
from support.web import client, get, post, served, socket_to
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from redis_session_client import ModuleMissing, Sessions
from redis_session_client.fastapi import SessionManager


@pytest.fixture
def own() -> Iterator[Process]:
    """A server of the test's own, which it may stop."""
    with Group() as group:
        yield group.start()


def made(server: Process, **options: object) -> FastAPI:
    settings = {"insecure": True, "require_server": False, **options}
    return shop.make(SessionManager(server.impatient_url(), **settings))  # type: ignore[arg-type]


def test_a_frozen_server_is_503_and_other_routes_go_on(
    own: Process, caplog: pytest.LogCaptureFixture
) -> None:
    with served(made(own)) as url, client(url) as browser:

        def enter() -> bool:
            return browser.post("/login", params={"user": "ada"}).status_code == 200

        eventually("a login", enter)
        own.freeze()
        try:
            for away in (browser.get("/read"), browser.post("/login", params={"user": "eve"})):
                assert away.status_code == 503
                assert away.headers["retry-after"] == "2"
                assert away.json() == {"detail": "Service Unavailable"}
                assert "set-cookie" not in away.headers
            assert browser.get("/public").status_code == 200
            assert browser.get("/maybe").status_code == 503
        finally:
            own.thaw()
        eventually("a read", lambda: browser.get("/read").status_code == 200)
        assert browser.get("/read").json()["user"] == "ada"
    assert "no session can be checked: TimeoutError" in caplog.text


def test_a_server_that_ends_is_503_until_it_is_back(own: Process) -> None:
    with served(made(own)) as url:
        eventually("a login", lambda: post(f"{url}/login?user=ada").status_code == 200)
        own.kill()
        assert get(f"{url}/read", headers={"cookie": "session=" + "A" * 43}).status_code == 503
        assert post(f"{url}/login?user=ada").status_code == 503
        assert get(f"{url}/public").status_code == 200
        own.restart()
        eventually("a login", lambda: post(f"{url}/login?user=ada").status_code == 200)


def test_an_application_that_needs_no_server_starts_without_one(
    own: Process, caplog: pytest.LogCaptureFixture
) -> None:
    own.kill()
    with served(made(own)) as url:
        assert get(f"{url}/public").status_code == 200
        assert post(f"{url}/login?user=ada").status_code == 503
        own.restart()
        # Nobody has registered the schemas at start-up; the first login does.
        eventually("a login", lambda: post(f"{url}/login?user=ada").status_code == 200)
    assert "start-up goes on without the sessions' server" in caplog.text
    assert f":{own.port}" in caplog.text


@pytest.mark.parametrize("stop", ["kill", "freeze"])
def test_an_application_that_needs_its_server_does_not_start_without(
    own: Process, stop: str, capfd: pytest.CaptureFixture[str]
) -> None:
    getattr(own, stop)()
    with pytest.raises(RuntimeError, match="did not start"), served(made(own, require_server=True)):
        pass
    assert "redis.exceptions" in capfd.readouterr().err


def test_a_socket_closes_when_the_server_cannot_be_reached(own: Process) -> None:
    with served(made(own)) as url:
        eventually("a login", lambda: post(f"{url}/login?user=ada").status_code == 200)
        ticket = post(f"{url}/login?user=ada").json()["ticket"]
        headers = {"cookie": f"session={ticket}"}
        with socket_to(url, "/ws", headers) as socket:
            assert socket.recv() == '{"user":"ada"}'
            own.kill()
            with pytest.raises(ConnectionClosedError):
                socket.recv()
            assert socket.close_code == 1011
        # A handshake is refused before the socket is accepted, so there is no code yet.
        with pytest.raises(InvalidStatus), socket_to(url, "/ws", headers):
            pass


@pytest.fixture(scope="module")
def plain() -> Iterator[Process]:
    """A server without the module."""
    with Group() as group:
        yield group.start(plain=True)


@pytest.mark.parametrize("require", [True, False])
def test_start_up_says_which_server_lacks_the_module(
    plain: Process, require: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    app = made(plain, require_server=require)
    with pytest.raises(RuntimeError, match="did not start"), served(app):
        pass
    told = capfd.readouterr().err
    assert f"the server at 127.0.0.1:{plain.port} has not loaded the module redis-session" in told


def test_requests_say_so_in_the_log_and_are_500(
    plain: Process, caplog: pytest.LogCaptureFixture
) -> None:
    # A mounted application: its start-up code never runs.
    outer = FastAPI()
    outer.mount("/shop", made(plain))
    with served(outer) as url:
        for reply in (
            get(f"{url}/shop/read", headers={"cookie": "session=" + "A" * 43}),
            post(f"{url}/shop/login", params={"user": "ada"}),
        ):
            assert reply.status_code == 500
            assert reply.json() == {"detail": "Internal Server Error"}
    assert caplog.text.count(f"127.0.0.1:{plain.port} has not loaded the module") >= 2
    assert '"name"' not in caplog.text


def test_the_commands_say_so_too_and_show_no_data(plain: Process) -> None:
    with plain.client() as own, pytest.raises(ModuleMissing) as raised:
        Sessions(own).create("session:*", {"secret": "shown to nobody"})
    assert f"at localhost:{plain.port}" in str(raised.value)
    assert "secret" not in str(raised.value)
