"""`POST /labels/PROJECT/ENVIRONMENT`: labels over HTTP, as JSON lines or as one JSON list of objects.

One request is one transaction: all of its labels are kept, or none. Whoever sends one needs the token, which
lies in a file of the home that its owner alone can read. Labels that are to stand in the place of others come
with two headers that say why, and who says so: the token is the same for all.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from seatrial.errors import BadInput, Problem
from seatrial.gateway.service import JSON, Answer, Request, Route
from seatrial.journal import releases
from seatrial.journal.journal import Journal, open_journal
from seatrial.journal.labels import Label
from seatrial.release import labelling, reason, wake
from seatrial.release.labelling import Correction
from seatrial.system import clock, files

WORD = "labels"  # the first of the path
LARGEST = 8 * 1024 * 1024
WHY, BY = "seatrial-correct", "seatrial-by"
_TOKEN_BYTES = 32


def route(home: Path) -> Route:
    return Route(partial(answer, home), ("POST",), LARGEST)


def token_file(home: Path) -> Path:
    return home / "labels.token"


def token(home: Path) -> str:
    """The word that allows to give labels; made on first use, the same for all who make it at once."""
    path = token_file(home)
    if not path.exists():
        partial_file = files.beside(path)
        files.write(partial_file, secrets.token_urlsafe(_TOKEN_BYTES).encode(), mode=0o600, durable=True)
        try:
            os.link(partial_file, path)
        except FileExistsError:
            pass  # another one was faster, and its token is the one
        finally:
            partial_file.unlink(missing_ok=True)
    return path.read_text("ascii").strip()


def answer(home: Path, request: Request) -> Answer:
    """Take in the labels of a request. Raises nothing that a request can cause."""
    if not is_allowed(request.headers.get("authorization", ""), token(home)):
        return refused(401, "the token is missing, or is another one: `seatrial labels address` shows it")
    try:
        with closing(open_journal(home)) as journal:
            return taken_in(home, journal, request)
    except BadInput as problem:
        return refused(400, f"{problem.message}; {problem.hint}" if problem.hint else problem.message)
    except Problem as problem:
        return refused(503, problem.message)


def is_allowed(authorization: str, token: str) -> bool:
    scheme, _, given = authorization.partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())


def taken_in(home: Path, journal: Journal, request: Request) -> Answer:
    parts = [unquote(part) for part in request.path.split("/")[2:]]
    row = releases.environment(journal, *parts) if len(parts) == 2 else None
    if row is None:
        return refused(404, f"there is no environment {'/'.join(parts)!r}: POST /labels/PROJECT/ENVIRONMENT")
    rules, correction = labelling.rules(home, journal, row), correction_of(request.headers)
    now = clock.now()
    found = [label(number, given, rules, now) for number, given in objects(request.body)]
    if not found:
        return refused(400, 'no labels: send lines like {"id": "4f2a…", "label": "positive"}')
    outcomes = labelling.add(journal, rules, found, correction)
    wake.nudge(home)
    return Answer(200, json.dumps(outcomes).encode() + b"\n", JSON)


def correction_of(headers: Mapping[str, str]) -> Correction | None:
    """Why labels of before are wrong, and by whom; None where they are not. Raises BadInput."""
    said = {name: words(name, headers[name]) for name in (WHY, BY) if name in headers}
    if not said:
        return None
    missing = next((name for name in (WHY, BY) if not said.get(name)), None)
    if missing:
        hint = f"a correction says why in {WHY!r}, and in {BY!r} who says so"
        raise BadInput(f"the header {missing!r} is missing", hint)
    return Correction(said[WHY], said[BY])


def words(name: str, value: str) -> str:
    """What a header says. Raises BadInput for what is no short line of UTF-8 text."""
    try:
        found = value.encode("latin-1").decode("utf-8").strip()
    except UnicodeError:
        raise BadInput(f"the header {name!r} is not UTF-8 text") from None
    if wrong := reason.flaw(found):
        raise BadInput(f"the header {name!r} {wrong}")
    return found


def label(number: int, given: Any, rules: labelling.Rules, now: float) -> Label:
    """Raises BadInput with the number of the label, from 1."""
    try:
        return labelling.label_of(fields(given), rules, now)
    except BadInput as problem:
        raise BadInput(f"label {number}: {problem.message}", problem.hint) from None


def fields(given: Any) -> dict[str, Any]:
    """Raises BadInput for what is no object, and for a key that is none of a label's."""
    if not isinstance(given, dict):
        raise BadInput("not a JSON object", 'write {"id": "4f2a…", "label": "positive"}')
    unknown = set(given) - set(labelling.ROLES)
    if unknown:
        raise BadInput(f"{min(unknown)[:60]!r} is unknown", f"there are {', '.join(labelling.ROLES)}")
    return given


def objects(body: bytes) -> Iterator[tuple[int, Any]]:
    """The values of a JSON list, or of JSON lines, with their numbers from 1. Raises BadInput."""
    if body.lstrip()[:1] == b"[":
        yield from enumerate(parsed(body, "the body"), 1)
        return
    for number, line in enumerate(body.split(b"\n"), 1):
        if line.strip():
            yield number, parsed(line, f"line {number}")


def parsed(content: bytes, where: str) -> Any:
    try:
        return json.loads(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise BadInput(f"{where} is not UTF-8 text") from None
    except (ValueError, RecursionError):
        raise BadInput(
            f"{where} is not JSON", "send JSON lines, one object a line, or one JSON list"
        ) from None


def refused(status: int, text: str) -> Answer:
    return Answer(status, json.dumps({"error": text}).encode() + b"\n", JSON)
