"""What a reader has to say about a file: an error, a warning or a note, with place, caret and hint."""

from typing import NamedTuple

from seatrial.errors import Place

ERROR = "error"
WARNING = "warning"
NOTE = "note"


class Finding(NamedTuple):
    """One remark on a pipeline file. Findings depend on the file alone, never on this machine."""

    severity: str
    place: Place
    message: str
    hint: str = ""


def error(place: Place, message: str, hint: str = "") -> Finding:
    return Finding(ERROR, place, message, hint)


def warning(place: Place, message: str, hint: str = "") -> Finding:
    return Finding(WARNING, place, message, hint)


def note(place: Place, message: str, hint: str = "") -> Finding:
    return Finding(NOTE, place, message, hint)


def has_errors(findings: tuple[Finding, ...]) -> bool:
    return any(finding.severity == ERROR for finding in findings)


def render(finding: Finding, text: str) -> str:
    """The finding as a person reads it, with the line of `text` it speaks of and a caret under the column."""
    lines = [f"{finding.place}: {finding.severity}: {finding.message}"]
    source = text.splitlines()
    if 0 < finding.place.line <= len(source):
        line = source[finding.place.line - 1]
        indent = "".join("\t" if c == "\t" else " " for c in line[: max(finding.place.column - 1, 0)])
        lines += [f"  {line}", f"  {indent}^"]
    if finding.hint:
        lines.append(f"  hint: {finding.hint}")
    return "\n".join(lines)
