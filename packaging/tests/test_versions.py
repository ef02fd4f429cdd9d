"""versions.py: every file that names a version can be wrong, and is then named."""

import shutil
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import versions

FILES = (
    "Cargo.toml", "Cargo.lock", "CHANGELOG.md", "LICENSE",
    "clients/rust/Cargo.toml", "clients/cli/Cargo.toml", "clients/python/pyproject.toml",
    "clients/node/package.json", "clients/node/package-lock.json",
    *(f"clients/{name}/LICENSE" for name in ("rust", "cli", "python", "node")),
)  # fmt: skip


class Versions(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        for file in FILES:
            (self.root / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(versions.ROOT / file, self.root / file)
        self.version = versions.found()["Cargo.toml"]
        self.enterContext(mock.patch.object(versions, "ROOT", self.root))

    def change(self, file: str, old: str, new: str) -> None:
        text = (self.root / file).read_text()
        self.assertIn(old, text)
        (self.root / file).write_text(text.replace(old, new))

    def test_the_tree_as_it_is_agrees(self) -> None:
        self.assertEqual(versions.wrong(None), [])

    def test_each_file_that_differs_is_named(self) -> None:
        for file in FILES[1:]:
            if file in ("CHANGELOG.md", "LICENSE") or file.endswith("/LICENSE"):
                continue
            with self.subTest(file):
                before = (self.root / file).read_text()
                self.change(file, self.version, "9.9.9")
                self.assertTrue(any(line.startswith(file) and "9.9.9" in line for line in versions.wrong(None)))
                (self.root / file).write_text(before)

    def test_the_change_log_must_have_the_version_first(self) -> None:
        self.change("CHANGELOG.md", f"## [{self.version}]", "## [9.9.9]")
        self.assertRegex("\n".join(versions.wrong(None)), "CHANGELOG.md: the newest version")

    def test_a_tag_must_be_the_version(self) -> None:
        self.assertRegex("\n".join(versions.wrong("v9.9.9")), "the tag is v9.9.9")

    def test_a_release_has_nothing_unreleased(self) -> None:
        tag = f"v{self.version}"
        text = (self.root / "CHANGELOG.md").read_text()
        first = text.index(f"## [{self.version}]")
        (self.root / "CHANGELOG.md").write_text(text[: text.index("## [")] + text[first:])
        self.assertEqual(versions.wrong(tag), [])
        (self.root / "CHANGELOG.md").write_text(
            text[: text.index("## [")] + "## [Unreleased]\n\n- New.\n\n" + text[first:]
        )
        self.assertEqual(versions.wrong(tag), ["CHANGELOG.md: there are changes under Unreleased"])

    def test_the_copies_of_the_licence_must_be_the_same(self) -> None:
        self.change("clients/rust/LICENSE", "MIT", "MTI")
        self.assertEqual(versions.wrong(None), ["clients/rust/LICENSE differs from LICENSE"])
