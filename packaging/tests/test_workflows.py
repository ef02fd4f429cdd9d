"""The workflows: actions are pinned, rights are few, and every command that they run exists.

Whether GitHub understands the files is checked by its schema, and careless patterns by zizmor, in check-metadata.sh.
"""

import re
import unittest
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / ".github/workflows"
WORKFLOWS = {path.stem: YAML(typ="safe").load(path.read_text()) for path in FOLDER.glob("*.yml")}


def jobs() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, workflow in WORKFLOWS.items():
        for job, content in workflow["jobs"].items():
            yield f"{name}/{job}", content


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, job in jobs():
        for step in job["steps"]:
            yield name, step


def commands() -> Iterator[str]:
    for _, step in steps():
        yield step.get("run", "")
    for _, job in jobs():
        for row in job.get("strategy", {}).get("matrix", {}).get("include", []):
            yield row["run"]


class Workflows(unittest.TestCase):
    def test_there_are_three(self) -> None:
        self.assertEqual(WORKFLOWS.keys(), {"ci", "long", "release"})

    def test_every_action_is_pinned_by_a_commit_and_says_which_version_that_is(self) -> None:
        found = 0
        for path in FOLDER.glob("*.yml"):
            for line in path.read_text().splitlines():
                if "uses:" in line:
                    self.assertRegex(line, r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", path.name)
                    found += 1
        self.assertGreater(found, 10)

    def test_every_image_is_pinned_by_its_digest(self) -> None:
        images = {job["container"]["image"] for _, job in jobs() if "container" in job}
        self.assertEqual(len(images), 1)
        self.assertRegex(images.pop(), r"^rust:[\d.]+-bookworm@sha256:[0-9a-f]{64}$")

    def test_no_right_is_given_to_all_jobs_and_only_the_draft_may_write(self) -> None:
        for name, workflow in WORKFLOWS.items():
            self.assertEqual(workflow["permissions"], {}, name)
        for name, job in jobs():
            written = {right for right, kind in job["permissions"].items() if kind == "write"}
            expected = {"release/draft": {"contents", "id-token", "attestations", "artifact-metadata"}}
            allowed = expected.get(name, {"id-token"} if "environment" in job else set())
            self.assertEqual(written, allowed, name)

    def test_every_job_has_a_time_limit_and_no_secret(self) -> None:
        for name, job in jobs():
            self.assertIn("timeout-minutes", job, name)
        for path in FOLDER.glob("*.yml"):
            self.assertNotIn("secrets.", path.read_text(), path.name)

    def test_no_copy_of_the_repository_keeps_the_token(self) -> None:
        for name, step in steps():
            if step.get("uses", "").startswith("actions/checkout"):
                self.assertIs(step["with"]["persist-credentials"], False, name)

    def test_every_target_script_and_argument_that_is_run_exists(self) -> None:
        targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
        makefile = (ROOT / "Makefile").read_text()
        scripts = "".join(path.read_text() for path in (ROOT / ".ci").glob("*.sh"))
        ran = 0
        for command in commands():
            for target, arguments in re.findall(r"\bmake ([a-z-]+)((?: [A-Z]+=\S+)*)", command):
                self.assertIn(target, targets)
                for variable in re.findall(r"([A-Z]+)=", arguments):
                    # Make hands a variable of its command line to the scripts too, in the environment.
                    used = f"$({variable})" in makefile or f"${{{variable}:-" in scripts
                    self.assertTrue(used, f"{variable} in {command}")
                ran += 1
            for script in re.findall(r"(?<![\w/.])((?:\.ci|packaging|tests)/[\w./-]+)", command):
                self.assertTrue((ROOT / script).is_file(), script)
                ran += 1
        self.assertGreater(ran, 10)

    def test_ci_runs_what_every_change_has_to_pass(self) -> None:
        self.assertEqual(WORKFLOWS["ci"]["on"].keys(), {"push", "pull_request"})
        self.assertIn(".ci/run", [step.get("run") for _, step in steps()])

    def test_a_release_is_checked_before_it_is_drafted_and_published_only_with_approval(self) -> None:
        release = WORKFLOWS["release"]["jobs"]
        text = "\n".join(step.get("run", "") for step in release["build"]["steps"])
        order = ["versions.py", "make licences", "make package", "reproduce.sh", "packaging/check.sh", "SHA256SUMS"]
        self.assertEqual(order, sorted(order, key=text.index))
        self.assertEqual(release["draft"]["needs"], ["build", "images"])
        self.assertTrue(any("--draft" in step.get("run", "") for step in release["draft"]["steps"]))
        self.assertTrue(any("actions/attest@" in step.get("uses", "") for step in release["draft"]["steps"]))
        for name in ("pypi", "npm", "crates"):
            self.assertEqual(release[name]["needs"], "draft")
            self.assertIn("name", release[name]["environment"])
