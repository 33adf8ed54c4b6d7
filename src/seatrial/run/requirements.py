"""The text of a requirements file, with the files that it includes in their places."""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_left

from seatrial.errors import BadInput, Place
from seatrial.store import blobs
from seatrial.store.store import Store
from seatrial.store.trees import LINK, Entry, Tree

_INCLUDE = re.compile(r"(?:-r|-c|--requirement|--constraint)(?:\s+|=)?(?P<path>\S.*)")
_LOCAL = re.compile(
    r"(?:-e|--editable)(?:\s+|=)"
    r"|\.{0,2}/|\.{1,2}(?:\[|$)"
    r"|(?:[\w.-]+\s*(?:\[[^]]*\])?\s*@\s*)?file:"
    r"|[^\s:;@#]+\.(?:whl|zip|tgz|tar\.\w+)(?:[\s;\[]|$)"
    r"|(?:-f|--find-links)(?:\s+|=)?(?![\s=/~$]|\w+:)",  # where pip is run is no folder of the commit
    re.IGNORECASE,
)
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")  # as pip has them, and nothing like "$NAME"
_NAME = re.compile(r"[\s=<>!~;@\[]")
_DEEPEST = 20


def resolve(store: Store, tree: Tree, path: str) -> str:
    """One text that says all: constraints are marked as such by lines of their own (see `split`).

    Raises BadInput for a file that is not in the commit, a circle of includes, and local paths.
    """
    return "".join(_lines(store, tree, posixpath.normpath(path), ()))


CONSTRAINT = "#constraint: "


def split(text: str) -> tuple[str, str]:
    """The requirements and the constraints of a resolved text."""
    lines = text.splitlines()
    constraints = [line.removeprefix(CONSTRAINT) for line in lines if line.startswith(CONSTRAINT)]
    return (
        "".join(f"{line}\n" for line in lines if not line.startswith(CONSTRAINT)),
        "".join(f"{line}\n" for line in constraints),
    )


def variables(text: str) -> tuple[str, ...]:
    """The names of the variables whose values pip puts into a text."""
    return tuple(dict.fromkeys(_VARIABLE.findall(text)))


def by_name(text: str) -> dict[str, str]:
    """What a resolved text asks for, by the names of the packages: no comments, options and digests."""
    lines = (line.partition(" #")[0].rstrip("\\ \t") for line in text.splitlines())
    said = (line.strip() for line in lines)
    return {_NAME.split(line, maxsplit=1)[0].lower(): line for line in said if line and line[0] not in "-#"}


def _lines(
    store: Store, tree: Tree, path: str, above: tuple[str, ...], said: Place | None = None
) -> list[str]:
    """The lines of a file; `above` are those that include it, `said` is where the last one does."""
    if path in above or len(above) > _DEEPEST:
        raise BadInput(f"the requirements include themselves: {' → '.join((*above, path))}", place=said)
    found = []
    for number, line in enumerate(_text(store, tree, path, said).splitlines(), 1):
        stripped = line.strip()
        place = Place(path, number, len(line) - len(line.lstrip()) + 1)
        include = _INCLUDE.match(stripped)
        if include:
            inner = posixpath.normpath(posixpath.join(posixpath.dirname(path), _name(include["path"])))
            lines = _lines(store, tree, inner, (*above, path), place)
            found += [_constraint(one) for one in lines] if _is_constraint(stripped) else lines
        elif _LOCAL.match(stripped):
            hint = "install it in the stage's own commands; the environment is shared by all commits"
            raise BadInput(f"the requirement {stripped!r} is a local path", hint, place)
        else:
            found.append(line.rstrip() + "\n")
    return found


def _is_constraint(line: str) -> bool:
    return line.startswith(("-c", "--constraint"))


def _constraint(line: str) -> str:
    return line if line.startswith(CONSTRAINT) else CONSTRAINT + line


def _name(text: str) -> str:
    return text.partition(" #")[0].strip()


def lacking(path: str, place: Place | None = None) -> BadInput:
    """The error for a file of requirements that the commit has not."""
    return BadInput(f"the commit has no file {path!r} of requirements", "commit it", place, about=path)


def _text(store: Store, tree: Tree, path: str, place: Place | None) -> str:
    entry = _entry(tree, path)
    if entry is None or entry.kind == LINK:
        raise lacking(path, place)
    try:
        return blobs.read(store, entry.digest).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("not a text in UTF-8", place=Place(path)) from None


def _entry(tree: Tree, path: str) -> Entry | None:
    at = bisect_left(tree, (path,))
    return tree[at] if at < len(tree) and tree[at].path == path else None
