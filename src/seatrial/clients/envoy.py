"""Envoy: where its binary is, and its administration interface on a Unix socket."""

from __future__ import annotations

import json
import socket
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from seatrial.errors import needs_extra
from seatrial.named_tuple import NamedTuple


class Unreachable(Exception):  # noqa: N818 - a state that callers wait out, not an error that a user meets
    """Nothing answers on the administration socket (yet, or any more)."""


class Silent(Unreachable):
    """Somebody has the socket, and does not answer in time: a process that hangs, not one that is gone."""


class Admin(NamedTuple):
    """A handle for the administration interface; every call is a connection of its own."""

    path: Path
    timeout_seconds: float = 5.0


class UnixConnection(HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, admin: Admin) -> None:
        super().__init__("localhost", timeout=admin.timeout_seconds)
        self._path = str(admin.path)

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def binary() -> Path:
    """Envoy's program: that of the extra `gateway`, else one on PATH. Raises BadInput where there is none."""
    import shutil
    from importlib.util import find_spec

    spec = find_spec("envoy")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        program = Path(folder) / "_bin" / "envoy"
        if program.is_file():
            return program
    found = shutil.which("envoy")
    if found is None:
        raise needs_extra("gateway", "releasing to live traffic")
    return Path(found)


def ask(admin: Admin, method: str, path: str) -> bytes:
    """The body of an answer with status 200. Raises Unreachable."""
    connection = UnixConnection(admin)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        body = answer.read()
    except TimeoutError as error:
        raise Silent(f"{admin.path}: no answer within {admin.timeout_seconds:g} s") from error
    except (OSError, HTTPException) as error:
        raise Unreachable(f"{admin.path}: {error}") from error
    finally:
        connection.close()
    if answer.status != 200:
        raise Unreachable(f"{path} answered {answer.status}")
    return body


def is_ready(admin: Admin) -> bool:
    """Whether Envoy has read all its configuration and takes requests."""
    try:
        return ask(admin, "GET", "/ready").strip() == b"LIVE"
    except Unreachable:
        return False


def stats(admin: Admin, pattern: str) -> dict[str, Any]:
    """Counters, gauges and texts whose whole name matches a regular expression. Raises Unreachable."""
    from urllib.parse import quote

    return values_of(ask(admin, "GET", f"/stats?format=json&filter={quote(f'^({pattern})$', safe='')}"))


def values_of(answer: bytes) -> dict[str, Any]:
    """The values by name in an answer to `/stats`. Raises Unreachable for what is none."""
    found = [one for one in _listed(answer, "stats") if "value" in one]
    return {one["name"]: one["value"] for one in found if isinstance(one.get("name"), str)}


def dump(admin: Admin, resource: str) -> list[dict[str, Any]]:
    """The present state of one kind of configuration, e.g. "dynamic_listeners". Raises Unreachable."""
    return _listed(ask(admin, "GET", f"/config_dump?resource={resource}"), "configs")


def _listed(answer: bytes, name: str) -> list[dict[str, Any]]:
    """The documents that an answer lists under a name; none where it has no such list."""
    try:
        found = json.loads(answer).get(name, [])
    except (ValueError, AttributeError, RecursionError) as error:
        raise Unreachable(f"it answered no document: {answer[:60]!r}") from error
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
