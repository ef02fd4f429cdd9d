"""The bills of materials: complete, and the same each time.

They are compared with what another source says: the built programs hold the paths of the source files that can panic,
and so the names and versions of most crates that are linked; pip and npm know what they would install.
"""

import io
import json
import os
import re
import tempfile
import unittest
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any
from unittest import mock

import licences
import sbom

# Where builds put the programs: of a package, of `make build`, and of the tests.
FOLDERS = ("target/package-build/release", "target/release", "target/debug", "target/debug/deps")
CRATE = re.compile(rb"registry/src/[^/\0]{1,80}/([A-Za-z0-9_-]+?)-(\d+\.\d+\.\d+[0-9A-Za-z.+-]*)/")


def program(variable: str, file: str) -> Path:
    """A built program: the one that the variable names, or one of this tree."""
    named = os.environ.get(variable)
    for path in [Path(named)] if named else [sbom.ROOT / folder / file for folder in FOLDERS]:
        if path.exists():
            return path
    raise AssertionError(f"there is no {file}; make build builds the module, cargo build -p sessionctl the program")


class Sbom(unittest.TestCase):
    folder: Path

    @classmethod
    def setUpClass(cls) -> None:
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.write(cls.folder)

    @staticmethod
    def write(folder: Path) -> None:
        """The files, each of which has satisfied the schema: sbom.py writes no other."""
        moment = mock.patch.dict(os.environ, SOURCE_DATE_EPOCH="1700000000")
        with moment, mock.patch("sys.argv", ["sbom.py", str(folder)]), redirect_stdout(io.StringIO()):
            sbom.main()

    def document(self, name: str) -> Any:
        return json.loads((self.folder / f"{name}-{sbom.version()}.cdx.json").read_text())

    def scopes(self, name: str) -> dict[str, str]:
        return {component["bom-ref"]: component["scope"] for component in self.document(name)["components"]}

    def test_every_crate_that_a_built_program_names_is_listed_as_part_of_it(self) -> None:
        for name, variable, file, least in (
            ("redis-session", "MODULE", "libredis_session.so", 15),
            ("sessionctl", "SESSIONCTL", "sessionctl", 30),
        ):
            built = program(variable, file).read_bytes()
            linked = {f"{crate.decode()}@{version.decode()}" for crate, version in CRATE.findall(built)}
            self.assertGreater(len(linked), least, name)
            required = {crate for crate, scope in self.scopes(name).items() if scope == "required"}
            self.assertEqual(linked - required, set(), name)

    def test_what_only_runs_at_the_build_is_told_apart(self) -> None:
        module = self.scopes("redis-session")
        self.assertEqual(module["serde_json@" + self.locked("serde_json")], "required")
        self.assertEqual({crate.partition("@")[0]: scope for crate, scope in module.items()}["bindgen"], "excluded")

    def locked(self, name: str) -> str:
        found = re.findall(rf'name = "{name}"\nversion = "(.*)"', (sbom.ROOT / "Cargo.lock").read_text())
        self.assertEqual(len(found), 1)
        return str(found[0])

    def test_the_module_has_nothing_that_opens_connections(self) -> None:
        names = {
            crate.partition("@")[0] for crate, scope in self.scopes("redis-session").items() if scope == "required"
        }
        self.assertTrue(names.isdisjoint({"reqwest", "hyper", "tokio", "rustls", "openssl", "ureq", "socket2", "mio"}))

    def test_every_part_has_a_licence_and_crates_have_the_sum_of_the_lock_file(self) -> None:
        lock = (sbom.ROOT / "Cargo.lock").read_text()
        for path in self.folder.iterdir():
            for component in json.loads(path.read_text())["components"]:
                self.assertTrue(component["licenses"], component["bom-ref"])
                if component["purl"].startswith("pkg:cargo/") and component["name"] != "redis-session-client":
                    self.assertIn(component["hashes"][0]["content"], lock)

    def test_the_graph_reaches_every_part_from_the_package(self) -> None:
        for path in self.folder.iterdir():
            document = json.loads(path.read_text())
            needs = {entry["ref"]: entry.get("dependsOn", []) for entry in document["dependencies"]}
            reached: set[str] = set()
            waiting = [document["metadata"]["component"]["bom-ref"]]
            while waiting:
                if (part := waiting.pop()) not in reached:
                    reached.add(part)
                    waiting += needs[part]
            self.assertEqual({component["bom-ref"] for component in document["components"]} - reached, set(), path.name)

    def test_the_clients_list_what_their_users_install(self) -> None:
        python = {ref.partition("@")[0]: scope for ref, scope in self.scopes("redis-session-client-python").items()}
        self.assertEqual([python["redis"], python["hiredis"], python["fastapi"]], ["required", "required", "optional"])
        self.assertEqual(python.keys(), licences.closure(licences.user_extras()).keys() - {licences.PYTHON_PACKAGE})
        node = {ref.rpartition("@")[0] for ref in self.scopes("redis-session-client-node")}
        self.assertEqual(node, json.loads((sbom.ROOT / "clients/node/package.json").read_text())["dependencies"].keys())
        rust = {ref.partition("@")[0]: scope for ref, scope in self.scopes("redis-session-client-rust").items()}
        self.assertEqual([rust["redis"], rust["actix-web"], rust.get("axum")], ["required", "optional", None])

    def test_the_same_sources_give_the_same_bytes_and_no_path_of_this_machine(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            self.write(Path(name))
            for path in self.folder.iterdir():
                self.assertEqual((Path(name) / path.name).read_bytes(), path.read_bytes())
                self.assertNotIn(str(sbom.ROOT), path.read_text())
                self.assertEqual(json.loads(path.read_text())["metadata"]["timestamp"], "2023-11-14T22:13:20+00:00")
