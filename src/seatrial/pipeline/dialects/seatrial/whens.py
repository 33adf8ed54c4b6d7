"""The shape of `when`: a condition, or `{changes: [patterns]}` as GitLab has it."""

from __future__ import annotations

from seatrial.pipeline import condition
from seatrial.pipeline.dialects.seatrial.shapes import LINES, Findings, Shape, wrong
from seatrial.pipeline.finding import error
from seatrial.pipeline.yaml_document import Mapping, Node, Scalar, place_at

_EXPECTED = "a condition, such as `branch == main`"


def _read(node: Node, key: str, findings: Findings) -> str | None:
    if isinstance(node, Mapping):
        return _changes(node, key, findings)
    if not isinstance(node, Scalar) or not node.text.strip():
        wrong(node, key, _EXPECTED, findings)
        return None
    try:
        condition.parse(node.text)
    except condition.ConditionError as problem:
        findings.append(error(place_at(node, problem.offset), f"`{key}`: {problem.message}", problem.hint))
        return None
    return node.text


def _changes(node: Mapping, key: str, findings: Findings) -> str | None:
    names = [name.text for name, _ in node.entries]
    if names != ["changes"]:
        wrong(node, key, _EXPECTED, findings, "of mappings only `changes: [src/**]`")
        return None
    patterns = LINES.read(node.entries[0][1], f"{key}.changes", findings)
    if patterns is None:
        return None
    text = f"changes [{', '.join(map(_quoted, patterns))}]"
    try:
        condition.parse(text)
    except condition.ConditionError as problem:
        findings.append(error(node.place, f"`{key}`: {problem.message}", problem.hint))
        return None
    return text


def _quoted(pattern: str) -> str:
    return f"'{pattern}'" if '"' in pattern else f'"{pattern}"'


WHEN = Shape(
    _EXPECTED,
    {
        "anyOf": [
            {"type": "string", "minLength": 1},
            {
                "type": "object",
                "properties": {"changes": LINES.schema},
                "required": ["changes"],
                "additionalProperties": False,
            },
        ]
    },
    _read,
)
