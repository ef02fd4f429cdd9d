#!/usr/bin/env python3
"""Lists what each package is made of, as software bills of materials in the format CycloneDX 1.6.

    sbom.py FOLDER    writes a file NAME-VERSION.cdx.json for each package into the folder

The format, and its check against the schema, are those of CycloneDX's own library. What is in a list comes from the
resolver of each language: `cargo tree` says what is linked, with the features that this very package has (a list made
from the lock file would have the features of all of the workspace); importlib.metadata what pip has installed; the lock
file what npm installs for users. Scopes: `required` is in the program or always installed with it, `optional` comes
with a feature or an extra, `excluded` runs only while the package is built.

For libraries a list can only say which versions the tests ran with: whoever installs them gets what their own resolver
picks.

The same sources give the same bytes: the time is SOURCE_DATE_EPOCH, the serial number is made from the content.
"""

import base64
import json
import os
import re
import subprocess
import sys
import tomllib
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.contrib.this.builders import this_component
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

import licences

ROOT = Path(__file__).resolve().parent.parent
REQUIRED, OPTIONAL, EXCLUDED = ComponentScope.REQUIRED, ComponentScope.OPTIONAL, ComponentScope.EXCLUDED


class Part(NamedTuple):
    """One dependency. `needs` has keys of others in the same list."""

    purl: PackageURL
    licence: str | None
    scope: ComponentScope
    needs: frozenset[str]
    hashed: HashType | None = None
    description: str | None = None


def run(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def version() -> str:
    return tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]["version"]


# Rust


def tree(package: str, *options: str) -> list[tuple[int, str]]:
    """The lines of `cargo tree`: the depth, and name and version of a crate, separated by `@`."""
    lines = []
    for line in run("cargo", "tree", "--locked", "--package", package, "--prefix", "depth", *options).splitlines():
        depth, name, number = re.match(r"(\d+)(\S+) v(\S+)", line).groups()
        lines.append((int(depth), f"{name}@{number}"))
    return lines


def edges(lines: list[tuple[int, str]]) -> dict[str, set[str]]:
    """Which crate of a tree needs which. Cargo prints what is below a crate only once."""
    found: dict[str, set[str]] = {}
    above: list[str] = []
    for depth, crate in lines:
        found.setdefault(crate, set())
        above[depth:] = [crate]
        if depth:
            found[above[depth - 1]].add(crate)
    return found


def crates(package: str, linked: set[str], optional: set[str], everything: dict[str, set[str]]) -> dict[str, Part]:
    metadata = json.loads(run("cargo", "metadata", "--locked", "--format-version", "1"))["packages"]
    about = {f"{p['name']}@{p['version']}": p for p in metadata}
    locked = tomllib.loads((ROOT / "Cargo.lock").read_text())["package"]
    checksums = {f"{p['name']}@{p['version']}": p.get("checksum") for p in locked}
    parts = {}
    for crate, needs in everything.items():
        name, _, number = crate.partition("@")
        checksum = checksums[crate]
        parts[crate] = Part(
            PackageURL("cargo", None, name, number),
            (about[crate]["license"] or "").replace("/", " OR "),
            REQUIRED if crate in linked else OPTIONAL if crate in optional else EXCLUDED,
            frozenset(needs),
            HashType(alg=HashAlgorithm.SHA_256, content=checksum) if checksum else None,
            about[crate]["description"],
        )
    return parts


def rust_program(package: str) -> dict[str, Part]:
    """What is compiled into a program for this machine, and what runs while it is compiled."""
    linked = {crate for _, crate in tree(package, "--edges", "normal,no-proc-macro")}
    parts = crates(package, linked, set(), edges(tree(package, "--edges", "normal,build")))
    # The compiler links its own library into every program.
    release = re.search(r"^release: (.*)$", run("rustc", "-vV"), re.MULTILINE)[1]
    std = f"rust-std@{release}"
    parts[std] = Part(PackageURL("generic", None, "rust-std", release), "MIT OR Apache-2.0", REQUIRED, frozenset())
    root = f"{package}@{version()}"
    parts[root] = parts[root]._replace(needs=parts[root].needs | {std})
    return parts


def module() -> dict[str, Part]:
    """As a program. The module is not on crates.io, so its address there would be another's."""
    parts = rust_program("redis-session")
    root = f"redis-session@{version()}"
    parts[root] = parts[root]._replace(purl=PackageURL("generic", None, "redis-session", version()))
    return parts


def rust_library(package: str) -> dict[str, Part]:
    """What a crate needs on any machine, without features and with all of them."""
    options = ["--target", "all", "--edges"]
    linked = {crate for _, crate in tree(package, *options, "normal,no-proc-macro")}
    optional = {crate for _, crate in tree(package, *options, "normal,no-proc-macro", "--all-features")}
    return crates(package, linked, optional, edges(tree(package, *options, "normal,build", "--all-features")))


# Python and Node


def python_library() -> dict[str, Part]:
    always = licences.closure(set())
    parts = {}
    for name, (distribution, needs) in licences.closure(licences.user_extras()).items():
        parts[f"{name}@{distribution.version}"] = Part(
            PackageURL("pypi", None, name, distribution.version),
            licences.python_licence(distribution),
            REQUIRED if name in always else OPTIONAL,
            frozenset(f"{n}@{licences.installed()[n].version}" for n in needs),
            description=distribution.metadata["Summary"],
        )
    return parts


def node_library() -> dict[str, Part]:
    """From the lock file: `npm sbom --omit dev` leaves out what development tools depend on too."""
    packages = json.loads((ROOT / "clients/node/package-lock.json").read_text())["packages"]
    users = {
        path: package for path, package in packages.items() if not (package.get("dev") or package.get("devOptional"))
    }
    parts = {}
    for path, package in users.items():
        name = package.get("name") or path.rpartition("node_modules/")[2]
        group, _, base = name.rpartition("/")
        needs = {f"{n}@{users[f'node_modules/{n}']['version']}" for n in package.get("dependencies", {})}
        algorithm, _, digest = package.get("integrity", "").partition("-")
        assert path == "" or algorithm == "sha512", path
        parts[f"{name}@{package['version']}"] = Part(
            PackageURL("npm", group or None, base, package["version"]),
            package["license"],
            REQUIRED,
            frozenset(needs),
            HashType(alg=HashAlgorithm.SHA_512, content=base64.b64decode(digest).hex()) if digest else None,
        )
    return parts


# The document


def component(key: str, part: Part, kind: ComponentType, own: bool) -> Component:
    factory = LicenseFactory()
    source = "https://github.com/redis-session/redis-session"
    return Component(
        name=part.purl.name, group=part.purl.namespace, version=part.purl.version, type=kind, bom_ref=key,
        scope=None if own else part.scope,
        description=part.description, purl=part.purl,
        hashes=[part.hashed] if part.hashed else [],
        licenses=[factory.make_from_string(part.licence)] if part.licence else [],
        external_references=[ExternalReference(type=ExternalReferenceType.VCS, url=XsUri(source))] if own else [],
    )  # fmt: skip


def document(root: str, kind: ComponentType, parts: dict[str, Part]) -> str:
    """The list as JSON. It satisfies CycloneDX's schema, strictly."""
    made = {
        key: component(key, part, kind if key == root else ComponentType.LIBRARY, key == root)
        for key, part in parts.items()
    }
    moment = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), UTC)

    def whole(serial: uuid.UUID) -> str:
        metadata = BomMetaData(component=made[root], timestamp=moment)
        metadata.tools.components.add(this_component())
        bom = Bom(components=[c for key, c in made.items() if key != root], metadata=metadata, serial_number=serial)
        for key, part in parts.items():
            bom.register_dependency(made[key], [made[other] for other in part.needs])
        return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"

    text = whole(uuid.uuid5(uuid.NAMESPACE_URL, whole(uuid.UUID(int=1))))
    if error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise SystemExit(f"sbom: the list of {root} does not satisfy the schema: {error}")
    return text


def write(folder: Path, file: str, root: str, kind: ComponentType, parts: dict[str, Part]) -> None:
    path = folder / f"{file}-{version()}.cdx.json"
    path.write_text(document(f"{root}@{version()}", kind, parts))
    print(f"{path.name}: {len(parts) - 1} components, {scopes(parts.values())}")


def scopes(parts: Iterable[Part]) -> str:
    scoped = [part.scope for part in parts]
    required = scoped.count(REQUIRED) - 1  # without the package itself
    return f"{required} required, {scoped.count(OPTIONAL)} optional, {scoped.count(EXCLUDED)} for the build"


def main() -> None:
    folder = Path(sys.argv[1])
    program, library = ComponentType.APPLICATION, ComponentType.LIBRARY
    client = "redis-session-client"
    write(folder, "redis-session", "redis-session", library, module())
    write(folder, "sessionctl", "sessionctl", program, rust_program("sessionctl"))
    write(folder, f"{client}-rust", client, library, rust_library(client))
    write(folder, f"{client}-python", client, library, python_library())
    write(folder, f"{client}-node", client, library, node_library())


if __name__ == "__main__":
    main()
