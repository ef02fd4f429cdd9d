r"""Regular expressions of Pydantic in the server's dialect, where both mean the same.

Pydantic's are those of Rust's regex crate or of Python's `re`; the server's are those of ECMA-262,
as JSON Schema says. `\d`, `\w`, `\s` and `\b` differ beyond ASCII, flags and look-around have no
equivalent. A pattern with any of these is left to the model.
"""

from __future__ import annotations

import re
from typing import Any

_LONGEST = 1000
"""Characters of a pattern that the server surely takes."""
_LARGEST = 2_000
"""Its size with all repetitions written out, likewise."""

_TOKEN = re.compile(
    r"""
    (?P<group>   \( (?: \?: )? )
  | (?P<close>   \) )
  | (?P<quantifier> (?: [*+?] | \{ (?P<least>\d{1,4}) (?: , (?P<most>\d{0,4}) )? \} ) \?? )
  | (?P<class>   \[ \^? -? (?: (?: \\[^\w\s<>] | \\[fnrtv] | [^\\\[\]&~^\s-] | [ ] )
                     (?: -(?: \\[^\w\s<>] | [^\\\[\]&~^\s-] ) )? | -(?=\]) )+ \] )
  | (?P<anchor>  \^ | \\A )
  | (?P<end>     \$ )
  | (?P<very_end> \\z | \\Z )
  | (?P<any>     \. )
  | (?P<or>      \| )
  | (?P<literal> \\[^\w\s<>] | \\[fnrtv] | [^\\.^$|?*+()\[\]{}] )
    """,
    re.VERBOSE,
)


def server_pattern(pattern: Any, *, python: bool = False) -> str | None:
    """The pattern as the server's, or None if it has none that means the same.

    `pattern` is a str or a compiled pattern, which Python itself runs. `python` says that Python
    runs a str too.
    """
    if isinstance(pattern, re.Pattern):
        if pattern.flags & ~re.UNICODE:
            return None
        pattern, python = pattern.pattern, True
    if not isinstance(pattern, str) or len(pattern) > _LONGEST:
        return None
    written: list[str] = []
    sizes, last, at = [0], 0, 0  # of each open group so far, and of what can be repeated next
    while at < len(pattern):
        token = _TOKEN.match(pattern, at)
        if token is None:
            return None
        kind, text = str(token.lastgroup), token.group()
        at = token.end()
        if token["quantifier"] is not None:
            if not last:
                return None
            sizes[-1] += last * (max(int(token["most"] or token["least"] or 1), 1) - 1)
            last = 0
        elif kind == "group":
            sizes.append(0)
            last = 0
        elif kind == "close":
            if len(sizes) == 1:
                return None
            last = sizes.pop() + 1
            sizes[-1] += last
        elif kind in ("class", "any", "literal"):
            text = r"[^\n]" if kind == "any" else text
            last = 1
            sizes[-1] += 1
        else:
            last = 0
            if kind == "anchor":
                text = "^"
            elif kind == "very_end" or (kind == "end" and not python):
                text = "$"
            elif kind == "end":
                if at < len(pattern):
                    return None
                text = r"\n?$"  # Python's $ also matches before a line feed at the end
        written.append(text)
    return "".join(written) if len(sizes) == 1 and sizes[0] <= _LARGEST else None
