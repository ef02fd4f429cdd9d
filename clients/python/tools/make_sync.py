"""Makes src/redis_session/_sync from src/redis_session/_async.

    python tools/make_sync.py [--check]

The two clients differ in `async` and `await` alone, so one is written and the other made.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "src" / "redis_session"
HEAD = "# Made by tools/make_sync.py from ../_async/{}: change that file.\n"
REPLACED = [
    (r"async def ", "def "),
    (r"await ", ""),
    (r"\bAsync(?=[A-Z])", ""),
    (r"_async\b", ""),
]


def made(name: str, text: str) -> str:
    for pattern, replacement in REPLACED:
        text = re.sub(pattern, replacement, text)
    return HEAD.format(name) + text


def main() -> int:
    check = "--check" in sys.argv
    behind = []
    for source in sorted((PACKAGE / "_async").glob("*.py")):
        target = PACKAGE / "_sync" / source.name
        text = made(source.name, source.read_text())
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
