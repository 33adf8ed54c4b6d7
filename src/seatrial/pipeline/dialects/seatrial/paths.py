"""The shapes of paths: what may be read lies anywhere, what is written only in the workspace."""

from __future__ import annotations

import re
from collections.abc import Callable

from seatrial.patterns import is_glob
from seatrial.pipeline.dialects.seatrial.shapes import SCALAR, Findings, Shape, many, optional, wrong
from seatrial.pipeline.finding import error
from seatrial.pipeline.yaml_document import Node, Scalar

_REMOTE = re.compile(r"[a-z][a-z0-9+.-]*://", re.ASCII)


def normal(path: str) -> str:
    """Without `./`, `//` and a dot between slashes; a slash at the end stays, since it says "a folder"."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    root = "/" if path.startswith("/") else ""
    return root + "/".join(parts) + ("/" if path.endswith(("/", "/.")) and parts else "")


def inside_problem(path: str) -> str:
    """Why a path cannot stand for something in the workspace; "" where it can."""
    parts = path.split("/")
    if path.startswith("/"):
        return "is absolute"
    if path.startswith("~") or _REMOTE.match(path):
        return "is not in the workspace"
    if ".." in parts:
        return "leaves the workspace"
    if any(part.casefold() == ".git" for part in parts):
        return "lies in .git"
    return ""


def input_problem(path: str) -> str:
    """Why a path cannot be read; "" where it can. It may be absolute, or a place such as s3://…."""
    if _REMOTE.match(path):
        return ""
    if path.startswith("~"):
        return "has a `~`, which stands for another folder on each machine"
    return inside_problem(path.lstrip("/"))


def _read_path(node: Node, key: str, findings: Findings) -> str | None:
    expected = "a path"
    if not isinstance(node, Scalar) or not node.text.strip() or not node.text.isprintable():
        wrong(node, key, expected, findings)
        return None
    if "\\" in node.text:
        wrong(node, key, expected, findings, "write / between folders, on every system")
        return None
    return node.text if _REMOTE.match(node.text) else normal(node.text)


def _input(node: Node, key: str, findings: Findings) -> str | None:
    return _judged(node, key, input_problem, "", findings)


def _output(node: Node, key: str, findings: Findings) -> str | None:
    return _judged(
        node, key, _output_problem, "an output is a path in the workspace, such as model/", findings
    )


def _inside(node: Node, key: str, findings: Findings) -> str | None:
    return _judged(node, key, inside_problem, "a path in the repository is meant", findings)


def _function(node: Node, key: str, findings: Findings) -> str | None:
    """FILE.py:NAME, with the path as it is kept."""
    text = node.text if isinstance(node, Scalar) else ""
    path, _, name = text.rpartition(":")
    if not path.endswith(".py") or not name.isascii() or not name.isidentifier():
        wrong(node, key, FUNCTION.expected, findings)
        return None
    file = INSIDE.read(Scalar(path, node.place), key, findings)
    return None if file is None else f"{file}:{name}"


def _output_problem(path: str) -> str:
    if path in ("", ".", "./"):
        return "is the whole workspace"
    if is_glob(path):
        return "is a pattern; an output is one file or one folder"
    return inside_problem(path)


def _judged(
    node: Node, key: str, problem_of: Callable[[str], str], hint: str, findings: Findings
) -> str | None:
    path = _read_path(node, key, findings)
    if path is None:
        return None
    problem = problem_of(path)
    if problem:
        text = node.text if isinstance(node, Scalar) else path
        findings.append(error(node.place, f"`{text}` in `{key}` {problem}", hint))
        return None
    return path


_PATH = {**SCALAR, "minLength": 1}

INPUT = Shape("a path", _PATH, _input)
INPUT_OR_NOTHING = optional(INPUT)
INSIDE = Shape("a path in the repository", _PATH, _inside)
FUNCTION = Shape(
    "a function, such as predict.py:answer", {"type": "string", "pattern": r"\.py:\w+$"}, _function
)
OUTPUT = Shape("a path in the workspace", _PATH, _output)
INPUTS = many(INPUT, "a list of paths, patterns or places such as s3://bucket/file")
INSIDES = many(INSIDE, "a list of paths or patterns")
OUTPUTS = many(OUTPUT, "a list of paths in the workspace")
