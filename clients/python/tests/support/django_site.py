"""A Django site for the tests, served by Django's own threaded server on a real port.

Django has one set of settings in a process. `site` overrides those that a test asks for, and makes
an application of its own with them. Some views wait in a Gate, so that a test decides which of two
requests is the slower one. Models can be imported only when Django is set up, so tests import them
from here.
"""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import django
import httpx
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from .servers import LIMIT, Process
from .web import client

ENGINE = "redis_session_client.django"
DJANGO = "django.contrib.sessions.middleware.SessionMiddleware"
OWN = "redis_session_client.django.middleware.SessionMiddleware"
_AFTER = [
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

if not settings.configured:
    _folder = tempfile.mkdtemp(prefix="redis-session-django-")
    atexit.register(shutil.rmtree, _folder, ignore_errors=True)
    settings.configure(
        SECRET_KEY="of the tests",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        INSTALLED_APPS=[
            "django.contrib.admin",
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.messages",
            ENGINE,
        ],
        MIDDLEWARE=[DJANGO, *_AFTER],
        SESSION_ENGINE=ENGINE,
        SESSION_COOKIE_NAME="session",
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": Path(_folder, "db.sqlite3"),
            }
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        USE_TZ=True,
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
        LOGGING_CONFIG=None,
    )
    django.setup()

from django.contrib import admin, auth
from django.contrib.auth.models import AnonymousUser as AnonymousUser
from django.contrib.auth.models import User as User
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.test import override_settings

from redis_session_client.django import end_device, revoke, sessions_of


@dataclass
class Gate:
    """Where a view waits, between reading its session and changing it."""

    entered: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)


GATES: dict[str, Gate] = {}


@cache
def prepare_database() -> None:
    """Makes the tables, and the users ada and grace. Sessions have no table."""
    # In a thread of its own: Playwright runs an event loop in that of the tests.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(_prepare_database).result()


def _prepare_database() -> None:
    call_command("migrate", verbosity=0)
    for name in ("ada", "grace"):
        User.objects.create_superuser(name, f"{name}@example.org", f"{name}'s password")


def show(request: HttpRequest) -> HttpResponse:
    """The session's data, and the user."""
    data = dict(request.session.items())
    return JsonResponse({"data": data, "user": request.user.get_username()})


def plain(request: HttpRequest) -> HttpResponse:
    """A view that never looks at the session."""
    return HttpResponse("plain")


def cached(request: HttpRequest) -> HttpResponse:
    """A view that says itself how it is cached."""
    return HttpResponse(request.session.get("a"), headers={"Cache-Control": "max-age=60"})


def put(request: HttpRequest) -> HttpResponse:
    """Sets members of the session, each a JSON value. With `gate` it waits before that."""
    values = {name: json.loads(str(value)) for name, value in request.GET.items() if name != "gate"}
    if name := request.GET.get("gate"):
        dict(request.session.items())
        GATES[name].entered.set()
        GATES[name].opened.wait(LIMIT)
    for name, value in values.items():
        request.session[name] = value
    return HttpResponse("put", status=int(values.get("status", 200)))


def nest(request: HttpRequest) -> HttpResponse:
    """Sets a member of a nested object."""
    request.session.setdefault("nested", {})[request.GET["name"]] = 1
    request.session.modified = True
    return HttpResponse("nested")


def remove(request: HttpRequest) -> HttpResponse:
    del request.session[request.GET["name"]]
    return HttpResponse("removed")


def login(request: HttpRequest, name: str) -> HttpResponse:
    """A login. With `gate` it waits between reading the session and the login."""
    if gate := request.GET.get("gate"):
        dict(request.session.items())
        GATES[gate].entered.set()
        GATES[gate].opened.wait(LIMIT)
    auth.login(request, User.objects.get(username=name))
    return HttpResponse("in", status=int(request.GET.get("status", 200)))


def logout(request: HttpRequest) -> HttpResponse:
    auth.logout(request)
    return HttpResponse("out")


def cycle(request: HttpRequest) -> HttpResponse:
    request.session.cycle_key()
    return HttpResponse("cycled")


def devices(request: HttpRequest) -> HttpResponse:
    found = sessions_of(request.user, "/agent", current=request.session)
    return JsonResponse(
        {
            "sessions": [
                {"handle": d.handle, "current": d.current, "values": d.values} for d in found
            ]
        }
    )


def end(request: HttpRequest, handle: str) -> HttpResponse:
    return JsonResponse({"ended": end_device(request.user, handle)})


def end_others(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"ended": revoke(request.user, except_=request.session)})


def change_password(request: HttpRequest) -> HttpResponse:
    """A new password, which logs the user out everywhere else."""
    user = User.objects.get(pk=request.user.pk)
    user.set_password(user.get_username() + "'s password")
    user.save()
    auth.update_session_auth_hash(request, user)
    return JsonResponse({"ended": revoke(user, except_=request.session)})


urlpatterns = [
    path("", show),
    path("plain", plain),
    path("cached", cached),
    path("put", put),
    path("nest", nest),
    path("remove", remove),
    path("login/<name>", login),
    path("logout", logout),
    path("cycle", cycle),
    path("sessions", devices),
    path("end/<handle>", end),
    path("end-others", end_others),
    path("change-password", change_password),
    path("admin/", admin.site.urls),
]


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Logs nothing."""


@contextmanager
def served_by_django(app: Any) -> Iterator[str]:
    """Serves a WSGI application, a thread for each request, and gives its URL."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), _Quiet)
    server.set_app(app)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def configured(server: Process, prefix: str, **options: Any) -> Iterator[None]:
    """Makes this server that of the sessions. Options in capitals are settings of Django."""
    own = {name: value for name, value in options.items() if not name.isupper()}
    theirs = {name: value for name, value in options.items() if name.isupper()}
    if "client" not in own:
        own.setdefault("url", server.url)
    with override_settings(SESSION_REDIS={"prefix": prefix, **own}, **theirs):
        yield


class Site:
    """A site that is served, and browsers for it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._open = ExitStack()

    def browser(self, cookies: dict[str, str] | None = None, **options: Any) -> httpx.Client:
        """A browser with these cookies. It is closed with the site."""
        browser = self._open.enter_context(client(self.url, **options))
        for name, value in (cookies or {}).items():
            # With the site's domain, so that a response can replace it.
            browser.cookies.set(name, value, domain="127.0.0.1")
        return browser

    def close(self) -> None:
        self._open.close()


@contextmanager
def site(
    server: Process, prefix: str, *, middleware: str = DJANGO, **options: Any
) -> Iterator[Site]:
    """Serves the views above with these options of SESSION_REDIS and settings of Django."""
    prepare_database()
    options.setdefault("MIDDLEWARE", [middleware, *_AFTER])
    with configured(server, prefix, **options), served_by_django(get_wsgi_application()) as url:
        opened = Site(url)
        try:
            yield opened
        finally:
            opened.close()


@contextmanager
def gate(name: str) -> Iterator[Gate]:
    """A gate for views of this name. It is open at the end, so that no view waits for ever."""
    GATES[name] = Gate()
    try:
        yield GATES[name]
    finally:
        GATES[name].opened.set()


@contextmanager
def held(browser: httpx.Client, method: str, path: str, **options: Any) -> Iterator[Held]:
    """Sends a request that waits in its gate, and goes on when it is there."""
    name = f"gate {id(options)}"
    with gate(name) as found:
        request = Held(browser, method, path, {**options.pop("params", {}), "gate": name}, found)
        yield request


class Held:
    """A request that waits between reading its session and changing it."""

    def __init__(
        self, browser: httpx.Client, method: str, path: str, params: dict[str, Any], gate: Gate
    ) -> None:
        self._gate = gate
        self._answers: list[httpx.Response] = []
        # Its own client, with the cookies of this moment: the other's may change meanwhile.
        cookies = dict(browser.cookies)

        def send() -> None:
            with client(str(browser.base_url), cookies=cookies) as own:
                self._answers.append(own.request(method, path, params=params))

        self._thread = threading.Thread(target=send)
        self._thread.start()
        assert gate.entered.wait(LIMIT)

    def finish(self) -> httpx.Response:
        """Lets it go on, and gives the response."""
        self._gate.opened.set()
        self._thread.join()
        return self._answers[0]
