"""What a run writes down, as it goes on."""

from typing import Any

from seatrial.journal import runs
from seatrial.journal.runs import StageRun
from seatrial.run import cache, contents, turns
from seatrial.run.cache import Hit
from seatrial.run.outcome import RUNNING, Outcome
from seatrial.run.running import Run
from seatrial.system import clock

MOMENT_SECONDS = 0.1


def row(
    run: Run,
    name: str,
    status: str,
    outcome: Outcome | None = None,
    seconds: float = 0.0,
    hit: Hit | None = None,
) -> StageRun:
    key = run.keys.get(name)
    started = run.working.get(name)
    body: dict[str, Any] = {}
    if outcome is not None:
        body = {"message": outcome.message, "outputs": outcome.outputs, "exit_code": outcome.exit_code}
        body["body"] = outcome.body
    if hit:
        body["restored_from"] = hit.run
        if hit.stage != name:
            body["restored_stage"] = hit.stage
    position = run.positions.get(name, len(run.positions))
    attempt = 0 if started is None or hit else 1 if outcome is None else outcome.body.get("attempts", 1)
    digest = key.digest if key else ""
    return StageRun(run.context.run, name, position, status, digest, attempt, started, seconds, body)


def record_soon(run: Run) -> None:
    """Record unless that was done a moment ago: small stages are recorded many at a time.

    Who is killed before loses what the last moment gave, and does it again. What a stage of the run itself
    may wait for is recorded at once.
    """
    if run.turns.blocked or clock.monotonic() - run.recorded[0] >= MOMENT_SECONDS:
        record(run)


def record(run: Run) -> None:
    """Write down what happened since the last time, in one transaction. Who waits for it finds it then."""
    if not run.rows:
        return
    run.recorded[0] = clock.monotonic()
    contents.save_made(run.context)
    with run.context.journal.change():
        for done in run.results:
            assert done.key is not None
            cache.keep(run.context, run.graph.stages[done.stage], done.key, done.outcome, done.seconds)
        runs.record(run.context.journal, run.rows)
    for one in run.rows:
        if one.status != RUNNING:
            turns.give_back(run.turns, one.stage)
    run.results.clear()
    run.rows.clear()
