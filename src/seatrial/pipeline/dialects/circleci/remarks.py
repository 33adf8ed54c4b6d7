"""What is said of the keys of a file as a whole, and of its orbs."""

from __future__ import annotations

from seatrial.pipeline.dialects.circleci.nodes import Findings, entries, text
from seatrial.pipeline.finding import error, warning
from seatrial.pipeline.spelling import did_you_mean
from seatrial.pipeline.yaml_document import Mapping, Node

_KNOWN = frozenset(
    ("version", "jobs", "workflows", "commands", "executors", "orbs", "parameters", "setup", "description")
)


def remark(root: Mapping, findings: Findings) -> None:
    parts = entries(root)
    if text(parts.get("version")) not in ("2", "2.0", "2.1"):
        place = parts["version"].place if "version" in parts else root.place
        findings.append(error(place, "the `version` is not 2, 2.0 or 2.1", "version 1 was withdrawn in 2018"))
    if text(parts.get("setup")).lower() in ("true", "yes", "on"):
        message = "`setup: true`: a file that another is made from is not read"
        findings.append(error(parts["setup"].place, message, "run the file that it makes"))
    for key, _ in root.entries:
        if key.text not in _KNOWN and not key.text.startswith((".", "_", "x-")):
            hint = did_you_mean(key.text, _KNOWN)
            if not hint.startswith("did you mean"):
                continue  # a place for anchors
            findings.append(warning(key.place, f"`{key.text}` is not known, and has no effect", hint))


def vendored(node: Node | None, findings: Findings) -> dict[str, dict[str, Node]]:
    """What the orbs that stand in the file itself hold, each name with that of its orb before it."""
    found: dict[str, dict[str, Node]] = {"jobs": {}, "commands": {}, "executors": {}}
    for key, orb in node.entries if isinstance(node, Mapping) else ():
        if not isinstance(orb, Mapping):
            message = f"the orb `{key.text}` would be fetched from a registry, and no orb is"
            findings.append(error(key.place, message, "write what it does into this file"))
            continue
        for kind, named in found.items():
            for name, definition in entries(entries(orb).get(kind)).items():
                named[f"{key.text}/{name}"] = definition
    return found
