"""The first pipeline file of a project."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from seatrial.errors import BadInput, Problem, some
from seatrial.named_tuple import NamedTuple
from seatrial.project.survey import OWN_FILE, Survey, free_port, survey
from seatrial.project.template import template


class Started(NamedTuple):
    """`lacking` is what has to be done before the first run; `left_out` what the file says nothing of."""

    path: Path
    text: str
    lacking: tuple[str, ...] = ()
    left_out: str = ""


def text_for(folder: Path) -> str:
    """The file that fits what the folder holds. Raises BadInput where there is no such folder."""
    return template(_survey(folder))


def _survey(folder: Path) -> Survey:
    if not folder.is_dir():
        raise BadInput(f"there is no folder {folder}")
    _refuse_innards(folder)
    found = survey(folder)
    return found._replace(port=free_port({*found.ports, *_released_to(found.name)}))


def _refuse_innards(folder: Path) -> None:
    """Nothing of ours goes where a version control system keeps its own."""
    from seatrial.commit.sources.git import repository

    whole = folder.resolve()
    found = repository.find(whole)
    if {".git", ".svn"}.intersection(whole.parts) or (found is not None and found.is_bare):
        hint = "a pipeline belongs to a checkout: clone the repository, and begin there"
        raise BadInput(f"{folder} is inside of a repository, where only commits are kept", hint)


def _released_to(name: str) -> Iterator[int]:
    """The ports of what other projects have released to here: an address has one environment."""
    from seatrial.gateway import ports
    from seatrial.journal import releases
    from seatrial.project.project import open_home

    try:
        rows = releases.environments(open_home().journal)
    except Problem:
        return  # whatever is wrong with the home, nothing here needs it
    yield from (ports.parse_address(row.address)[1] for row in rows if row.project != name and row.address)


def start(folder: Path) -> Started:
    """Write the file, and never over one that exists: raises BadInput then."""
    found = _survey(folder)
    text, path = template(found), folder / OWN_FILE
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        hint = "change it by hand; `seatrial init --print` shows what would be written"
        raise BadInput(f"{path} exists and is left as it is", hint) from None
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror}") from error
    return Started(path, text, tuple(_lacking(found)), _left_out(folder, found))


def _lacking(found: Survey) -> Iterator[str]:
    if found.tests.lacks_pytest:
        yield f"add pytest to {found.requirements}"
    if found.packages:
        yield f"write a requirements file, pinned, of what {found.packages} asks for, and name it in `python`"


def _left_out(folder: Path, found: Survey) -> str:
    """What else trains here: a model in a folder of its own has a file of its own."""
    if not found.others:
        return ""
    below = sorted({str(folder / one.rpartition("/")[0]) for one in found.others if "/" in one})
    wanted = " and ".join(f"`seatrial init {shlex.quote(one)}`" for one in below[:3]) or "a stage of its own"
    return f"{some(found.others, str)}: for that, {wanted}"
