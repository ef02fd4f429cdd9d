"""Generates the synchronous files of the package from the asynchronous ones.

    python tools/make_sync.py [--check]

`_sync` comes from `_async`, and `web/sync_backend.py` from `web/backend.py`. The files of a pair
differ only in `async` and `await`, so only the asynchronous one is written by hand. With --check
nothing is written, and the exit code is 1 if a file is out of date.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "src" / "redis_session_client"
HEAD = "# Generated from {} by tools/make_sync.py: change that file.\n"
REPLACEMENTS = [
    # The blocking client has no pipelined connection. Lines with this word are left out.
    (r"(?m)^.*\bpipelined\b.*\n", ""),
    (r"async def ", "def "),
    (r"await ", ""),
    (r"\bAsync(?=[A-Z])", ""),
    (r"_async\b", "_sync"),
    (r"(?<=[a-z])_sync\(", "("),
    (r"\bredis\.asyncio\b", "redis"),
    (r"\bRedisBackend\b", "SyncRedisBackend"),
    (r"\baclose\b", "close"),
]
# Functions of _waiting.py and web/connecting.py have this ending in their asynchronous form.
FORMS = r"\b(pause|learn_nodes|connect)_async\b"


def pairs() -> Iterator[tuple[Path, Path]]:
    """Each asynchronous file with the file that is generated from it."""
    for source in sorted((PACKAGE / "_async").glob("*.py")):
        yield source, PACKAGE / "_sync" / source.name
    yield PACKAGE / "web" / "backend.py", PACKAGE / "web" / "sync_backend.py"


def synchronous(source: Path, text: str) -> str:
    """The text of the file without `async` and `await`."""
    text = re.sub(FORMS, r"\1", text)
    for pattern, replacement in REPLACEMENTS:
        text = re.sub(pattern, replacement, text)
    folder = source.parent.name
    return HEAD.format(f"../{folder}/{source.name}" if folder == "_async" else source.name) + text


def main() -> int:
    check = "--check" in sys.argv
    behind = []
    for source, target in pairs():
        text = synchronous(source, source.read_text())
        if target.exists() and target.read_text() == text:
            continue
        behind.append(str(target.relative_to(PACKAGE)))
        if not check:
            target.write_text(text)
    if check and behind:
        print(f"run tools/make_sync.py: out of date: {', '.join(behind)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
