"""The programs of docs/connecting.md run: they make clients, and connect to nobody."""

from pathlib import Path

import pytest
from support.programs import programs

PAGE = Path(__file__).parent.parent / "docs" / "connecting.md"


@pytest.mark.parametrize("program", programs(PAGE.read_text()))
async def test_a_program_of_the_page_runs(program: str) -> None:
    exec(compile(program, str(PAGE), "exec"), {})  # noqa: S102
