"""The shapes of what an environment says about how a revision is released: strategies and stickiness."""

from __future__ import annotations

import re

from seatrial.pipeline.dialects.seatrial import quantities
from seatrial.pipeline.dialects.seatrial.shapes import Findings, Shape, choice, many, pattern, scalar, wrong
from seatrial.pipeline.finding import error
from seatrial.pipeline.quantity import parse_duration, parse_percent
from seatrial.pipeline.yaml_document import Mapping, Node, Scalar, Sequence

AUTO = "auto"
WORDS = (AUTO, "hold", "ask", "probe")
_WAIT = re.compile(r"wait\s+(\S+)")
_STEP_EXPECTED = "a whole share from 1% to 99%, `auto`, `wait 10m`, `hold`, `ask` or `probe`"


def _step(text: str) -> str | None:
    """A step of a canary in its one spelling: "5%", "auto", "wait 10m", …"""
    share = parse_percent(text)
    if share is not None:
        percent = share * 100
        return f"{round(percent)}%" if abs(percent - round(percent)) < 1e-9 and 1 <= percent <= 99 else None
    wait = _WAIT.fullmatch(text.strip())
    if wait is not None:
        return f"wait {wait[1]}" if parse_duration(wait[1]) else None
    return text.strip() if text.strip() in WORDS else None


_STEP = scalar(
    _STEP_EXPECTED,
    _step,
    {"type": "string", "pattern": r"^([1-9][0-9]?\s*%|auto|hold|ask|probe|wait\s+\S+)$"},
)


def _steps(node: Node, key: str, findings: Findings) -> tuple[tuple[str, str], ...] | None:
    """The steps as the one option `steps`, separated by commas."""
    if isinstance(node, Mapping):
        wrong(node, key, CANARY.expected, findings)
        return None
    items = node.items if isinstance(node, Sequence) else (node,)
    steps = [_STEP.read(item, key, findings) for item in items]
    if not items:
        findings.append(error(node.place, f"`{key}` has no step, as in [5%, 25%, 50%]"))
    if not items or None in steps:
        return None
    _check_growth(node, key, steps, findings)
    return (("steps", ",".join(steps)),)


def _check_growth(node: Node, key: str, steps: list[str], findings: Findings) -> None:
    shares = [int(step[:-1]) for step in steps if step.endswith("%")]
    if shares != sorted(set(shares)):
        findings.append(error(node.place, f"the shares of `{key}` must grow, as in [5%, 25%, 50%]"))
    if AUTO in steps and (shares or steps.count(AUTO) > 1):
        hint = "`auto` makes each step as large as the evidence allows"
        findings.append(error(node.place, f"`{key}` has `auto` beside shares", hint))
    if AUTO not in steps and not shares:
        findings.append(error(node.place, f"`{key}` has no share, as in [5%, 25%, 50%]"))


def _blue_green(node: Node, key: str, findings: Findings) -> tuple[tuple[str, str], ...] | None:
    if not isinstance(node, Mapping):
        return () if quantities.YES.read(node, key, findings) is not None else None
    found = []
    for name, value in node.entries:
        shape = _BLUE_GREEN.get(name.text)
        if shape is None:
            findings.append(
                error(name.place, f"`{key}` has no key `{name.text}`", "it has `bake`, `preview`")
            )
        elif shape.read(value, name.text, findings) is not None and isinstance(value, Scalar):
            found.append((name.text, value.text))
    return tuple(found)


_BLUE_GREEN = {"bake": quantities.DURATION, "preview": quantities.ADDRESS}


def _share(node: Node, key: str, findings: Findings) -> tuple[tuple[str, str], ...] | None:
    share = quantities.SHARE.read(node, key, findings)
    return None if share is None else (("share", share),) if share else ()


def _nothing(node: Node, key: str, findings: Findings) -> tuple[tuple[str, str], ...] | None:
    return () if quantities.YES.read(node, key, findings) is not None else None


RECREATE = Shape(quantities.YES.expected, quantities.YES.schema, _nothing)
BLUE_GREEN = Shape(
    "true, or a mapping with `bake` and `preview`",
    {
        "anyOf": [
            quantities.YES.schema,
            {
                "type": "object",
                "properties": {name: shape.schema for name, shape in _BLUE_GREEN.items()},
                "additionalProperties": False,
            },
        ]
    },
    _blue_green,
)
CANARY = Shape(
    f"a list of steps: {_STEP_EXPECTED}",
    {"anyOf": [_STEP.schema, {"type": "array", "items": _STEP.schema, "minItems": 1}]},
    _steps,
)
SHARE = Shape(quantities.SHARE.expected, quantities.SHARE.schema, _share)
STICKY = pattern("`header NAME` or `cookie NAME`", r"(header|cookie) [A-Za-z0-9_-]{1,100}")
REGEX = scalar("a regular expression", lambda text: text if _is_regex(text) else None, {"type": "string"})
REGEXES = many(REGEX, "a list of regular expressions")
PREDICTIONS_FROM = choice("header", "labels")


def _is_regex(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return len(text) <= 1000
