"""The reserved member `_device` of a session's data: how it is added, taken out and protected.

`_device` is at the root of the data, so that it lives, rotates and ends with its session. Routes
never see it. Everything here works on JSON text or JSON values and knows no backend; `devices`
uses it. Text is spliced and not encoded anew, so that the route's data stays byte for byte.
"""

from __future__ import annotations

import json
import re
from typing import Any

from .._json import Raw, dumps, loads
from ..errors import Invalid

MEMBER = "_device"
POINTER = "/" + MEMBER

_SHAPE = {"type": "object", "properties": {"agent": {}, "ip": {}}, "additionalProperties": False}
"""The member's own schema, where a pattern of names would give it the schema of others."""

_space = re.compile(r"[ \t\n\r]*").match
# Numbers stay text: they are only skipped, and can have thousands of digits.
_skip = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str).raw_decode


def split(text: str) -> tuple[str, str | None]:
    """The text without the member, and the text of its value; None if the data has none."""
    if MEMBER not in text:
        return text, None
    at = _after_space(text, 0)
    if text[at] != "{":
        return text, None
    comma, at = None, _after_space(text, at + 1)
    while text[at] != "}":
        begin = at
        name, at = _skip(text, at)
        value = _after_space(text, _after_space(text, at) + 1)
        end = _skip(text, value)[1]
        at = _after_space(text, end)
        if name == MEMBER:
            if text[at] == ",":
                rest = text[:begin] + text[_after_space(text, at + 1) :]
            else:
                rest = text[: begin if comma is None else comma] + text[at:]
            return rest, text[value:end]
        if text[at] == ",":
            comma, at = at, _after_space(text, at + 1)
    return text, None


def _after_space(text: str, at: int) -> int:
    found = _space(text, at)
    return at if found is None else found.end()


def joined(text: str, value: str) -> str:
    """The text of an object with the member at its end. Data that is no object is unchanged."""
    text = text.strip(" \t\n\r")
    if not text.startswith("{"):
        return text
    comma = "" if text[1:-1].strip(" \t\n\r") == "" else ","
    return f'{text[:-1]}{comma}"{MEMBER}":{value}}}'


def text_of(data: Any) -> str:
    """The JSON text of a route's data. Invalid if the data has the member."""
    text = dumps(data).decode()
    if split(text)[1] is not None or (isinstance(data, Raw) and _has(loads(text))):
        raise refusal()
    return text


def check_patch(changes: Any) -> None:
    """Raises Invalid if a JSON Merge Patch or a JSON Patch of a route touches the member."""
    changes = plain(changes)
    if _has(changes):
        raise refusal()
    for operation in changes if isinstance(changes, list) else ():
        if isinstance(operation, dict):
            at = [operation.get("path"), operation.get("from")]
            whole = operation.get("path") == "" and _has(operation.get("value"))
            if whole or any(isinstance(pointer, str) and reserved(pointer) for pointer in at):
                raise refusal()


def _has(data: Any) -> bool:
    return isinstance(data, dict) and MEMBER in data


def reserved(pointer: str) -> bool:
    """Whether a JSON Pointer names the member, or something in it."""
    return pointer == POINTER or pointer.startswith(POINTER + "/")


def refusal() -> Invalid:
    return Invalid(f"the member '{MEMBER}' is kept by track_devices; give yours another name")


def patch_with(changes: Any, device: dict[str, Any]) -> Any:
    """A login's patch that also stores the member. Invalid if the patch touches it.

    A None in `device` is left out of the member, also where a merge patch meets an older member.
    """
    check_patch(changes)
    if isinstance(plain(changes), list):
        return followed(changes, dumps(known(device)).decode())
    text = dumps(changes or {}).decode()
    return Raw(joined(text, dumps(device).decode()))


def replaces_root(changes: Any) -> bool:
    """Whether a JSON Patch replaces the root, and with it the member."""
    return bool(_roots(plain(changes)))


def followed(changes: Any, value: str) -> Raw:
    """A JSON Patch with one operation more, which stores the member, unless the root is no object.

    The patch is spliced, because numbers in it may be beyond what Python represents.
    """
    roots = _roots(plain(changes))
    text = dumps(changes).decode().strip(" \t\n\r")
    if roots and not isinstance(roots[-1], dict):
        return Raw(text)
    comma = "" if text[1:-1].strip(" \t\n\r") == "" else ","
    return Raw(f'{text[:-1]}{comma}{{"op":"add","path":"{POINTER}","value":{value}}}]')


def plain(changes: Any) -> Any:
    return loads(dumps(changes).decode()) if isinstance(changes, Raw) else changes


def _roots(changes: Any) -> list[Any]:
    """The values that the operations of a JSON Patch put in the place of the root."""
    return [
        operation.get("value")
        for operation in (changes if isinstance(changes, list) else ())
        if isinstance(operation, dict) and operation.get("path") == ""
        if operation.get("op") in ("add", "replace")
    ]


def known(device: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in device.items() if value is not None}


def allow_member(schema: dict[str, Any]) -> dict[str, Any]:
    """A JSON Schema that also accepts objects with the member at the root.

    Only rules about unknown members change. A root that refers to a definition, or that combines
    several schemas, is followed.
    """
    schema = json.loads(json.dumps(schema))
    _allow(schema, schema, set())
    return schema


def _allow(part: Any, root: dict[str, Any], seen: set[int]) -> None:
    if not isinstance(part, dict) or id(part) in seen:
        return
    seen.add(id(part))
    rules = [part.get(word, True) for word in ("additionalProperties", "unevaluatedProperties")]
    if rules != [True, True]:
        part.setdefault("properties", {}).setdefault(MEMBER, {})
    for pattern, rule in part.get("patternProperties", {}).items():
        if _matches(pattern):
            part["patternProperties"][pattern] = {"anyOf": [rule, _SHAPE]}
    if "propertyNames" in part:
        part["propertyNames"] = {"anyOf": [{"const": MEMBER}, part["propertyNames"]]}
    if "maxProperties" in part:
        part["maxProperties"] += 1
    for word in ("anyOf", "oneOf", "allOf"):
        for branch in part.get(word, ()):
            _allow(branch, root, seen)
    _allow(_definition(part.get("$ref"), root), root, seen)


def _matches(pattern: str) -> bool:
    try:
        return re.search(pattern, MEMBER) is not None
    except re.error:
        return True


def _definition(reference: Any, root: dict[str, Any]) -> Any:
    """The schema that a `$ref` such as `#/$defs/Cart` names; None for any other."""
    if not isinstance(reference, str) or not reference.startswith("#/$defs/"):
        return None
    name = reference.removeprefix("#/$defs/").replace("~1", "/").replace("~0", "~")
    return root.get("$defs", {}).get(name)
