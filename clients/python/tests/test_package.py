"""The package as it is published: its metadata, and what is in its files.

Whether an installation from these files works is tried by `make test-packages`.
"""

from __future__ import annotations

import email.message
import email.parser
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
import tomlkit
from support.servers import REPOSITORY

FOLDER = REPOSITORY / "clients" / "python"


def run(*command: str | Path) -> str:
    """What the command prints. It must succeed."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the source distribution, and of the wheel that is built from it."""
    folder = tmp_path_factory.mktemp("built")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, FOLDER)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> email.message.Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        return email.parser.Parser().parsestr(archive.read(name).decode())


def test_both_files_pass_the_check_of_the_package_index(built: Path) -> None:
    run(sys.executable, "-m", "twine", "check", "--strict", *built.iterdir())


def test_the_metadata_say_what_a_visitor_of_the_index_asks(metadata: email.message.Message) -> None:
    assert metadata["Name"] == "redis-session-client"
    assert metadata["Version"] in (REPOSITORY / "Cargo.toml").read_text()
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Summary"]
    urls = dict(url.split(", ") for url in metadata.get_all("Project-URL", []))
    assert {"Homepage", "Documentation", "Source", "Issues", "Changelog"} <= urls.keys()
    asked = {c.partition(" ::")[0] for c in metadata.get_all("Classifier", [])}
    assert {"Development Status", "Framework", "Programming Language", "Typing"} <= asked


def test_every_extra_is_described_by_the_metadata(metadata: email.message.Message) -> None:
    extras = set(metadata.get_all("Provides-Extra", []))
    assert {"django", "fastapi", "flask", "starlette", "testing"} <= extras
    required = metadata.get_all("Requires-Dist", [])
    assert any(re.match(r"redis\[hiredis\]>=", line) for line in required)
    for extra in extras:
        assert any(f"extra == '{extra}'" in line for line in required), extra


def test_the_links_of_the_description_work_without_the_repository(
    metadata: email.message.Message,
) -> None:
    description = str(metadata.get_payload())
    links = re.findall(r"\]\(([^)]+)\)", description)
    assert links
    urls = dict(url.split(", ") for url in metadata.get_all("Project-URL", []))
    files = urls["Homepage"] + "/blob/main/clients/python/"
    for link in links:
        if link.startswith(urls["Homepage"]):
            assert (FOLDER / link.removeprefix(files).partition("#")[0]).exists(), link
        else:
            assert re.match("https://|#", link), link


def test_the_addresses_of_the_repository_agree() -> None:
    text = (FOLDER / "pyproject.toml").read_text()
    home = tomlkit.parse(text).unwrap()["project"]["urls"]["Homepage"]
    host = "/".join(home.split("/")[:3])
    for address in re.findall(rf"{re.escape(host)}[^\"' )\\]*", text):
        assert address.startswith(home), address


def test_the_source_distribution_has_documents_examples_and_tests(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as files:
        names = {"/".join(name.split("/")[1:]) for name in files.getnames()}
    for wanted in ("README.md", "LICENSE", "docs/migration.md", "tests/conftest.py"):
        assert wanted in names
    assert not [name for name in names if "__pycache__" in name or "venv" in name]
