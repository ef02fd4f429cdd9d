"""The programs in documents: finds them, and runs those that are web applications."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def programs(text: str) -> list[str]:
    """The Python programs in the text of a document, in its order."""
    return re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


@contextmanager
def running(
    folder: Path, application: str = "app:app", *, python: str = sys.executable
) -> Iterator[str]:
    """Runs an application of the folder with uvicorn, in a process of its own. Gives its URL."""
    command = [python, "-m", "uvicorn", application, "--port", "0"]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield _told_address(process)
        finally:
            process.terminate()


def _told_address(process: subprocess.Popen[str]) -> str:
    """The address that uvicorn logs when it serves; it has chosen the port itself."""
    assert process.stderr is not None
    log = []
    for line in process.stderr:
        if found := re.search(r"running on (http://\S+)", line):
            return found[1]
        log.append(line)
    raise AssertionError(f"uvicorn ended: {''.join(log)}")
