"""What a reader has to say about a file: an error, a warning or a note, with place, caret and hint."""

from seatrial.errors import Place
from seatrial.named_tuple import NamedTuple

ERROR = "error"
WARNING = "warning"
NOTE = "note"
_WIDEST = 160  # characters of a line of the file


class Finding(NamedTuple):
    """One remark on a pipeline file. Findings depend on the file alone, never on this machine."""

    severity: str
    place: Place
    message: str
    hint: str = ""
    skippable: bool = False  # an error about a step that nothing here knows: a run may pass over it


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
        line, at = _around(source[finding.place.line - 1], max(finding.place.column - 1, 0))
        indent = "".join("\t" if c == "\t" else " " for c in line[:at])
        lines += [f"  {line}", f"  {indent}^"]
    if finding.hint:
        lines.append(f"  hint: {finding.hint}")
    return "\n".join(lines)


def _around(line: str, at: int) -> tuple[str, int]:
    """As much of a line as a person can read around a character of it, and where that stands then."""
    if len(line) <= _WIDEST:
        return line, at
    start = max(0, min(at - _WIDEST // 2, len(line) - _WIDEST))
    before, after = "…" if start else "", "…" if start + _WIDEST < len(line) else ""
    return f"{before}{line[start : start + _WIDEST]}{after}", at - start + len(before)
