"""The end of a stage in a run, whatever it came to: known to the loop, recorded, and told."""

from seatrial.run import contents, groups, recording
from seatrial.run.cache import Hit
from seatrial.run.events import StageFinished, StageRestored
from seatrial.run.outcome import Outcome
from seatrial.run.running import Run


def settle(run: Run, name: str, outcome: Outcome, seconds: float = 0.0, hit: Hit | None = None) -> None:
    """A stage has come to its end in this run."""
    outcome = outcome._replace(message=run.sink.masked(outcome.message))
    if finding := outcome.body.get("finding"):
        outcome = outcome._replace(body={**outcome.body, "finding": run.sink.masked(finding)})
    run.outcomes[name] = outcome
    run.ended.append(name)
    if name in run.graph.stages:
        groups.note(run.groups, run.graph.stages[name], outcome)
    run.rows.append(recording.row(run, name, outcome.status, outcome, seconds, hit))
    run.working.pop(name, None)
    contents.forget(run.context, name)
    if hit:
        run.sink.tell(StageRestored(name, outcome, hit.run, hit.seconds))
    else:
        run.sink.tell(StageFinished(name, outcome, seconds))
