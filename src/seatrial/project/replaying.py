"""One revision as a person names it, and all that is known of how it was released."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seatrial.errors import BadInput
from seatrial.journal import releases, runs
from seatrial.journal.releases import RevisionRow
from seatrial.project import environments, gather
from seatrial.project.project import Home
from seatrial.release.sight import Replay
from seatrial.report.record import RunRecord
from seatrial.system import clock


def names_revision(home: Home, project: str, word: str) -> bool:
    """Whether a word means a revision, and not an environment: it ends with a number."""
    last = word.rpartition("/")[2]
    return last.isdecimal() and all(row.name != word for row in environments.known(home, project))


def revision(home: Home, project: str, word: str) -> RevisionRow:
    """The revision that is meant by "7", "production/7" or "reviews/production/7". Raises BadInput."""
    *places, number = word.split("/")
    if len(places) > 2:
        raise BadInput(f"`{word}` names no revision", hint="write 7, production/7 or reviews/production/7")
    of = places[0] if len(places) == 2 else project
    row = environments.one(home, of, places[-1] if places else "")
    known = releases.revisions(home.journal, row.project, row.name)
    found = next((one for one in known if str(one.number) == number.lstrip("0")), None)
    if found is None:
        last = f"the last one is {known[-1].number}" if known else "nothing was released there yet"
        raise BadInput(f"{row.project}/{row.name} has no revision {number}", hint=last)
    return found


def replays(home: Home, row: RevisionRow) -> tuple[Replay, ...]:
    """Every release to a revision, with the data that its evidence was made on."""
    from seatrial.release import replay

    data = data_of(home, row.run)
    return tuple(one._replace(data=data) for one in replay.of_revision(home.folder, home.journal, row))


def data_of(home: Home, run: str) -> dict[str, str]:
    """The digests of the data that a run was judged on, by stage."""
    found = {stage: data_digest(verdict) for stage, verdict in gather.verdicts(home, run).items()}
    return {stage: digest for stage, digest in found.items() if digest}


def data_digest(verdict: Mapping[str, Any]) -> str:
    """The data of a verdict; where only predictions were given, those."""
    candidate = verdict.get("candidate", {})
    return str(candidate.get("data") or candidate.get("predictions") or "")


def of_run(home: Home, run: str) -> tuple[Replay, ...]:
    """The releases that the stages of a run have made."""
    from seatrial.release import replay

    found = []
    for stage in runs.stages(home.journal, run) if run else ():
        body = stage.body.get("body", {})
        release = releases.release(home.journal, str(body.get("release") or ""))
        row = releases.revision(home.journal, release.revision) if release else None
        if release is not None and row is not None:
            found.append(replay.replay(home.folder, home.journal, release, row))
    data = data_of(home, run)
    return tuple(one._replace(data=data) for one in found)


def record(row: RevisionRow, found: Sequence[Replay]) -> RunRecord:
    """The releases of a revision as a report that belongs to no run."""
    last = found[-1].sight if found else None
    took = last.finished - last.started if last and last.finished else None
    status = last.status if last else "never released"
    return RunRecord(
        project=row.id,
        id="",
        number=0,
        pipeline="",
        commit=row.commit,
        branch=str(row.body.get("branch", "")),
        is_dirty=bool(row.body.get("dirty")),
        status=status,
        exit_code=0 if status in (releases.SUCCEEDED, releases.RUNNING) else 1,
        started=clock.iso(last.started if last else row.at),
        seconds=took,
        releases=tuple(found),
    )
