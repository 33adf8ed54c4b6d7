"""The first pipeline file of a project."""

from __future__ import annotations

from pathlib import Path

from seatrial.errors import BadInput
from seatrial.project.survey import survey
from seatrial.project.template import template

FILENAME = "seatrial.yaml"


def text_for(folder: Path) -> str:
    """The file that fits what the folder holds. Raises BadInput where there is no such folder."""
    if not folder.is_dir():
        raise BadInput(f"there is no folder {folder}")
    return template(survey(folder))


def start(folder: Path) -> tuple[Path, str]:
    """Write the file, and never over one that exists: raises BadInput then."""
    text = text_for(folder)
    path = folder / FILENAME
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        hint = "change it by hand; `seatrial init --print` shows what would be written"
        raise BadInput(f"{path} exists and is left as it is", hint) from None
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror}") from error
    return path, text
