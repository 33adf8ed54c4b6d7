"""What a command remembers of a run while it watches it, so that its sum costs no look into the journal."""

from __future__ import annotations

from seatrial.project.project import Project
from seatrial.report.record import RunRecord, StageRecord
from seatrial.run import events
from seatrial.run.events import Listener, RunEvent
from seatrial.run.request import RunResult
from seatrial.system import clock


class Watching:
    def __init__(self, project: Project) -> None:
        self.project = project
        self._stages: dict[str, StageRecord] = {}

    def before(self, listener: Listener) -> Listener:
        """A listener that remembers, and then tells the other."""

        def hear(event: RunEvent) -> None:
            if isinstance(event, events.StageRestored):
                self._stages[event.stage] = StageRecord(event.stage, "succeeded", is_restored=True)
            elif isinstance(event, events.StageFinished):
                self._stages[event.stage] = StageRecord(event.stage, event.outcome.status)
            listener(event)

        return hear

    def stage_of(self, event: RunEvent) -> StageRecord | None:
        """What to show of a stage that has ended."""
        from seatrial.project.gather import stage_record

        if not isinstance(event, events.StageFinished):
            return None
        outcome = event.outcome
        shown = stage_record(self.project.home, event.stage, outcome.status, outcome.body, outcome.message)
        return shown._replace(seconds=event.seconds)

    def record(self, result: RunResult | None = None) -> RunRecord:
        """The run as a report has it, as far as it is known here."""
        change = self.project.change
        return RunRecord(
            self.project.name,
            result.run if result else "",
            result.number if result else 0,
            self.project.file.path,
            change.commit,
            change.branch,
            change.dirty,
            result.status if result else "running",
            result.exit_code if result else 0,
            clock.iso(clock.now()),
            result.seconds if result else None,
            change.message,
            change.author,
            stages=tuple(self._stages.values()),
        )

    def idle_lines(self, result: RunResult) -> list[str]:
        """What to say when the same is asked again and nothing has changed."""
        from seatrial.report.terminal import painted, title

        record = self.record(result)
        names = ", ".join(stage.name for stage in record.stages)
        as_before = painted("nothing to do", "green") + f": all is as run #{result.number} left it"
        return [
            title(record),
            f"  = {len(record.stages)} restored: {names}",
            f"{as_before}  {painted(record.id, 'dim')}",
        ]
