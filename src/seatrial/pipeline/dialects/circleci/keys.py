"""The key of a cache, such as `deps-{{ checksum "requirements.txt" }}`, as one word of a shell."""

from __future__ import annotations

import re

from seatrial.pipeline.dialects.circleci.nodes import Findings, word
from seatrial.pipeline.finding import error
from seatrial.pipeline.step import CacheKey
from seatrial.pipeline.yaml_document import Scalar, place_at

_TEMPLATE = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
_CHECKSUM = re.compile(r"""checksum\s+(?:"([^"]*)"|'([^']*)'|`([^`]*)`)""")
_ENVIRONMENT = re.compile(r"\.Environment\.([A-Za-z_]\w*)", re.ASCII)
# The time at which a period of this length began, such as `72h`.
_PERIOD = re.compile(r"""epoch\s*\|\s*round\s+["'`]((?:\d{1,9}[hms])+)["'`]""", re.ASCII)
_TIMES = re.compile(r"(\d+)([hms])", re.ASCII)
_SECONDS = {"h": 3600, "m": 60, "s": 1}
_VALUES = {
    ".Branch": "${CIRCLE_BRANCH-}",
    ".BuildNum": "${CIRCLE_BUILD_NUM-}",
    ".Revision": "${CIRCLE_SHA1-}",
    ".CheckoutKey": "",
    "epoch": "$(date +%s)",
    "arch": "$(_circle_arch)",
}
_PARTS = {
    ".Branch": "branch",
    ".BuildNum": "number",
    ".Revision": "commit",
    "epoch": "time",
    "arch": "arch",
}
_OF_THE_COMMIT = {"CIRCLE_SHA1": "commit", "CIRCLE_BRANCH": "branch", "CIRCLE_BUILD_NUM": "number"}


def key_of(node: Scalar, findings: Findings) -> str:
    """The word; what a template says that CircleCI does not know is an error."""
    parts, at = [], 0
    for match in _TEMPLATE.finditer(node.text):
        said = _said(match[1])
        if said is None:
            hint = 'one of checksum "FILE", .Branch, .BuildNum, .Revision, .Environment.NAME, epoch, arch'
            message = f"`{match[1]}` is nothing that a key of a cache can hold"
            findings.append(error(place_at(node, match.start()), message, hint))
        parts += [_plain(node.text[at : match.start()]), f'"{said or ""}"']
        at = match.end()
    return "".join((*parts, _plain(node.text[at:])))


def parts_of(text: str) -> CacheKey:
    """What a key without errors is made of, for a file of another system."""
    parts: list[tuple[str, str]] = []
    at = 0
    for match in _TEMPLATE.finditer(text):
        parts += [("text", text[at : match.start()]), _part(match[1])]
        at = match.end()
    return tuple(part for part in (*parts, ("text", text[at:])) if part != ("text", ""))


def _part(template: str) -> tuple[str, str]:
    checksum, variable = _CHECKSUM.fullmatch(template), _ENVIRONMENT.fullmatch(template)
    if checksum:
        return "checksum", next(group for group in checksum.groups() if group is not None)
    if variable and variable[1] in _OF_THE_COMMIT:
        return _OF_THE_COMMIT[variable[1]], ""
    return ("variable", variable[1]) if variable else (_PARTS.get(template, "text"), "")


def _plain(text: str) -> str:
    return word(text) if text else ""


def _said(template: str) -> str | None:
    checksum = _CHECKSUM.fullmatch(template)
    if checksum:
        path = next(group for group in checksum.groups() if group is not None)
        return f"$(_circle_checksum {word(path)})"
    period = _PERIOD.fullmatch(template)
    if period and (length := sum(int(number) * _SECONDS[unit] for number, unit in _TIMES.findall(period[1]))):
        return f"$(( $(date +%s) / {length} * {length} ))"
    variable = _ENVIRONMENT.fullmatch(template)
    return f"${{{variable[1]}-}}" if variable else _VALUES.get(template)
