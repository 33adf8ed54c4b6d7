"""Labels given at this machine: a file of them, what is known of them, and where others send theirs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from seatrial.errors import BadInput, Infrastructure
from seatrial.journal import label_figures, releases
from seatrial.journal.labels import Label
from seatrial.journal.releases import UP, EnvironmentRow
from seatrial.named_tuple import NamedTuple
from seatrial.project.project import Home
from seatrial.release import labelling
from seatrial.release.labelling import ID, LABEL, PREDICTION, ROLES, Rules
from seatrial.system import clock
from seatrial.system.user import by_whom

Say = Callable[[str], None]

_AT_ONCE = 10_000  # labels of one transaction
_SAY_SECONDS = 3.0
_PORT_SECONDS = 10.0


class Added(NamedTuple):
    """What became of a file's labels, by outcome, and how many of the environment still wait."""

    rows: int
    outcomes: Mapping[str, int]
    still_waiting: int


class Address(NamedTuple):
    url: str
    token: str
    token_file: str


def add_file(
    home: Home, row: EnvironmentRow, path: Path, columns: Mapping[str, str], say: Say, correct: str = ""
) -> Added:
    """Take in a file of labels, some thousands at a time. Raises BadInput with the place of what is wrong.

    What was taken in before an error, or a death, stays; the same file added again doubles nothing. `correct`
    is the reason why labels of before are wrong, "" where they are not.
    """
    rules = labelling.rules(home.folder, home.journal, row)
    names = chosen(path, columns, rules)
    outcomes = dict.fromkeys(labelling.OUTCOMES, 0)
    correction = labelling.Correction(correct, by_whom()) if correct else None
    rows, said = 0, time.monotonic()
    for some in chunks(path, names, rules):
        for outcome, count in labelling.add(home.journal, rules, some, correction).items():
            outcomes[outcome] = outcomes.get(outcome, 0) + count
        rows += len(some)
        judged(home)
        if time.monotonic() - said >= _SAY_SECONDS:
            say(f"{rows:,} labels")
            said = time.monotonic()
    if not rows:
        raise BadInput(f"{path} has no rows", "there is nothing to add")
    return Added(rows, outcomes, label_figures.waiting(home.journal, row.project, row.name))


def judged(home: Home) -> None:
    """Let somebody judge by what was added: a driver that was killed is started again, where one has work."""
    from seatrial.release import wake

    if any(one.desired == UP for one in releases.environments(home.journal)):
        wake.ensure(home.folder)


def chosen(path: Path, columns: Mapping[str, str], rules: Rules) -> dict[str, str]:
    """The file's column of each role that it has. Raises BadInput where one is missing that is needed."""
    from seatrial.evaluation import table

    unknown = set(columns) - set(ROLES)
    if unknown:
        raise BadInput(f"there is no column {min(unknown)!r}", f"there are {', '.join(ROLES)}")
    there = table.columns(path)
    needed = {ID, LABEL, *columns}
    if rules.policy.source == "labels":
        needed.add(PREDICTION)
    wanted = {role: columns.get(role, role) for role in ROLES}
    for role in ROLES:
        if role in needed and wanted[role] not in there:
            raise table.missing(path, wanted[role], there)
    return {role: name for role, name in wanted.items() if name in there}


def chunks(path: Path, names: Mapping[str, str], rules: Rules) -> Iterator[list[Label]]:
    """The labels of a file, so many at a time."""
    from seatrial.evaluation import table

    first = 0
    for block in table.blocks(path, tuple(dict.fromkeys(names.values()))):
        size = len(next(iter(block.values())))
        for start in range(0, size, _AT_ONCE):
            part = {role: block[name].slice(start, _AT_ONCE) for role, name in names.items()}
            yield read(path, names, part, first + start, rules)
        first += size


def read(
    path: Path, names: Mapping[str, str], cells: Mapping[str, Any], first: int, rules: Rules
) -> list[Label]:
    """Some rows as labels; `first` is the number of the first of them, from 0."""
    from seatrial.evaluation import column, table

    ids = column.ids(cells[ID], column.Source(path, names[ID], first)).to_pylist()
    others = [role for role in names if role != ID]
    now = clock.now()
    found: list[Label] = []
    for values in zip(ids, *(cells[role].to_pylist() for role in others), strict=True):
        try:
            found.append(labelling.label_of(dict(zip((ID, *others), values, strict=True)), rules, now))
        except BadInput as problem:
            done = f"the {first:,} rows before were added; add the file again when it is right"
            hint = "; ".join(filter(None, (problem.hint, done if first else "")))
            raise BadInput(problem.message, hint, table.place_of(path, first + len(found))) from None
    return found


def address(home: Home, row: EnvironmentRow) -> Address:
    """Where labels of an environment can be sent. Raises Infrastructure where nobody can be reached."""
    from urllib.parse import quote

    from seatrial.gateway.files import service_port
    from seatrial.release import label_requests, wake

    labelling.rules(home.folder, home.journal, row)
    token = label_requests.token(home.folder)
    wake.ensure(home.folder)
    deadline = time.monotonic() + _PORT_SECONDS
    while not service_port(home.folder).exists():
        if time.monotonic() > deadline:
            raise Infrastructure("the supervisor does not start", hint=f"see {wake.log_file(home.folder)}")
        time.sleep(0.02)
    port = service_port(home.folder).read_text("ascii").strip()
    parts = (quote(part, safe="") for part in ("labels", row.project, row.name))
    url = "/".join(chain([f"http://127.0.0.1:{port}"], parts))
    return Address(url, token, str(label_requests.token_file(home.folder)))
