"""mypy --strict accepts an application as the documents write it, and knows a guard's model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from pydantic import BaseModel
from redis_session_client.fastapi import Guard, LiveSession, SessionManager, SocketGuard, Visit

class Profile(BaseModel):
    name: str

app = FastAPI()
sessions = SessionManager(insecure=True)
needed = sessions.required(Profile)
maybe = sessions.optional(Profile, "admin", fresh=300)
visits = sessions.visit(Profile)
sockets = sessions.socket(Profile)

@app.post("/login/{name}")
async def login(name: str, visit: Annotated[Visit, Depends(visits)]) -> None:
    await visit.login(name, {"name": name})

@app.post("/typed/{name}")
def typed(name: str, visit: Annotated[Visit[Profile], Depends(visits)]) -> str:
    if visit.session is not None:
        reveal_type(visit.session.data)
    return visit.sync.login(name, Profile(name=name), remember=True)

@app.get("/me")
async def me(session: Annotated[LiveSession[Profile], Depends(needed)]) -> bool:
    reveal_type(session.sync.patch)
    return await session.replace(Profile(name="ada"))

@app.get("/bare")
async def bare(session: Annotated[LiveSession | None, Depends(maybe)]) -> Any:
    return session and session.data

reveal_type(needed)
reveal_type(maybe)
reveal_type(visits)
reveal_type(sockets)
reveal_type(sessions.required())
reveal_type(sessions.visit())
reveal_type(sessions.optional(None, "admin"))
"""

CACHE = str(Path(sys.prefix, "cache", "mypy-typing"))
"""Lives with the environment, as the caches of check.sh: the first run takes half a minute."""

REVEALED = [
    "Profile",
    "def (changes: Any, *, if_version: int | None =) -> bool",
    "Guard[program.Profile]",
    "Guard[program.Profile]",
    "VisitGuard[program.Profile]",
    "SocketGuard[program.Profile]",
    "Guard[Any]",
    "VisitGuard[Any]",
    "Guard[Any]",
]


def test_mypy_accepts_the_documented_forms_and_knows_the_model(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    run = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", CACHE, str(program)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    lines = run.stdout.splitlines()
    assert not [line for line in lines if "error:" in line], run.stdout + run.stderr
    notes = [line for line in lines if "Revealed type" in line]
    assert len(notes) == len(REVEALED)
    for note, revealed in zip(notes, REVEALED, strict=True):
        assert revealed in note
