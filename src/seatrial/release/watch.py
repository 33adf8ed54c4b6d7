"""Watch what the supervisor does, and start it again should it die meanwhile. Watching decides nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from seatrial.errors import Infrastructure, Interrupted
from seatrial.gateway.servers import last_lines
from seatrial.journal import releases, servers
from seatrial.journal.journal import Event, Journal
from seatrial.journal.releases import EnvironmentRow, ReleaseRow
from seatrial.release import narration, serving, wake
from seatrial.system import clock

LOOK_SECONDS = 0.02
KEEP_SECONDS = 1.0
# A supervisor that has to be started so often in a row is not one that somebody kills.
MOST_STARTS = 10

Say = Callable[[str], None]


def watch(
    home: Path,
    journal: Journal,
    release: str,
    on_event: Callable[[Event], None] = lambda _event: None,
    is_cancelled: Callable[[], bool] = lambda: False,
    on_look: Callable[[], None] = lambda: None,
) -> ReleaseRow:
    """Follow a release to its end, and return it. Raises Interrupted when cancelled; the release goes on.

    `on_look` is called many times a second while it goes on.
    """
    after = 0

    def is_over() -> bool:
        nonlocal after
        for event in journal.events(after=after, subject=release):
            after = event.sequence
            on_event(event)
        row = releases.release(journal, release)
        is_finished = row is None or row.finished is not None
        if not is_finished:
            on_look()
        return is_finished

    wait(home, is_over, is_cancelled)
    is_over()  # the events of its end
    row = releases.release(journal, release)
    if row is None:
        raise Infrastructure(f"the journal has no release {release}")
    return row


def watch_other(
    home: Path,
    journal: Journal,
    release: str,
    on_event: Callable[[Event], None] = lambda _event: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Follow a release of somebody else to its end, before one's own is asked for. Raises Interrupted."""
    try:
        watch(home, journal, release, on_event, is_cancelled)
    except Interrupted:
        text = f"stopped waiting for {release}; nothing was asked for"
        raise Interrupted(text, hint="see `seatrial status`") from None


def wait_up(
    home: Path,
    journal: Journal,
    project: str,
    environment: str,
    is_cancelled: Callable[[], bool] = lambda: False,
    say: Say = lambda _text: None,
) -> None:
    """Wait until the environment serves its stable revision; `say` is told what is in the way.

    Raises Interrupted when cancelled, Infrastructure where it cannot serve until a person does something.
    """
    begun = clock.now()
    tell = teller(say)

    def serves() -> bool:
        row = releases.environment(journal, project, environment)
        if row is None:
            raise Infrastructure(f"there is no environment {project}/{environment}")
        if row.trouble.is_address:
            hint = (
                "it serves as soon as the address is free: end what has it, or release with another `address`"
            )
            raise Infrastructure(row.trouble.text, hint=hint)
        tell(row)
        recent = servers.of_revision(journal, row.stable, limit=3)
        failed = [one for one in recent if one.status == servers.FAILED and one.at >= begun]
        if len(failed) == 3:
            raise Infrastructure(f"{row.stable} does not start: {failed[0].body.get('reason', '')}")
        return serving.is_serving(journal, row)

    wait(home, serves, is_cancelled)


def wait_down(
    home: Path,
    journal: Journal,
    project: str,
    environment: str,
    is_cancelled: Callable[[], bool] = lambda: False,
    say: Say = lambda _text: None,
) -> None:
    """Wait until nothing of the environment runs or listens; `say` is told what is in the way.

    Raises Interrupted when cancelled.
    """
    tell = teller(say)

    def is_over() -> bool:
        row = releases.environment(journal, project, environment)
        if row is not None:
            tell(row)
        return row is None or (row.serving is None and not running(journal, row))

    wait(home, is_over, is_cancelled)


def teller(say: Say) -> Callable[[EnvironmentRow], None]:
    """Says the trouble of an environment, whenever it is another one."""
    said = ""

    def tell(row: EnvironmentRow) -> None:
        nonlocal said
        if row.trouble.text not in ("", said):
            say(narration.trouble(row.trouble.text))
        said = row.trouble.text

    return tell


def running(journal: Journal, row: EnvironmentRow) -> bool:
    own = f"{row.project}/{row.name}"
    return any(one.revision.rpartition("/")[0] == own for one in servers.live(journal))


def wait(home: Path, is_over: Callable[[], bool], is_cancelled: Callable[[], bool]) -> None:
    """Look until it is over, with a supervisor that lives. Raises Interrupted, also at Ctrl-C: what was asked
    for goes on, and the same command again would be another wish. Raises Infrastructure."""
    try:
        _look_until(home, is_over, is_cancelled)
    except KeyboardInterrupt:
        raise _stopped() from None


def _stopped() -> Interrupted:
    return Interrupted("stopped watching; what was asked for goes on", hint="see `seatrial status`")


def _look_until(home: Path, is_over: Callable[[], bool], is_cancelled: Callable[[], bool]) -> None:
    keep_at, starts = 0.0, 0
    while not is_over():
        if is_cancelled():
            raise _stopped()
        if time.monotonic() >= keep_at:
            starts = 0 if wake.keep(home) else starts + 1
            if starts == MOST_STARTS:
                log = wake.log_file(home)
                text = f"the supervisor ends whenever it is started: {last_lines(log, 1)}"
                raise Infrastructure(text, hint=f"see {log}")
            keep_at = time.monotonic() + KEEP_SECONDS
        time.sleep(LOOK_SECONDS)
