#!/usr/bin/env python3
"""Checks that the licence of every dependency, also of tests and tools, is on the list `allow` of deny.toml.

Reads the three lock files of Rust, those of Node, and what is installed in target/python-venv, which has every extra
of the Python package. Runs with the Python of target/packaging-venv. Prints how many packages have which licence, then
each package with another one, or with none that is known. Exit status: 0 if there is none, otherwise 1.

cargo-deny checks the same list for Rust, and more beside; compiling it takes minutes, this check seconds.
`make licences` runs both.
"""

import functools
import importlib.metadata
import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from license_expression import ExpressionError, get_spdx_licensing
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PYTHON_PACKAGE = "redis-session-client"
PYTHON_VENV = ROOT / "target/python-venv"
RUST_LOCKS = ("Cargo.lock", "tests/fuzz/Cargo.lock", "clients/cli/tests/fuzz/Cargo.lock")
NODE_LOCKS = (
    "clients/node/package-lock.json",
    "benches/http/node/package-lock.json",
    "clients/cli/tests/fixtures/make/node/package-lock.json",
)
# Extras of the Python package that are for working on it. No user needs them.
WORK_EXTRAS = {"dev"}

# Tools with another licence, which only the extra `dev` installs. Nothing of them is in any package of this project.
TOOLS = {
    "certifi": "MPL-2.0",  # the certificates of Mozilla, unchanged; twine reads them
    "docutils": "LicenseRef-docutils",  # public domain, parts BSD-2-Clause or GPL-3.0; twine reads the README with it
    "email-validator": "Unlicense",  # the public domain; tests call it, unchanged
    "hypothesis": "MPL-2.0",  # called by tests, unchanged
    "pathspec": "MPL-2.0",  # called by hatchling and mypy, unchanged
}

# What classifiers of PyPI mean. "BSD License" does not say which one: see `bsd`.
CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}
# Names in the field License that are not SPDX's.
NAMES = {"Apache 2.0": "Apache-2.0", "3-Clause BSD License": "BSD-3-Clause"}


class Package(NamedTuple):
    name: str
    version: str
    licence: str | None  # an SPDX expression
    tool: bool = False  # whether no package of this project needs it


@functools.cache
def allowed() -> frozenset[str]:
    return frozenset(tomllib.loads((ROOT / "deny.toml").read_text())["licenses"]["allow"])


@functools.cache
def parse(expression: str) -> Any:
    """The expression as a tree; None if it is no SPDX expression."""
    # Crates that are older than SPDX expressions separate alternatives with a slash.
    try:
        return get_spdx_licensing().parse(re.sub(r"\s*/\s*", " OR ", expression), validate=True)
    except ExpressionError:
        return None


def spdx(text: str | None) -> str | None:
    """The text if it is an SPDX expression, otherwise None."""
    return text if text and "\n" not in text and parse(text) is not None else None


def satisfied(tree: Any, licences: frozenset[str]) -> bool:
    """Is one licence of each OR, and are all of each AND, in the set?"""
    match type(tree).__name__:
        case "OR":
            return any(satisfied(part, licences) for part in tree.args)
        case "AND":
            return all(satisfied(part, licences) for part in tree.args)
        case _:  # a licence, or one WITH an exception, which the list would have to name with it
            return str(tree) in licences


def refused(package: Package) -> bool:
    if package.tool and TOOLS.get(package.name) == package.licence is not None:
        return False
    return package.licence is None or not satisfied(parse(package.licence), allowed())


def rust_packages(lock: str) -> Iterator[Package]:
    folder = (ROOT / lock).parent
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--all-features"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"licences: {lock}: {done.stderr}")
    for package in json.loads(done.stdout)["packages"]:
        if package["source"] is not None:  # not of this tree
            yield Package(package["name"], package["version"], spdx(package["license"]))


def node_packages(lock: str) -> Iterator[Package]:
    for path, package in json.loads((ROOT / lock).read_text())["packages"].items():
        if path and not package.get("link"):
            yield Package(path.rpartition("node_modules/")[2], package["version"], spdx(package.get("license")))


def python_packages() -> Iterator[Package]:
    everything, users = closure({"dev"}), closure(user_extras())
    for name, (distribution, _) in everything.items():
        if name != PYTHON_PACKAGE:
            yield Package(name, distribution.version, python_licence(distribution), name not in users)


@functools.cache
def installed() -> dict[str, importlib.metadata.Distribution]:
    """The distributions of target/python-venv by their name."""
    (folder,) = PYTHON_VENV.glob("lib/python3*/site-packages")
    return {canonicalize_name(found.name): found for found in importlib.metadata.distributions(path=[str(folder)])}


def user_extras() -> set[str]:
    return set(installed()[PYTHON_PACKAGE].metadata.get_all("Provides-Extra", [])) - WORK_EXTRAS


class Installed(NamedTuple):
    distribution: importlib.metadata.Distribution
    needs: set[str]  # names of distributions


def closure(of: set[str]) -> dict[str, Installed]:
    """What `pip install redis-session-client[…]` with these extras installs, by name, the package itself included."""
    found: dict[str, Installed] = {}
    done: set[tuple[str, str]] = set()
    waiting = [(PYTHON_PACKAGE, extra) for extra in ("", *sorted(of))]
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in done:
            continue
        done.add((name, extra))
        distribution = installed().get(name)
        if distribution is None:
            raise SystemExit(f"licences: {name} is not installed in {PYTHON_VENV}; .ci/venv.sh installs it")
        package = found.setdefault(name, Installed(distribution, set()))
        for line in distribution.requires or []:
            wanted = Requirement(line)
            if wanted.marker is None or wanted.marker.evaluate({"extra": extra}):
                needed = canonicalize_name(wanted.name)
                package.needs.add(needed)
                waiting += [(needed, more) for more in ("", *wanted.extras)]
        package.needs.discard(name)  # an extra that is made of other extras
    return found


def python_licence(distribution: importlib.metadata.Distribution) -> str | None:
    """The licence that the metadata name, in the newest of the three forms that they have had."""
    metadata = distribution.metadata
    name = canonicalize_name(distribution.name)
    if name in TOOLS and TOOLS[name].startswith("LicenseRef-"):
        return TOOLS[name]
    field = metadata.get("License", "")
    if said := spdx(metadata.get("License-Expression") or NAMES.get(field, field)):
        return said
    labels = [c.rpartition(" :: ")[2] for c in metadata.get_all("Classifier", []) if c.startswith("License ::")]
    known = [bsd(distribution) if label == "BSD License" else CLASSIFIERS.get(label) for label in labels]
    # Several classifiers can mean all of them or any. All is the careful reading.
    return " AND ".join(licence for licence in known if licence) if known and all(known) else None


def bsd(distribution: importlib.metadata.Distribution) -> str | None:
    """Which of the BSD licences the licence file is. None without a file, or with an advertising clause in it."""
    for file in distribution.files or []:
        if re.match(r"(?i)licen[cs]e|copying", file.name) and ".dist-info" in str(file):
            text = " ".join(str(file.read_text(encoding="utf-8")).split())
            if "Redistribution and use in source and binary forms" in text and "advertising materials" not in text:
                return "BSD-3-Clause" if "endorse or promote" in text else "BSD-2-Clause"
    return None


def main() -> int:
    failed = False
    for what, packages in [
        *((lock, rust_packages(lock)) for lock in RUST_LOCKS),
        *((lock, node_packages(lock)) for lock in NODE_LOCKS),
        ("clients/python, with all extras", python_packages()),
    ]:
        found = set(packages)
        counts = Counter(package.licence for package in found)
        print(
            f"{what}: {len(found)} packages; "
            + ", ".join(f"{n} {licence}" for licence, n in counts.most_common(4))
            + ", …"
        )
        for package in sorted(filter(refused, found)):
            print(f"   NOT ALLOWED: {package.name} {package.version}: {package.licence or 'no licence that is known'}")
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
