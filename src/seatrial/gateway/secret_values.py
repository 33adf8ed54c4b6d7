"""The values of an environment's secrets, kept for its servers, and kept out of what is recorded of them.

They are needed whenever a server is started again, also when nobody is there to give them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from seatrial.gateway.files import entry_name
from seatrial.journal import secrets
from seatrial.system import files


def file(home: Path, project: str, environment: str) -> Path:
    return home / "secrets" / f"{entry_name(project, environment)}.json"


def keep(home: Path, project: str, environment: str, values: Mapping[str, str]) -> None:
    """In a file that we alone can read."""
    path = file(home, project, environment)
    if values:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        files.write(path, json.dumps(dict(values)).encode(), mode=0o600, durable=True)


def kept(home: Path, project: str, environment: str) -> dict[str, str]:
    path = file(home, project, environment)
    found: dict[str, str] = json.loads(path.read_bytes()) if path.exists() else {}
    return found


def masked(home: Path, revision: str, text: str) -> str:
    """What a server of a revision, by its id, has printed, without the secrets that it was given."""
    project, environment, _ = revision.rsplit("/", 2)
    return secrets.mask_text(text, kept(home, project, environment).values())
