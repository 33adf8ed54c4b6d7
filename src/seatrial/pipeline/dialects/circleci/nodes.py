"""What stands in a node, and how it is said in a shell."""

from __future__ import annotations

import re
from shlex import quote

from seatrial.pipeline.finding import Finding, error
from seatrial.pipeline.yaml_document import Node, Scalar, items

Findings = list[Finding]

# Around the name of a variable, in a text, whose value only a run knows. No YAML can hold it.
MARK = "\0"
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def text(node: Node | None) -> str:
    """The text of a scalar, "" of anything else."""
    return node.text if isinstance(node, Scalar) and not node.is_null else ""


def texts(node: Node | None) -> tuple[str, ...]:
    return tuple(one for one in map(text, items(node)) if one)


def word(said: str) -> str:
    """A text as one word of a shell; what only the run knows stands there as a variable."""
    parts = said.split(MARK)
    return "".join(
        f'"${{{part}-}}"' if number % 2 else (quote(part) if part or len(parts) == 1 else "")
        for number, part in enumerate(parts)
    )


def shown(said: str) -> str:
    """A text for a person: variables as `$NAME`."""
    return "".join(f"${part}" if number % 2 else part for number, part in enumerate(said.split(MARK)))


def slug(name: str) -> str:
    """A name as a part of a path."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", name).lstrip(".") or "job"


def reruns_of(node: Node | None, findings: Findings) -> int:
    """How often something is run again where it fails."""
    said = text(node)
    if node is None or not said or MARK in said:
        return 0
    if said not in ("1", "2", "3", "4", "5"):
        findings.append(error(node.place, "`max_auto_reruns` is a number from 1 to 5"))
    return int(said) if said.isdecimal() and len(said) == 1 else 0


def seconds(node: Node, findings: Findings) -> float | None:
    """The seconds of a time such as `30m` or `1h15m`; a number alone is minutes."""
    said = text(node).strip()
    parts = re.findall(r"(\d+(?:\.\d+)?)\s*(ms|h|m|s)", said)
    if re.fullmatch(r"\d+(\.\d+)?", said):
        parts = [(said, "m")]
    if not parts and MARK not in said:
        findings.append(error(node.place, f"`{said}` is no time", "like 30s, 20m or 1h30m"))
    return sum(float(number) * _UNITS[unit] for number, unit in parts) or None
