"""From what the journal and the store remember of a run to what a report is made of."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from seatrial.journal import packages, runs
from seatrial.journal.runs import Run, StageRun
from seatrial.project.project import Home
from seatrial.report.record import ReportedTests, RunRecord, StageRecord, VerdictRecord
from seatrial.system import clock

VERDICT = "verdict"  # the kind of an event: a file of predictions was judged
_TAIL_LINES = 40
_CONTROLS = r"\x1b\[[\d;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x08\x0b-\x1f\x7f]"


def gather(home: Home, run: Run) -> RunRecord:
    """Everything about a run, as it stands now."""
    from seatrial.project import replaying

    body = run.body
    by_stage = _by_stage(home, run.id)
    stages = tuple(_stage(home, run, stage, by_stage) for stage in runs.stages(home.journal, run.id))
    return RunRecord(
        project=run.project,
        id=run.id,
        number=run.number,
        pipeline=run.pipeline,
        commit=run.commit,
        branch=run.branch,
        is_dirty=run.dirty,
        status=run.status,
        exit_code=int(body.get("exit_code", 0)),
        started=clock.iso(run.started),
        seconds=None if run.finished is None else max(run.finished - run.started, 0.0),
        title=str(body.get("title", "")),
        author=str(body.get("author", "")),
        message=str(body.get("message", "")),
        stages=stages,
        releases=replaying.of_run(home, run.id),
    )


def told(home: Home, run: str, kind: str) -> list[dict[str, Any]]:
    """What the commands of a run's stages have told us, in order: the bodies of the events of one kind."""
    sql = "SELECT body FROM event WHERE subject = ? AND kind = ? ORDER BY sequence"
    return [json.loads(row[0]) for row in home.journal.database.rows(sql, (run, kind))]


def _by_stage(home: Home, run: str) -> dict[str, dict[str, Any]]:
    """The verdict and the package that the commands of each stage have told us of."""
    found: dict[str, dict[str, Any]] = {}
    for kind, key in ((VERDICT, "verdict"), (packages.TOLD, "package")):
        for body in told(home, run, kind):
            if body.get("stage"):
                found.setdefault(body["stage"], {})[key] = body[key]
    return found


def _stage(home: Home, run: Run, stage: StageRun, by_stage: Mapping[str, Mapping[str, Any]]) -> StageRecord:
    body = stage.body
    outcome = {**by_stage.get(stage.stage, {}), **body.get("body", {})}
    has_log = stage.status in ("unstable", "failed", "errored")
    return stage_record(home, stage.stage, stage.status, outcome, str(body.get("message", "")))._replace(
        begins=None if stage.started is None else max(stage.started - run.started, 0.0),
        seconds=stage.seconds,
        is_restored=bool(body.get("restored_from")),
        attempts=max(stage.attempt, 1),
        key=stage.key,
        log=tail(home, run.id, stage.stage) if has_log else "",
    )


def stage_record(home: Home, name: str, status: str, body: Mapping[str, Any], message: str) -> StageRecord:
    """What the body of an outcome says of its stage."""
    tests = body.get("tests")
    return StageRecord(
        name,
        status,
        message=message,
        finding=str(body.get("finding", "")),
        tests=_tests(tests) if isinstance(tests, Mapping) else None,
        verdict=verdict_of(home, body),
        package=str(body.get("package", "")),
        revision=str(body.get("revision", "")),
        address=str(body.get("address", "")),
    )


def verdict_of(home: Home, body: Mapping[str, Any]) -> VerdictRecord | None:
    """The verdict of an outcome, given itself or by the digest of its blob; None where there is none."""
    verdict = _plain_verdict(home, body)
    if verdict is None:
        return None
    from seatrial.report.verdict import verdict_record

    return verdict_record(verdict)


def _plain_verdict(home: Home, body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    from seatrial.store import blobs

    verdict = body.get("verdict")
    if isinstance(verdict, str) and verdict.startswith("sha256:"):
        verdict = json.loads(blobs.read(home.store, verdict))
    return verdict if isinstance(verdict, Mapping) else None


def verdicts(home: Home, run: str) -> dict[str, Mapping[str, Any]]:
    """The verdicts of a run as plain JSON (docs/reference/verdict.md), by stage; of what is still there."""
    from seatrial.store import blobs

    by_stage = _by_stage(home, run) if run else {}
    found = {}
    for stage in runs.stages(home.journal, run) if run else ():
        try:
            verdict = _plain_verdict(home, {**by_stage.get(stage.stage, {}), **stage.body.get("body", {})})
        except blobs.Missing:
            continue
        if verdict is not None:
            found[stage.stage] = verdict
    return found


def tail(home: Home, run: str, stage: str, lines: int = _TAIL_LINES) -> str:
    """The end of a log as plain text, without what only a terminal understands."""
    from collections import deque

    from seatrial.run import logs

    kept = deque(logs.read(home.folder, run, stage), maxlen=lines)
    return re.sub(_CONTROLS, "", "\n".join(line.text.decode("utf-8", "replace") for line in kept))


def _tests(tests: Mapping[str, Any]) -> ReportedTests:
    """Of the counts that `seatrial.run.junit` makes."""
    return ReportedTests(
        int(tests["tests"]),
        int(tests["failures"]),
        int(tests["errors"]),
        int(tests["skipped"]),
        tuple(map(str, tests["failed"])),
        tuple(map(str, tests["unreadable"])),
    )
