"""licences.py: which licences pass, and that a dependency with another one is found."""

import contextlib
import io
import unittest
from unittest import mock

import licences
from licences import Package


class Licences(unittest.TestCase):
    def passes(self, expression: str, *among: str) -> bool:
        return licences.satisfied(licences.parse(expression), frozenset(among))

    def test_one_licence_of_an_or_and_all_of_an_and_must_be_allowed(self) -> None:
        self.assertTrue(self.passes("MIT", "MIT"))
        self.assertTrue(self.passes("GPL-3.0-only OR MIT", "MIT"))
        self.assertTrue(self.passes("MIT/Apache-2.0", "Apache-2.0"))
        self.assertTrue(self.passes("(MIT OR Apache-2.0) AND Unicode-3.0", "MIT", "Unicode-3.0"))
        self.assertFalse(self.passes("(MIT OR Apache-2.0) AND Unicode-3.0", "MIT"))
        self.assertFalse(self.passes("GPL-3.0-only", "MIT"))

    def test_a_licence_with_an_exception_is_another_licence(self) -> None:
        self.assertFalse(self.passes("Apache-2.0 WITH LLVM-exception", "Apache-2.0"))
        self.assertTrue(self.passes("Apache-2.0 WITH LLVM-exception OR MIT", "MIT"))

    def test_what_is_no_spdx_expression_is_no_known_licence(self) -> None:
        for text in (None, "", "see LICENSE", "MIT OR", "MIT\nand more"):
            self.assertIsNone(licences.spdx(text), text)

    def test_no_licence_of_the_list_asks_to_publish_ones_own_code(self) -> None:
        self.assertIn("MIT", licences.allowed())
        for licence in licences.allowed():
            self.assertNotRegex(licence, "GPL|MPL|EPL|CDDL|SSPL|BUSL|RSAL")

    def test_another_licence_is_accepted_only_of_a_named_tool(self) -> None:
        self.assertFalse(licences.refused(Package("certifi", "1", "MPL-2.0", tool=True)))
        self.assertTrue(licences.refused(Package("certifi", "1", "MPL-2.0", tool=False)))
        self.assertTrue(licences.refused(Package("certifi", "1", "GPL-3.0-only", tool=True)))
        self.assertTrue(licences.refused(Package("other", "1", "MPL-2.0", tool=True)))

    def test_a_new_dependency_with_another_licence_fails_the_check(self) -> None:
        printed = io.StringIO()
        new = [
            Package("new-crate", "1.0.0", "AGPL-3.0-only"),
            Package("fine", "1.0.0", "MIT"),
            Package("silent", "2.0.0", None),
        ]
        with (
            mock.patch.object(licences, "rust_packages", lambda lock: iter(new)),
            mock.patch.object(licences, "node_packages", lambda lock: iter(())),
            mock.patch.object(licences, "python_packages", lambda: iter(())),
            contextlib.redirect_stdout(printed),
        ):
            self.assertEqual(licences.main(), 1)
        self.assertIn("NOT ALLOWED: new-crate 1.0.0: AGPL-3.0-only", printed.getvalue())
        self.assertIn("NOT ALLOWED: silent 2.0.0: no licence that is known", printed.getvalue())
        self.assertNotIn("fine", printed.getvalue())

    def test_what_users_of_python_install_is_told_from_tools(self) -> None:
        users = licences.closure(licences.user_extras())
        self.assertLessEqual({"redis", "hiredis", "fastapi", "django", "starlette", "jsonpointer"}, users.keys())
        self.assertTrue({"hypothesis", "mypy", "twine", "pytest"}.isdisjoint(users))
        self.assertLess(users.keys(), licences.closure({"dev"}).keys())
        self.assertEqual(
            licences.closure(set()).keys() - {"async-timeout"}, {"redis-session-client", "redis", "hiredis"}
        )
