"""The parameters of a pipeline, as a run may be given them."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Values

from seatrial.errors import Place
from seatrial.pipeline.dialects.circleci.nodes import text, texts
from seatrial.pipeline.parameter import BOOLEAN, CHOICE, STRING, Parameter
from seatrial.pipeline.yaml_document import Mapping, Node, Scalar, entries

_KINDS = {"boolean": BOOLEAN, "enum": CHOICE}


def declared(node: Node | None) -> tuple[Parameter, ...]:
    return tuple(_one(name, declaration) for name, declaration in entries(node).items())


def given(parameters: Iterable[Parameter], values: Values[str, str]) -> Mapping | None:
    """The values that a run gives, as the file could have given them; None where it gives none.

    What a parameter cannot have is left to who refuses it with a word of the command line.
    """
    taken = [one for one in parameters if one.name in values and _takes(one, values[one.name])]
    place = Place("", 1, 1)
    pairs = [(Scalar(one.name, place), Scalar(values[one.name], place)) for one in taken]
    return Mapping(tuple(pairs), place) if pairs else None


def _takes(parameter: Parameter, value: str) -> bool:
    return not (parameter.kind == BOOLEAN and value not in ("true", "false")) and (
        not parameter.choices or value in parameter.choices
    )


def _one(name: str, declaration: Node) -> Parameter:
    parts = entries(declaration)
    kind = _KINDS.get(text(parts.get("type")), STRING)
    return Parameter(name, text(parts.get("default")), kind, texts(parts.get("enum")))
