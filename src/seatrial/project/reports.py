"""Reports into files, in the form that the ending of the name says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from seatrial.errors import BadInput
from seatrial.report.record import RunRecord, StageRecord, VerdictRecord
from seatrial.system import clock, files

ENDINGS = (".html", ".md", ".xml", ".json")


def ask(names: Sequence[str]) -> None:
    """Raises BadInput for a report that could not be written in the end, while nothing was done yet."""
    for name in names:
        if name.endswith(".html"):
            from seatrial.report.page import ask_for_extra

            ask_for_extra()
        if not Path(name).parent.is_dir():
            raise BadInput(f"cannot write the report {name}: there is no folder {Path(name).parent}")
        if Path(name).exists():
            files.ask_regular(Path(name))


def text_of(run: RunRecord, ending: str) -> str:
    """The report in one of the forms of ENDINGS."""
    if ending == ".html":
        from seatrial.report.page import page

        return page(run)
    if ending == ".md":
        from seatrial.report.markdown import markdown

        return markdown(run)
    if ending == ".xml":
        from seatrial.report.junit import junit

        return junit(run)
    from seatrial.report.document import text

    return text(run)


def write(run: RunRecord, path: Path) -> None:
    """Write the report whole, or not at all. Raises BadInput."""
    if path.suffix not in ENDINGS:
        raise BadInput(f"no report ends with {path.suffix!r}", hint=f"write one of {', '.join(ENDINGS)}")
    try:
        files.write(path, text_of(run, path.suffix).encode("utf-8", "backslashreplace"), mode=0o644)
    except OSError as error:
        raise BadInput(f"cannot write the report {path}: {error.strerror}") from error


def of_verdict(project: str, name: str, verdict: VerdictRecord, exit_code: int) -> RunRecord:
    """A verdict that belongs to no run, as the report of one with a single stage."""
    status = "succeeded" if exit_code == 0 else "failed"
    stage = StageRecord(name, status, "evaluate", verdict=verdict)
    started = clock.iso(clock.now())
    return RunRecord(project, "", 0, "", "", "", False, status, exit_code, started, None, stages=(stage,))
