"""Generates src/redis_session/_sync from src/redis_session/_async.

    python tools/make_sync.py [--check]

The two clients differ only in `async` and `await`, so only the asynchronous one is written by hand.
With --check nothing is written, and the exit code is 1 if _sync is out of date.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "src" / "redis_session"
HEAD = "# Generated from ../_async/{} by tools/make_sync.py: change that file.\n"
REPLACEMENTS = [
    (r"async def ", "def "),
    (r"await ", ""),
    (r"\bAsync(?=[A-Z])", ""),
    (r"_async\b", ""),
]


def synchronous(name: str, text: str) -> str:
    """The text of the file `name` without `async` and `await`."""
    for pattern, replacement in REPLACEMENTS:
        text = re.sub(pattern, replacement, text)
    return HEAD.format(name) + text


def main() -> int:
    check = "--check" in sys.argv
    behind = []
    for source in sorted((PACKAGE / "_async").glob("*.py")):
        target = PACKAGE / "_sync" / source.name
        text = synchronous(source.name, source.read_text())
        if target.exists() and target.read_text() == text:
            continue
        behind.append(source.name)
        if not check:
            target.write_text(text)
    if check and behind:
        print(f"run tools/make_sync.py: _sync is behind in {', '.join(behind)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
