"""A function of a Python file, called with the JSON of each request; what it returns is the answer."""

from __future__ import annotations

import ast
import shlex
from collections.abc import Iterator
from pathlib import Path

from seatrial.package.runtime import FILE, Options

NAME = "function"


def server() -> bytes:
    return Path(__file__).with_name("server.py").read_bytes()


def command(options: Options, health: str) -> str:
    said = dict(options)
    words = [said[NAME], *(["--health", health] if health != "/" else [])]
    if "prediction" in said:
        words += ["--prediction", said["prediction"]]
    return f"exec python3 -u {FILE} {shlex.join(words)}"


def needed(options: Options) -> str:
    return dict(options)[NAME].rpartition(":")[0]


def problem(options: Options, source: bytes) -> str:
    path, _, name = dict(options)[NAME].rpartition(":")
    try:
        module = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""  # it may be of another Python: its own one will say
    names = set(_bound(module))
    if name in names or "*" in names or "__getattr__" in names:
        return ""
    return f"{path} has no function {name}"


def _bound(node: ast.AST) -> Iterator[str]:
    """The names that a module binds, wherever it may do so; "*" for those of a star."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield child.name
            continue  # what is bound inside is its own
        if isinstance(child, ast.alias):
            yield (child.asname or child.name).partition(".")[0]
        elif isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            yield child.id
        yield from _bound(child)
