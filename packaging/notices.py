#!/usr/bin/env python3
"""Writes the licences of all Rust code that is compiled into the module and sessionctl.

    notices.py NOTICES LIST

NOTICES names each crate with its licence, and has each text once, with the crates that it covers. LIST has only the
names and licences, for Debian's file copyright.

Most of the licences ask for their text to go with the program. Cargo names the crates that are linked: features
count, and what only runs at build time (build scripts, procedural macros) does not. A crate without a file of its own
gets that of another crate of the same repository, or the text in `packaging/licences` with the authors that its
manifest names. Fails if there is none.

The check whether a licence may be used at all is another one: `make licences`.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEXTS = ROOT / "packaging" / "licences"
PROGRAMS = ("redis-session", "sessionctl")
LICENCE_FILE = re.compile(r"(licen[cs]e|copying|copyright|notice|unlicense|patents)", re.IGNORECASE)


def run(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def host() -> str:
    return re.search(r"^host: (.*)$", run("rustc", "-vV"), re.MULTILINE)[1]


def linked() -> set[tuple[str, str]]:
    """Names and versions of the crates in both programs, without those of this project."""
    crates = set()
    for program in PROGRAMS:
        # One call for each: together they would have the features of both.
        tree = run(
            "cargo",
            "tree",
            "--locked",
            "--package",
            program,
            "--edges",
            "normal,no-proc-macro",
            "--target",
            host(),
            "--prefix",
            "none",
            "--format",
            "{p}",
        )
        for line in tree.splitlines():
            name, version, *rest = line.split()
            if not any(word.startswith("(/") for word in rest):  # the path of a crate of this project
                crates.add((name, version.removeprefix("v")))
    return crates


def packages(crates: set[tuple[str, str]]) -> list[dict]:
    metadata = json.loads(run("cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", host()))
    found = {(p["name"], p["version"]): p for p in metadata["packages"]}
    return [found[crate] for crate in sorted(crates)]


def files_of(package: dict) -> list[str]:
    folder = Path(package["manifest_path"]).parent
    files = [f for f in sorted(folder.iterdir()) if f.is_file() and LICENCE_FILE.match(f.name) and f.suffix != ".rs"]
    for sub in sorted(folder.iterdir()):
        if sub.is_dir() and sub.name.lower() in ("licenses", "licences"):
            files += sorted(f for f in sub.iterdir() if f.is_file())
    declared = package.get("license_file")
    if declared and folder / declared not in files:
        files.append(folder / declared)
    return [f.read_text("utf-8", "replace").replace("\r\n", "\n").strip("\n") for f in files]


def texts_of(package: dict, others: list[dict]) -> list[str]:
    texts = files_of(package)
    if texts:
        return texts
    # Some projects put the licence into one of their crates only.
    for other in others:
        if (
            other["repository"]
            and other["repository"] == package["repository"]
            and other["license"] == package["license"]
        ):
            texts = files_of(other)
            if texts:
                return texts
    for choice in re.split(r"\s+OR\s+|/", package["license"] or ""):
        path = TEXTS / f"{choice}.txt"
        if path.exists():
            authors = ", ".join(re.sub(r"\s*<.*>", "", a) for a in package["authors"])
            return [
                f"Copyright (c) {authors or 'the authors of ' + package['name']}\n\n"
                + path.read_text("utf-8").strip("\n")
            ]
    sys.exit(
        f"notices: {package['name']} {package['version']} ({package['license']}) has no licence file, "
        f"and packaging/licences has no text for it"
    )


def standard_library() -> list[str]:
    folder = Path(run("rustc", "--print", "sysroot").strip()) / "share" / "doc" / "rust" / "licenses"
    files = [folder / "MIT.txt", folder / "Apache-2.0.txt"]
    if not all(f.exists() for f in files):
        sys.exit(f"notices: the licences of Rust's standard library are not in {folder}")
    return [f.read_text("utf-8").strip("\n") for f in files]


def main(notices: str, short: str) -> None:
    all_packages = packages(linked())
    rust = f"Rust standard library {run('rustc', '--version').split()[1]}"
    rows = [
        (f"{p['name']} {p['version']}", p["license"] or "see its file", p["repository"] or "") for p in all_packages
    ]
    rows.append((rust, "MIT OR Apache-2.0", "https://github.com/rust-lang/rust"))
    Path(short).write_text("".join(f"{name}: {licence}\n" for name, licence, _ in rows), "utf-8")

    covered: dict[str, tuple[str, list[str]]] = {}  # by the words of a text: copies differ in their line breaks

    def cover(text: str, name: str) -> None:
        covered.setdefault(" ".join(text.split()), (text, []))[1].append(name)

    for package in all_packages:
        for text in texts_of(package, all_packages):
            cover(text, f"{package['name']} {package['version']}")
    for text in standard_library():
        cover(text, rust)

    lines = [
        "Third-party notices of redis-session",
        "",
        "The module libredis_session.so and the program sessionctl contain these Rust crates. Their licences follow.",
        "",
    ]
    lines += [f"  {name}: {licence}{'  ' + repository if repository else ''}" for name, licence, repository in rows]
    for text, names in covered.values():
        lines += ["", "=" * 100, *names, "-" * 100, "", text]
    Path(notices).write_text("\n".join(lines) + "\n", "utf-8")


if len(sys.argv) != 3:
    sys.exit("usage: notices.py NOTICES LIST")
main(*sys.argv[1:])
