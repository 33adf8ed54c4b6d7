"""What of a script a server of ours could call: a function that answers one request."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_NAMES = ("answer", "predict", "predict_one", "infer", "respond")
_ARGUMENTS = ("argv", "parse_args")


def answering(tree: ast.AST) -> str:
    """The name of the function; "" where nothing is sure to be one.

    It takes one value, and finds the model by `$MODEL`: its file can be loaded where nobody names the model
    in arguments.
    """
    body = getattr(tree, "body", [])
    if "MODEL" not in _texts(tree) or any(_is_of_a_command(one) for one in _loaded(body)):
        return ""
    functions = {one.name for one in body if isinstance(one, ast.FunctionDef) and _takes_one(one.args)}
    return next((name for name in _NAMES if name in functions), "")


def _texts(tree: ast.AST) -> set[object]:
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}


def _loaded(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that are run when the file is loaded, and not only when it is started."""
    for one in body:
        is_start = isinstance(one, ast.If) and "__main__" in _texts(one.test)
        if not isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and not is_start:
            yield one


def _is_of_a_command(statement: ast.stmt) -> bool:
    names = (getattr(node, "attr", getattr(node, "id", "")) for node in ast.walk(statement))
    return any(name in _ARGUMENTS for name in names)


def _takes_one(arguments: ast.arguments) -> bool:
    values = [*arguments.posonlyargs, *arguments.args]
    needed = len(values) - len(arguments.defaults)
    return needed == 1 and None not in arguments.kw_defaults
