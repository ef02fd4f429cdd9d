#!/usr/bin/env python3
"""Checks that the module and all clients have one version, and that the change-log knows it.

    versions.py         between releases: the change-log may have a chapter Unreleased above the version
    versions.py v1.2.0  before the release of that tag: it names the version, and nothing is unreleased
    versions.py --notes prints the chapter of the version, for the text of a release

The first two print the version, or every file that differs. Exit status: 0 or 1.
"""

import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CRATES = ("redis-session", "redis-session-client", "sessionctl")


def toml(path: str) -> Any:
    return tomllib.loads((ROOT / path).read_text())


def found() -> dict[str, str]:
    """The version that each file names."""
    versions = {
        path: toml(path)["package"]["version"]
        for path in ("Cargo.toml", "clients/rust/Cargo.toml", "clients/cli/Cargo.toml")
    }
    needed = toml("clients/cli/Cargo.toml")["dependencies"]["redis-session-client"]["version"]
    versions["clients/cli/Cargo.toml, dependency on the client"] = needed
    for package in toml("Cargo.lock")["package"]:
        if package["name"] in CRATES:
            versions[f"Cargo.lock, {package['name']}"] = package["version"]
    versions["clients/python/pyproject.toml"] = toml("clients/python/pyproject.toml")["project"]["version"]
    versions["clients/node/package.json"] = json.loads((ROOT / "clients/node/package.json").read_text())["version"]
    lock = json.loads((ROOT / "clients/node/package-lock.json").read_text())
    versions["clients/node/package-lock.json"] = lock["version"]
    versions["clients/node/package-lock.json, packages"] = lock["packages"][""]["version"]
    return versions


def chapters() -> list[tuple[str, str]]:
    """The names of the chapters of the change-log, and their texts."""
    parts = re.split(r"^## \[(.+?)\].*$", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def wrong(tag: str | None) -> list[str]:
    versions = found()
    version = versions["Cargo.toml"]
    problems = [
        f"{file}: {other}, but Cargo.toml has {version}" for file, other in versions.items() if other != version
    ]
    log = chapters()
    unreleased = dict(log).get("Unreleased", "").strip()
    released = [name for name, _ in log if name != "Unreleased"]
    if released[:1] != [version]:
        problems.append(f"CHANGELOG.md: the newest version is {released[:1]}, but Cargo.toml has {version}")
    if tag is not None and tag != f"v{version}":
        problems.append(f"the tag is {tag}, but Cargo.toml has {version}")
    if tag is not None and unreleased:
        problems.append("CHANGELOG.md: there are changes under Unreleased")
    for name in ("rust", "cli", "python", "node"):
        if (ROOT / "clients" / name / "LICENSE").read_bytes() != (ROOT / "LICENSE").read_bytes():
            problems.append(f"clients/{name}/LICENSE differs from LICENSE")
    return problems


def main() -> int:
    argument = sys.argv[1] if len(sys.argv) > 1 else None
    if argument == "--notes":
        print(dict(chapters())[found()["Cargo.toml"]].strip())
        return 0
    problems = wrong(argument)
    for problem in problems:
        print(f"versions: {problem}", file=sys.stderr)
    if not problems:
        print(f"versions: {found()['Cargo.toml']} everywhere")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
