"""Settings of SessionManager and SessionMiddleware from environment variables and `.env` files.

Each variable is `REDIS_SESSION_` and the name of an argument. Only what is set becomes an argument,
so that the defaults stand in one place, the constructors. This file needs the extra `settings`; its
users import it in the function that does.
"""

from __future__ import annotations

import difflib
import inspect
import logging
import os
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from dotenv import dotenv_values
from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from .cookies import CookiePolicy
from .frontends import CookieFrontend, old_policy

log = logging.getLogger("redis_session_client")

PREFIX = "REDIS_SESSION_"
EnvFile = str | Path | None


def _span(value: Any, least: int) -> timedelta | None:
    """A time span: a number of seconds, or an ISO 8601 duration, of at least `least` seconds."""
    if value is None:
        return None
    text = str(value).strip()
    try:
        span = timedelta(seconds=int(text)) if text.isdecimal() else _duration(text)
    except (ValidationError, OverflowError, ValueError):
        raise ValueError(
            "write seconds, such as 3600, or a duration, such as PT6H or P30D"
        ) from None
    if span < timedelta(seconds=least):
        raise ValueError(f"write a time of at least {least} seconds")
    return span


_duration = TypeAdapter(timedelta).validate_python


def _names(value: Any) -> Any:
    """A list that is written with commas."""
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _cookie_name(text: str) -> str:
    old_policy(text)
    return text


Lifetime = Annotated[timedelta | None, BeforeValidator(partial(_span, least=1))]
Idle = Annotated[timedelta | None, BeforeValidator(partial(_span, least=0))]
# Any keeps pydantic-settings from reading the text as JSON.
Names = Annotated[Any, BeforeValidator(_names)]


class Environment(BaseSettings):
    """The variables, without their prefix."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        env_parse_none_str="none",
        extra="ignore",
        hide_input_in_errors=True,
        validate_default=False,
    )

    url: str = ""
    prefix: str = ""
    insecure: bool = False
    lifetime: Lifetime = None
    idle: Idle = None
    max_sessions: Annotated[int, Field(ge=1)] | None = None
    track_devices: bool = False
    check_origin: bool = False
    origins: Names = ()
    imported: Annotated[str, AfterValidator(_cookie_name)] | None = None
    cookie_name: str = ""
    cookie_same_site: Literal["Lax", "Strict", "None"] = "Lax"
    cookie_path: str = ""
    cookie_domain: str | None = None
    cookie_partitioned: bool = False
    # SessionManager only.
    register_schemas: bool = Field(False, validation_alias=f"{PREFIX}REGISTER")
    require_server: bool = True
    principal: str | None = None
    # SessionMiddleware only.
    user: str | None = None
    rotate_on: Names = ()
    grace: Annotated[int, Field(ge=0)] | None = None
    rolling: bool = False
    remember: bool = False
    schema_name: str | None = Field(None, validation_alias=f"{PREFIX}SCHEMA")
    check_every: Annotated[float, Field(gt=0)] = 0


_ARGUMENTS = {"url": "backend", "register_schemas": "register", "schema_name": "schema"}
"""Fields whose argument has another name."""
_COOKIE = "cookie_"


def known_variables() -> set[str]:
    """The names of all variables."""
    return {
        str(field.validation_alias or PREFIX + name.upper())
        for name, field in Environment.model_fields.items()
    }


def arguments_from_environment(
    target: Callable[..., Any], given: dict[str, Any], env_file: EnvFile
) -> dict[str, Any]:
    """The arguments for `target`: those that are given, and others from the environment.

    Variables of the process win over those of the file. ValueError names the variable that is
    wrong, and never shows its value, because a URL can have a password. A variable with the prefix
    that is none of ours is logged as a warning.
    """
    _warn_of_unknown([*os.environ, *_names_in(env_file)])
    try:
        found = Environment(_env_file=env_file)  # type: ignore[call-arg]
    except ValidationError as error:
        raise ValueError("; ".join(_texts(error))) from None
    named = {name: getattr(found, name) for name in found.model_fields_set}
    taken = inspect.signature(target).parameters
    arguments = {
        _ARGUMENTS.get(name, name): value
        for name, value in named.items()
        if _ARGUMENTS.get(name, name) in taken
    }
    if "frontends" not in given and any(name.startswith(_COOKIE) for name in named):
        insecure = bool(given.get("insecure", arguments.pop("insecure", False)))
        imported = given.get("imported", arguments.pop("imported", None))
        frontend = CookieFrontend(_policy(named, insecure), imported=imported)
        given = {**given, "frontends": [frontend]}
        given.pop("insecure", None)
        given.pop("imported", None)
    elif "frontends" in given:
        arguments.pop("insecure", None)
        arguments.pop("imported", None)
    backend = given.get("backend")
    if backend is not None and not isinstance(backend, str) and hasattr(backend, "verify"):
        arguments.pop("prefix", None)  # a backend has its own
    return {**arguments, **given}


def _policy(named: dict[str, Any], insecure: bool) -> CookiePolicy:
    options = {
        name.removeprefix(_COOKIE): value
        for name, value in named.items()
        if name.startswith(_COOKIE)
    }
    try:
        return CookiePolicy(insecure=insecure, **options)
    except (TypeError, ValueError) as error:
        names = ", ".join(sorted(f"{PREFIX}{_COOKIE}{name}".upper() for name in options))
        raise ValueError(f"{names}: {error}") from None


def _texts(error: ValidationError) -> Iterable[str]:
    for entry in error.errors(include_input=False, include_url=False, include_context=False):
        name = str(entry["loc"][0])
        variable = name if name.startswith(PREFIX) else PREFIX + name.upper()
        yield f"{variable}: {entry['msg'].removeprefix('Value error, ')}"


def _names_in(env_file: EnvFile) -> Iterable[str]:
    return dotenv_values(env_file) if env_file is not None and Path(env_file).is_file() else ()


def _warn_of_unknown(names: Iterable[str]) -> None:
    known = {name.removeprefix(PREFIX) for name in known_variables()}
    for name in sorted({name.upper() for name in names}):
        own = name.removeprefix(PREFIX)
        if own != name and own not in known:
            near = difflib.get_close_matches(own, known, 1, 0.7)
            hint = f"; is it {PREFIX}{near[0]}?" if near else ""
            log.warning("%s is no setting of redis_session_client%s", name, hint)
