"""What a package holds, as a value, and the rules that its names keep."""

from __future__ import annotations

from seatrial.errors import BadInput
from seatrial.named_tuple import NamedTuple

# The kinds of a layer, in the order in which a manifest has them.
WEIGHT = "weight"
WEIGHT_CONFIG = "weight.config"
DOC = "doc"
CODE = "code"
KINDS = (WEIGHT, WEIGHT_CONFIG, DOC, CODE)

OWN_FOLDER = ".seatrial"
CONFIGURATION = f"{OWN_FOLDER}/package.json"


class PackagedFile(NamedTuple):
    """A file of a package: `path` is relative, with "/"; `kind` is one of KINDS."""

    path: str
    digest: str
    size: int
    executable: bool
    kind: str


class PackagedPython(NamedTuple):
    """The Python that a package's commands need.

    `version` is that of the interpreter ("3.11.2"), `requirements` the text that was asked for, `packages`
    what was installed for it ("numpy==2.3.1"), sorted.
    """

    version: str
    requirements: str
    packages: tuple[str, ...] = ()


class PackageContents(NamedTuple):
    """All that the digest of a package covers.

    `model` is the path of the model in the package, a file or a folder: what $MODEL names. `serve` is the
    command that answers requests on $PORT, and `health` the path that it answers with 200 once it can;
    `predict` is the command that reads $MODEL and $DATA and writes $PREDICTIONS. Both run in the package's
    folder; "" = none.
    """

    model: str
    files: tuple[PackagedFile, ...]
    python: PackagedPython | None = None
    serve: str = ""
    predict: str = ""
    health: str = "/"


def checked(contents: PackageContents) -> PackageContents:
    """The same contents with their files in order. Raises BadInput where a name breaks a rule."""
    seen: set[str] = set()
    for file in contents.files:
        check_name(file.path)
        if file.path in seen:
            raise BadInput(f"the package holds two files named {file.path}")
        seen.add(file.path)
    for path in seen:
        folder = next((parent for parent in _parents(path) if parent in seen), None)
        if folder is not None:
            raise BadInput(f"in the package, {folder} is both a file and a folder")
    _check_model(contents)
    if not contents.health.startswith("/"):
        raise BadInput(f"the health path {contents.health!r} does not begin with /")
    return contents._replace(files=tuple(sorted(contents.files, key=_order)))


def check_name(path: str) -> None:
    """Raises BadInput unless `path` is a plain relative path that stays in its folder."""
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts) or any(c in path for c in "\0\n\r\\"):
        raise BadInput(f"the path {path!r} cannot stand in a package", hint="give a plain relative path")
    if parts[0] == OWN_FOLDER:
        raise BadInput(f"{path}: the folder {OWN_FOLDER} of a package belongs to seatrial", hint="rename it")
    try:
        path.encode()
    except UnicodeEncodeError as error:
        raise BadInput(f"the name {path!r} is not UTF-8", hint="rename the file") from error


def is_below(path: str, folder: str) -> bool:
    """Whether `path` is `folder` itself or lies in it."""
    return path == folder or path.startswith(folder + "/")


def _check_model(contents: PackageContents) -> None:
    check_name(contents.model)
    if not any(is_below(file.path, contents.model) for file in contents.files):
        raise BadInput(f"the package has no file of its model {contents.model}")


def _parents(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]


def _order(file: PackagedFile) -> tuple[int, str]:
    return KINDS.index(file.kind), file.path
