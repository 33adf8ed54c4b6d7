"""The first pipeline file of a project."""

from __future__ import annotations

from pathlib import Path

from seatrial.errors import BadInput
from seatrial.named_tuple import NamedTuple
from seatrial.project.survey import OWN_FILE, Survey, survey
from seatrial.project.template import template


class Started(NamedTuple):
    """`lacking` is what has to be done before the first run."""

    path: Path
    text: str
    lacking: str = ""


def text_for(folder: Path) -> str:
    """The file that fits what the folder holds. Raises BadInput where there is no such folder."""
    return template(_survey(folder))


def _survey(folder: Path) -> Survey:
    if not folder.is_dir():
        raise BadInput(f"there is no folder {folder}")
    return survey(folder)


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
    lacking = f"add pytest to {found.requirements}" if found.lacks_pytest else ""
    return Started(path, text, lacking)
