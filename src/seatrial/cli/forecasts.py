"""What a run would do, as `run --dry-run` and `explain` show it."""

from __future__ import annotations

from seatrial.actions.release import held_back
from seatrial.cli.output import Output
from seatrial.cli.watching import Watching
from seatrial.project.project import Project
from seatrial.report.terminal import STATUS_SIGNS, painted, sign, title
from seatrial.report.words import columns, padded
from seatrial.run import explain
from seatrial.run.explain import Forecast
from seatrial.run.request import Request

_AS_STATUS = {
    explain.RESTORE: "restored",
    explain.RUN: "running",
    explain.SKIP: "skipped",
    explain.UNKNOWN: "pending",
}
_WORDS = {
    explain.RESTORE: "is restored",
    explain.RUN: "runs",
    explain.SKIP: "is skipped",
    explain.UNKNOWN: "may run",
}


def tell(project: Project, request: Request, output: Output) -> None:
    """Show what would become of each stage, and why."""
    expected = explain.forecast(request, held_back)
    output.say(title(Watching(project).record(), output.width))
    names = max((columns(one.stage) for one in expected), default=0)
    for one in expected:
        output.say("\n".join(lines(one, names)))
    change = project.change
    output.give({"commit": change.commit, "dirty": change.dirty, "stages": expected})


def lines(one: Forecast, names: int) -> list[str]:
    """A stage, what becomes of it, and each reason on a line of its own."""
    mark = sign(_AS_STATUS[one.decision], STATUS_SIGNS)
    head = f"  {mark} {padded(one.stage, names)}  {_WORDS[one.decision]:<11}"
    first, *others = one.reasons or ("",)
    indent = " " * (names + 17)
    return [f"{head}  {painted(first, 'dim')}", *(f"  {indent}{painted(other, 'dim')}" for other in others)]
