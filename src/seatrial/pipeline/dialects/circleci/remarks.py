"""What is said of the keys of a file as a whole."""

from __future__ import annotations

from seatrial.pipeline.dialects.circleci.nodes import Findings, text
from seatrial.pipeline.finding import error, warning
from seatrial.pipeline.spelling import did_you_mean
from seatrial.pipeline.yaml_document import Mapping, entries

_KNOWN = frozenset(
    (
        "version", "jobs", "workflows", "commands", "executors", "orbs", "parameters", "setup", "description",
        "job-groups",
    )
)  # fmt: skip


def remark(root: Mapping, findings: Findings) -> None:
    parts = entries(root)
    if text(parts.get("version")) not in ("2", "2.0", "2.1"):
        place = parts["version"].place if "version" in parts else root.place
        findings.append(error(place, "the `version` is not 2, 2.0 or 2.1", "version 1 was withdrawn in 2018"))
    if text(parts.get("setup")).lower() in ("true", "yes", "on"):
        message = (
            "`setup: true`: what this file makes another of is run, and that other file is not by itself"
        )
        hint = "seatrial run -f THE-OTHER-FILE --dialect circleci --param NAME=VALUE"
        findings.append(warning(parts["setup"].place, message, hint))
    for key, _ in root.entries:
        if key.text not in _KNOWN and not key.text.startswith((".", "_", "x-")):
            hint = did_you_mean(key.text, _KNOWN)
            if not hint.startswith("did you mean"):
                continue  # a place for anchors
            findings.append(warning(key.place, f"`{key.text}` is not known, and has no effect", hint))
