"""What keeps environments from being as they are wanted: when it is tried again, and a note for people."""

from __future__ import annotations

import time

from seatrial.gateway import pause
from seatrial.journal import releases, servers
from seatrial.journal.releases import EnvironmentRow, ReleaseRow, Trouble
from seatrial.journal.servers import ServerRow
from seatrial.release import measuring, probing, traffic
from seatrial.release.target import Failure, Ground
from seatrial.system import clock


def failed(before: Failure | None, wish: tuple[str, ...], text: str) -> Failure:
    """One more failure in a row; another wish begins a new row."""
    times = before.times + 1 if before and before.wish == wish else 1
    return Failure(text, times, time.monotonic() + pause.seconds(times), wish)


def note(ground: Ground) -> None:
    """Write down what is wrong in each environment, once, for whoever waits and for `seatrial status`."""
    journal = ground.yard.journal
    rows = [row for row in servers.live(journal) if row.revision]
    for row in releases.environments(journal):
        running = releases.unfinished(journal, row.project, row.name)
        text = present(ground, row, rows) or (unknown(ground, running) if running else "")
        release = running.id if running and text else ""
        if (text, release) != (row.trouble.text, row.trouble.release):
            is_address = bool(traffic.problem(ground, row))
            since = clock.now() if text else 0.0
            releases.record_trouble(journal, row, Trouble(text, since, release, is_address))


def unknown(ground: Ground, release: ReleaseRow) -> str:
    """Why what a release waits for cannot be found out."""
    probe = ground.yard.jobs.trouble(probing.job_name(release.id))
    return probe or measuring.trouble(ground.yard.journal, release)


def present(ground: Ground, row: EnvironmentRow, rows: list[ServerRow]) -> str:
    """What is wrong in an environment at this moment, the cause before what follows from it."""
    failed = [one for name, one in ground.failures.items() if name[:2] == (row.project, row.name)]
    if not traffic.listens(row, rows) and row.serving is None:
        return next((one.text for one in failed), "")
    own = [one for one in rows if one.revision.rpartition("/")[0] == f"{row.project}/{row.name}"]
    found = [
        traffic.problem(ground, row),
        traffic.stuck(ground, row)[0],
        *(one.text for one in failed),
        *(ground.yard.jobs.trouble(one.token) for one in own),
    ]
    return next((text for text in found if text), "")
