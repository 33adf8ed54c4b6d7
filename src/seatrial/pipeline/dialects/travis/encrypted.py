"""What only Travis can decrypt: the variables of a file that stand there encrypted.

One that is encrypted under its name is the secret of that name, where this machine has it. Where the name is
encrypted too, what the commands read and nothing sets may be it: those that are named as credentials are.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.pipeline.dialects.travis.jobs import matrix_of
from seatrial.pipeline.dialects.travis.texts import SECURE, Findings, scalars
from seatrial.pipeline.finding import note
from seatrial.pipeline.wishes import wished
from seatrial.pipeline.yaml_document import Mapping, Node, Scalar, Sequence, entries, items

_HINT = "export it, or write it to secrets.env, before the run"


def offered_of(root: Mapping, findings: Findings) -> tuple[str, ...]:
    """The names of the secrets that the jobs have where they are known."""
    nodes = [
        entries(root).get("env"),
        *(entries(one).get("env") for one in items(matrix_of(root).get("include"))),
    ]
    found: list[str] = []
    for key, name in (pair for node in nodes for pair in _encrypted(node)):
        if name:
            found.append(name)
            message = f"`{name}` is encrypted for Travis: it is the secret of that name, if known, else unset"
        else:
            found += wished((one.text for one in scalars(root)), "TRAVIS")
            message = "an encrypted variable: a secret that the commands read may be it, else it is unset"
        findings.append(note(key.place, message, _HINT))
    return tuple(dict.fromkeys(found))


def _encrypted(node: Node | None) -> Iterator[tuple[Scalar, str]]:
    """Each key of something encrypted, with the name of its variable, "" where nobody can know it."""
    if isinstance(node, Sequence):
        for item in node.items:
            yield from _encrypted(item)
    elif isinstance(node, Mapping):
        for key, value in node.entries:
            if key.text == SECURE:
                yield key, ""
            elif SECURE in entries(value):
                yield key, key.text
            elif key.text in ("global", "matrix", "jobs"):
                yield from _encrypted(value)
