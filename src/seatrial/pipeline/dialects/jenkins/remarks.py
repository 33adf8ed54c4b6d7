"""The findings on one file as they are gathered."""

from __future__ import annotations

from collections.abc import Iterable

from seatrial.errors import Place
from seatrial.pipeline import finding
from seatrial.pipeline.dialects.jenkins.groovy.file import empty
from seatrial.pipeline.dialects.jenkins.groovy.library import Library
from seatrial.pipeline.dialects.jenkins.syntax import Position
from seatrial.pipeline.finding import Finding
from seatrial.pipeline.parameter import Parameter


class Remarks:
    """Reading goes on after a finding, so that a person sees all of them at once."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.findings: list[Finding] = []
        self.errors = 0
        # The parameters of the file, which its other parts may name; those that are true or false among them.
        self.parameters: set[str] = set()
        self.booleans: set[str] = set()
        # What a person is asked for besides a yes: who starts the run can say it ahead.
        self.asked: list[Parameter] = []
        self.credentials: dict[str, Place] = {}  # where each id stands first
        self.file = empty()  # what stands beside the pipeline
        self.library = Library()
        # Variables that scripts, or what stands beside the pipeline, give to all that comes after.
        self.declared: set[str] = set()

    def place(self, at: Position) -> Place:
        return Place(self.path, at.line, at.column)

    def error(self, at: Position, message: str, hint: str = "") -> None:
        self.errors += 1
        self.findings.append(finding.error(self.place(at), message, hint))

    def unknown(self, at: Position, message: str, hint: str = "") -> None:
        """An error, unless the run passes over what it speaks of."""
        self.findings.append(finding.error(self.place(at), message, hint)._replace(skippable=True))

    def warning(self, at: Position, message: str, hint: str = "") -> None:
        self.findings.append(finding.warning(self.place(at), message, hint))

    def note(self, at: Position, message: str, hint: str = "") -> None:
        self.findings.append(finding.note(self.place(at), message, hint))

    def in_order(self) -> tuple[Finding, ...]:
        """By place, each once: what two stages share is said once."""
        return tuple(sorted(dict.fromkeys(self.findings), key=lambda one: one.place))


_MOST_WORDS = 100


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint that names the nearest known word, or all of them where they are few enough to be read."""
    from difflib import get_close_matches

    words = sorted(known)
    near = get_close_matches(word, words, n=1)
    if near:
        return f"did you mean '{near[0]}'?"
    return f"known here: {', '.join(words)}" if len(words) <= _MOST_WORDS else ""
