"""Steps that keep things, and those that only say something: their evaluated arguments → effects. Pure."""

from __future__ import annotations

from seatrial.pipeline.dialects.jenkins.blocks import Values, string
from seatrial.pipeline.dialects.jenkins.syntax import Position
from seatrial.pipeline.dialects.jenkins.values import truth, written
from seatrial.pipeline.step import Archive, Checkout, Echo, Keeping, Stash, Tests, Unstash, Write

NAMES = frozenset(
    ("checkout", "junit", "archive", "archiveArtifacts", "stash", "unstash", "writeFile", "mail", "emailext")
)


def keeping(name: str, at: Position, values: Values) -> Keeping | Write | Echo:
    """The effect of one of NAMES. Raises Failure."""
    if name == "checkout":
        return Checkout()
    if name == "junit":
        marks = not truth(values.get("skipMarkingBuildUnstable"))
        return Tests(
            _patterns(name, at, "testResults", values), marks, not truth(values.get("allowEmptyResults"))
        )
    if name == "archiveArtifacts":
        files = _patterns(name, at, "artifacts", values), _patterns(name, at, "excludes", values)
        return Archive(*files, not truth(values.get("allowEmptyArchive")))
    if name == "archive":
        files = _patterns(name, at, "includes", values), _patterns(name, at, "excludes", values)
        return Archive(*files, False)
    if name == "stash":
        files = _patterns(name, at, "includes", values) or ("**",), _patterns(name, at, "excludes", values)
        return Stash(string(name, at, "name", values), *files, not truth(values.get("allowEmpty")))
    if name == "unstash":
        return Unstash(string(name, at, "name", values))
    if name == "writeFile":
        return Write(string(name, at, "file", values), written(values.get("text", "")))
    return Echo(_mail(values))


def _patterns(step: str, at: Position, name: str, values: Values) -> tuple[str, ...]:
    """Ant's list of patterns: separated by commas or spaces; () where the argument is not there."""
    if values.get(name) is None:
        return ()
    return tuple(string(step, at, name, values).replace(",", " ").split())


def _mail(values: Values) -> str:
    head = f"mail to {written(values.get('to', 'nobody'))}: {written(values.get('subject', ''))}"
    return f"{head}\n{written(values['body'])}" if "body" in values else head
