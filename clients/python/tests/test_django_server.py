"""What visitors see while the server is killed, frozen or restarted, and after a fork."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest
from support.django_site import DJANGO, OWN, Site, configured, site
from support.servers import Group, Process

from redis_session_client.django import SessionStore, Unavailable, sessions_of

# Long enough that a busy machine answers in it.
TIMEOUT = 2.0


@pytest.fixture
def own_server() -> Iterator[Process]:
    with Group() as group:
        yield group.start(config="appendonly yes\nappendfsync always")


def url(server: Process) -> str:
    """Without the long time limits of the tests."""
    return f"redis://127.0.0.1:{server.port}/0"


@pytest.fixture(params=[DJANGO, OWN], ids=["django", "own"])
def middleware(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def shop(own_server: Process, middleware: str) -> Iterator[Site]:
    options = {"url": url(own_server), "timeout": TIMEOUT}
    with site(own_server, "session:", middleware=middleware, **options) as found:
        yield found


def in_as_ada(shop: Site) -> httpx.Client:
    browser = shop.browser()
    assert browser.get("/login/ada").status_code == 200
    return browser


def is_away(response: httpx.Response, middleware: str, caplog: pytest.LogCaptureFixture) -> None:
    """The response is an error that leaves the cookie alone, and the log has the reason."""
    assert "set-cookie" not in response.headers
    assert "the server of the sessions is not available" in caplog.text
    if middleware == OWN:
        assert response.status_code == 503
        assert int(response.headers["retry-after"]) > 0
    else:
        assert response.status_code == 500
    caplog.clear()


def test_while_the_server_does_not_answer_nobody_is_logged_out(
    shop: Site, own_server: Process, middleware: str, caplog: pytest.LogCaptureFixture
) -> None:
    browser = in_as_ada(shop)
    own_server.freeze()
    try:
        for path in ("/", "/put?a=1", "/logout"):
            is_away(browser.get(path), middleware, caplog)
        assert browser.get("/plain").status_code == 200
    finally:
        own_server.thaw()
    assert browser.get("/").json()["user"] == "ada"


def test_after_a_crash_and_a_restart_everybody_is_still_in(
    shop: Site, own_server: Process, middleware: str, caplog: pytest.LogCaptureFixture
) -> None:
    browser = in_as_ada(shop)
    own_server.kill()
    is_away(browser.get("/"), middleware, caplog)
    own_server.restart()
    assert browser.get("/").json()["user"] == "ada"
    assert browser.get("/put?a=1").status_code == 200
    assert browser.get("/").json()["data"]["a"] == 1


def test_a_server_that_is_away_is_an_error_of_the_functions(own_server: Process) -> None:
    with configured(own_server, "session:", url=url(own_server), timeout=TIMEOUT):
        session = SessionStore()
        session.save()
        own_server.kill()
        for act in (session.save, session.load, session.create, session.flush, session.delete):
            with pytest.raises(Unavailable):
                act()
        with pytest.raises(Unavailable):
            session.exists("x" * 42 + "A")
        with pytest.raises(Unavailable):
            sessions_of(7)


FORKING = """
import os, sys
import django
from django.conf import settings
settings.configure(
    SESSION_ENGINE="redis_session_client.django",
    SESSION_REDIS={"url": sys.argv[1], "prefix": sys.argv[2]},
)
django.setup()
from redis_session_client.django import SessionStore
session = SessionStore()
session.save()
children = []
for child in range(4):
    if (pid := os.fork()) == 0:
        for number in range(20):
            own = SessionStore(session.session_key)
            own[f"{child} {number}"] = [child, number]
            own.save()
            again = SessionStore(session.session_key)
            assert again[f"{child} {number}"] == [child, number]
        os._exit(0)
    children.append(pid)
    session[f"parent {child}"] = child
    session.save()
assert all(os.waitpid(pid, 0)[1] == 0 for pid in children)
print(len(SessionStore(session.session_key).keys()))
"""


def test_a_connection_is_not_shared_with_forked_processes(server: Process, prefix: str) -> None:
    command = [sys.executable, "-W", "error", "-c", FORKING, server.url, prefix]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ})
    assert done.returncode == 0, done.stderr
    assert done.stdout == "84\n"
