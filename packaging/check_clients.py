#!/usr/bin/env python3
"""Installs each package of the clients from its file, outside of the tree, and runs the program of its README.

    check_clients.py FOLDER MODULE    the folder of the packages, and the shared library

Every check has a server of its own, with the module, and a new folder. Nothing in it comes from the tree but the
versions of other packages: they are those of the lock files, so that a release elsewhere does not change the result.
Cargo keeps what it compiles in the tree's `target`, where it finds the dependencies that the tests have compiled.

- wheel: a new virtual environment for each of PYTHONS; the FastAPI application of the README, over HTTP.
- sdist: pip builds and installs it in place of the wheel; the same application.
- npm tarball: a new project with Express; the application of the README, over HTTP.
- redis-session-client.crate: a new project whose only source of the crate is the file; the program of the README.
- sessionctl.crate: `cargo install`; `sessionctl doctor` and `sessionctl user`.

The environment of check-clients.sh applies. Exit status: 0 if all passed, otherwise 1.
"""

import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from trial import Browser, answers, expect, first_block, free_port, in_archive, replaced, run, running, server

ROOT = Path(__file__).resolve().parent.parent


class Packages:
    """The built files. Each must be there once."""

    def __init__(self, folder: Path) -> None:
        def one(pattern: str) -> Path:
            found = list(folder.glob(pattern))
            expect(len(found), 1, f"number of files {pattern} in {folder}")
            return found[0]

        self.wheel = one("redis_session_client-*.whl")
        self.sdist = one("redis_session_client-*.tar.gz")
        self.npm = one("redis-session-client-*.tgz")
        self.client = one("redis-session-client-*.crate")
        self.sessionctl = one("sessionctl-*.crate")


def fastapi(python: Path, folder: Path, url: str, source: str) -> None:
    """The application of the Python README: login, me, logout."""
    program = replaced(first_block(source, "python"), "redis://localhost:6379/0", url + "/0")
    (folder / "app.py").write_text(program)
    port = free_port()
    browser = Browser(port)
    with running("uvicorn", browser.served, folder, python, "-m", "uvicorn", "app:app", "--port", str(port)):
        expect(browser.send("GET", "/me")[0], 401, "status of /me without a session")
        expect(browser.send("POST", "/login/ada")[0], 200, "status of the login")
        expect(json.loads(browser.send("GET", "/me")[1]), {"name": "ada"}, "/me after the login")
        expect(browser.send("POST", "/logout")[0], 200, "status of the logout")
        expect(browser.send("GET", "/me")[0], 401, "status of /me after the logout")


def python_packages(packages: Packages, module: Path, folder: Path) -> Iterator[str]:
    versions = ROOT / "clients/python/requirements-dev.txt"
    readme = in_archive(packages.sdist, "README.md")
    for number, name in enumerate(os.environ.get("PYTHONS", "").split() or [sys.executable]):
        own = folder / f"python-{number}"
        own.mkdir()
        run(name, "-m", "venv", own / "venv")
        python = own / "venv/bin/python"
        pip = [python, "-m", "pip", "--disable-pip-version-check", "--quiet"]
        with server(module, own) as url:
            run(*pip, "install", "-c", versions, f"{packages.wheel}[fastapi]", "uvicorn", cwd=own)
            fastapi(python, own, url, readme)
            version = run(python, "--version").strip()
            yield f"{packages.wheel.name}: installed for {version}, the README's application logs in and out"
            run(*pip, "uninstall", "--yes", "redis-session-client", cwd=own)
            run(*pip, "install", "--no-deps", packages.sdist, cwd=own)
            fastapi(python, own, url, readme)
            yield f"{packages.sdist.name}: built and installed for {version}, the same application runs"


def node_package(packages: Packages, module: Path, folder: Path) -> Iterator[str]:
    lock = json.loads((ROOT / "clients/node/package-lock.json").read_text())["packages"]
    others = [f"{name}@{lock[f'node_modules/{name}']['version']}" for name in ("express", "express-session", "redis")]
    (folder / "package.json").write_text('{ "private": true, "type": "module" }')
    options = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    run("npm", "install", *options, packages.npm, *others, cwd=folder)
    with server(module, folder) as url:
        program = first_block((folder / "node_modules/redis-session-client/README.md").read_text(), "js")
        port = free_port()
        program = replaced(
            replaced(program, "redis://localhost:6379", url), "app.listen(3000)", f'app.listen({port}, "127.0.0.1")'
        )
        (folder / "app.js").write_text(program)
        browser = Browser(port)
        with running("node", browser.served, folder, "node", "app.js"):
            expect(json.loads(browser.send("GET", "/")[1]), {"visits": 1}, "the first page")
            expect(browser.send("POST", "/login/ada")[0], 204, "status of the login")
            expect(json.loads(browser.send("GET", "/")[1]), {"visits": 2, "user": "ada"}, "the page after the login")
            expect(browser.send("POST", "/logout")[0], 204, "status of the logout")
            expect(json.loads(browser.send("GET", "/")[1]), {"visits": 1}, "the page after the logout")
    yield f"{packages.npm.name}: installed with {', '.join(others)}, the README's application logs in and out"


def unpacked(crate: Path, folder: Path) -> Path:
    run("tar", "-xzf", crate, "-C", folder)
    source = folder / crate.name.removesuffix(".crate")
    expect((source / "LICENSE").exists(), True, f"{crate.name} has the licence")
    return source


def rust_packages(packages: Packages, module: Path, folder: Path) -> Iterator[str]:
    target = {**os.environ, "CARGO_TARGET_DIR": str(ROOT / "target")}
    client = unpacked(packages.client, folder)
    project = folder / "program"
    (project / "src").mkdir(parents=True)
    readme = (client / "README.md").read_text()
    patch = f'[patch.crates-io]\nredis-session-client = {{ path = "{client}" }}\n'
    (project / "Cargo.toml").write_text(
        '[package]\nname = "program"\nversion = "0.0.0"\nedition = "2021"\n\n'
        + first_block(readme, "toml")
        + "\n"
        + patch
    )
    shutil.copy(ROOT / "Cargo.lock", project)  # for the versions; Cargo drops what the program does not need
    with server(module, folder) as url:
        program = replaced(first_block(readme, "rust,no_run"), "redis://127.0.0.1/", url)
        (project / "src/main.rs").write_text(program)
        printed = run("cargo", "run", "--quiet", cwd=project, env=target)
        expect(printed, '{"cart":[7],"theme":"dark"}\n1 session ended\n', "what the README's program prints")
    yield f"{packages.client.name}: the README's program compiles in a new project and runs"


def sessionctl(packages: Packages, module: Path, folder: Path) -> Iterator[str]:
    """Installs it as users will, but for the client: the index knows that version only when it is published. Here it is
    that of the file."""
    client = unpacked(packages.client, folder)
    source = unpacked(packages.sessionctl, folder)
    lock = source / "Cargo.lock"
    # The lock file names the client's .crate by its checksum. A path has none.
    named = re.compile(r'(name = "redis-session-client"\nversion = ".*"\n)source = ".*"\nchecksum = ".*"\n')
    text, count = named.subn(r"\1", lock.read_text())
    expect(count, 1, "entries of redis-session-client with a checksum in the lock file of sessionctl")
    lock.write_text(text)
    patch = f'patch.crates-io.redis-session-client.path="{client}"'
    run(
        "cargo", "install", "--debug", "--locked", "--quiet", "--path", source, "--root", folder / "installed",
        "--target-dir", ROOT / "target", "--config", patch, cwd=folder,
    )  # fmt: skip
    program = folder / "installed/bin/sessionctl"
    version = re.sub(r"^sessionctl-|\.crate$", "", packages.sessionctl.name)
    expect(run(program, "--version").split()[:2], ["sessionctl", version], "the version of the program")
    with server(module, folder) as url:
        report = json.loads(run(program, "--url", url, "doctor", "--json"))
        expect([len(report["nodes"]), report["unreachable"]], [1, []], "nodes that the doctor has asked")
        made = answers(
            int(url.rpartition(":")[2]), b"SESSION.SET session:a {} NX USER session:ada\r\n", b"$9\r\nsession:a"
        )
        expect(made, True, "a session was made")
        users = json.loads(run(program, "--url", url, "user", "ada", "--json"))
        expect([session["key"] for session in users["sessions"]], ["session:a"], "sessions of the user")
    yield f"{packages.sessionctl.name}: cargo installs it, doctor and user ask a server"


Check = Callable[[Packages, Path, Path], Iterator[str]]


def counted(check: Check, packages: Packages, module: Path, folder: Path) -> tuple[int, int]:
    """Runs a check. Gives how many packages passed, and whether one failed."""
    folder = folder / check.__name__
    folder.mkdir()
    began = time.monotonic()
    passed = 0
    try:
        for line in check(packages, module, folder):
            print(f"   {line} ({time.monotonic() - began:.0f} s)", flush=True)
            passed += 1
    except (AssertionError, OSError, KeyError, ValueError) as error:
        print(f"   FAILED: {check.__name__}: {error}", flush=True)
        return passed, 1
    return passed, 0


def main() -> int:
    packages, module = Packages(Path(sys.argv[1])), Path(sys.argv[2])
    if not module.exists():
        print(f"check-clients: there is no module {module}; make build makes it", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="redis-session-packages-") as name:
        folder = Path(name)

        def all_of(*checks: Check) -> list[tuple[int, int]]:
            return [counted(check, packages, module, folder) for check in checks]

        # Two at a time: downloads go on while Cargo compiles.
        with ThreadPoolExecutor(2) as pool:
            rust = pool.submit(all_of, rust_packages, sessionctl)
            others = pool.submit(all_of, python_packages, node_package)
            passed, failed = map(sum, zip(*rust.result(), *others.result(), strict=True))
    print(f"check-clients: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
