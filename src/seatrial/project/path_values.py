"""What paths the expressions of a Python script come to, as far as the script alone says: never run.

A part that only a run knows is UNKNOWN, so that of `f"out/{step}.pt"` the folder can still be told.
"""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator, Mapping

from seatrial.named_tuple import NamedTuple

UNKNOWN = "\0"
Names = Mapping[str, ast.expr | None]  # of those that are given several values, None
_JOINS = frozenset({"join", "Path", "PurePath", "str", "fspath", "abspath", "realpath"})
_SAME = frozenset({"resolve", "absolute", "as_posix"})
_DEEPEST = 12


def names(tree: ast.AST) -> Names:
    """What each variable, attribute and argument of a script is set to."""
    found: dict[str, ast.expr | None] = {}
    for name, value in _settings(tree):
        same = name not in found or ast.dump(found[name] or value) == ast.dump(value)
        found[name] = value if same else None
    return found


def _settings(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            yield from ((name_of(target), node.value) for target in node.targets if name_of(target))
        elif isinstance(node, ast.AnnAssign) and node.value is not None and name_of(node.target):
            yield name_of(node.target), node.value
        elif (
            isinstance(node, ast.withitem) and node.optional_vars is not None and name_of(node.optional_vars)
        ):
            yield name_of(node.optional_vars), node.context_expr
        elif isinstance(node, ast.arguments):
            given = [*node.posonlyargs, *node.args][-len(node.defaults) :] if node.defaults else []
            yield from zip((one.arg for one in given), node.defaults, strict=False)
            keywords = zip(node.kwonlyargs, node.kw_defaults, strict=False)
            yield from ((one.arg, value) for one, value in keywords if value is not None)


class Said(NamedTuple):
    """What a script says: `names` are its own, `script` is its path."""

    names: Names
    script: str

    def value(self, node: ast.expr, depth: int = _DEEPEST) -> str:
        """The path, relative to where the script is started, with "/"."""
        match node:
            case ast.Constant(value=str(text)):
                return text
            case ast.Name(id="__file__"):
                return self.script
            case _ if depth == 0:
                return UNKNOWN
            case ast.Name() | ast.Attribute():
                return self._named(node, depth - 1)
            case ast.JoinedStr(values=parts):
                return "".join(self.value(part, depth - 1) for part in parts)
            case ast.FormattedValue(value=inner):
                return self.value(inner, depth - 1)
            case ast.BinOp(left=left, right=right, op=op):
                first, second = (self.value(one, depth - 1) for one in (left, right))
                return posixpath.join(first, second) if isinstance(op, ast.Div) else first + second
            case ast.Call():
                return self._called(node, depth - 1)
            case ast.Subscript(value=inner, slice=ast.Constant(value=key)):
                return self._item(inner, key, depth - 1)
        return UNKNOWN

    def _named(self, node: ast.Name | ast.Attribute, depth: int) -> str:
        if isinstance(node, ast.Attribute) and node.attr == "parent":
            return posixpath.dirname(self.value(node.value, depth))
        said = self.names.get(name_of(node))
        return UNKNOWN if said is None else self.value(said, depth)

    def _called(self, node: ast.Call, depth: int) -> str:
        name = name_of(node.func)
        own = node.func.value if isinstance(node.func, ast.Attribute) else None
        arguments = [self.value(one, depth) for one in node.args]
        if name == "joinpath" and own is not None:
            return posixpath.join(self.value(own, depth), *arguments)
        if not arguments:
            return self.value(own, depth) if own is not None and name in _SAME else UNKNOWN
        if name in _JOINS:
            return posixpath.join(*arguments)
        return posixpath.dirname(arguments[0]) if name == "dirname" else UNKNOWN

    def _item(self, inner: ast.expr, key: object, depth: int) -> str:
        """What a table that the script itself sets has for a key."""
        table = self.names.get(name_of(inner))
        if isinstance(table, ast.Dict):
            for one, said in zip(table.keys, table.values, strict=True):
                if isinstance(one, ast.Constant) and one.value == key:
                    return self.value(said, depth)
        return UNKNOWN


def joined(tree: ast.AST, script: str) -> Iterator[str]:
    """The paths that a script puts together of parts that it says itself."""
    said = Said(names(tree), script)
    for node in ast.walk(tree):
        is_division = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
        if is_division or (isinstance(node, ast.Call) and name_of(node.func) in ("join", "joinpath", "Path")):
            assert isinstance(node, ast.expr)
            if UNKNOWN not in (path := said.value(node)):
                yield posixpath.normpath(path)


def name_of(node: ast.expr | None) -> str:
    """The last word of a name: `save` of `torch.save`; "" of what is none."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
