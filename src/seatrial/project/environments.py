"""Which environment a command is about, and the Python face of what can be done with one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.errors import BadInput
from seatrial.journal import releases
from seatrial.journal.journal import Event
from seatrial.journal.releases import EnvironmentRow, ReleaseRow
from seatrial.project.project import Home
from seatrial.system.user import by_whom

if TYPE_CHECKING:
    from seatrial.release.request import Asked

Show = Callable[[Event], None]
Say = Callable[[str], None]


def known(home: Home, project: str) -> list[EnvironmentRow]:
    """The environments of a project that something was released to; "" asks for those of all projects."""
    return [row for row in releases.environments(home.journal) if project in ("", row.project)]


def one(home: Home, project: str, name: str) -> EnvironmentRow:
    """The environment that is meant; without a name, the only one. Raises BadInput."""
    rows = known(home, project)
    if name:
        found = next((row for row in rows if row.name == name), None)
        if found is not None:
            return found
        from seatrial.pipeline.spelling import did_you_mean

        hint = (
            did_you_mean(name, (row.name for row in rows)) or "nothing was released yet: `seatrial release`"
        )
        raise BadInput(f"the project {project} has no environment `{name}`", hint)
    if len(rows) == 1:
        return rows[0]
    if not rows:
        raise BadInput(f"nothing of the project {project} was released yet", hint="`seatrial run` releases")
    raise BadInput(f"say which environment: {', '.join(row.name for row in rows)}")


def meant(home: Home, file: str, project: str, name: str) -> EnvironmentRow:
    """The environment that a command is about: see `here` and `one`."""
    return one(home, here(home, file, project), name)


def chosen(home: Home, file: str, project: str, name: str, every: bool) -> list[EnvironmentRow]:
    """One environment, all of a project, or with `every` all of the home."""
    if every:
        return known(home, "")
    project = here(home, file, project)
    return [one(home, project, name)] if name else known(home, project)


def address_url(address: str) -> str:
    """The address as something to open."""
    return f"http://{address}" if address else ""


def roll_back(
    home: Home,
    row: EnvironmentRow,
    *,
    to: str,
    why: str,
    wait: bool,
    show: Show,
    say: Say,
    in_turn: bool = False,
) -> ReleaseRow | None:
    """Take an environment back to a revision that it had; None where that one is stable, and serves once this
    has waited. `in_turn` waits for a release that is under way there. Raises Problem."""
    from seatrial.release import request, watch

    def ask() -> request.Asked:
        return request.request_rollback(
            home.folder, home.journal, row.project, row.name, to=to, by=by_whom(), why=why
        )

    asked = _after_others(home, ask, show, say) if in_turn else ask()
    if not wait:
        return asked.release
    if asked.release is None:
        watch.wait_up(home.folder, home.journal, row.project, row.name, say=say)
        return None
    return watch.watch(home.folder, home.journal, asked.release.id, show)


def _after_others(home: Home, ask: Callable[[], Asked], show: Show, say: Say) -> Asked:
    """Ask, and once more after each release that is under way."""
    from seatrial.release import watch
    from seatrial.release.request import UnderWay

    while True:
        try:
            return ask()
        except UnderWay as other:
            say(f"waiting for {other.release}")
            watch.watch_other(home.folder, home.journal, other.release, show)


def abort(home: Home, row: EnvironmentRow, *, why: str, wait: bool, show: Show) -> ReleaseRow:
    """Take back the release that is under way in an environment. Raises Problem."""
    from seatrial.release import request, watch

    running = request.request_abort(home.folder, home.journal, row.project, row.name, why, by_whom())
    return watch.watch(home.folder, home.journal, running.id, show) if wait else running


def hold(home: Home, row: EnvironmentRow, *, why: str) -> ReleaseRow:
    """Let the release that is under way stay as it is. Raises Problem."""
    from seatrial.release import request

    return request.request_hold(home.folder, home.journal, row.project, row.name, why=why, by=by_whom())


def promote(home: Home, row: EnvironmentRow, *, full: bool, why: str) -> ReleaseRow:
    """Let the release that is under way go on from where it waits. Raises Problem."""
    from seatrial.release import request

    return request.request_promotion(
        home.folder, home.journal, row.project, row.name, full=full, why=why, by=by_whom()
    )


def bring_up(home: Home, row: EnvironmentRow, *, wait: bool, say: Say) -> None:
    """Let the stable revision of an environment serve. Raises Problem."""
    from seatrial.release import request, watch

    request.request_up(home.folder, home.journal, row.project, row.name)
    if wait:
        watch.wait_up(home.folder, home.journal, row.project, row.name, say=say)


def take_down(home: Home, row: EnvironmentRow, *, wait: bool, say: Say) -> None:
    """Let an environment finish its requests and stop. Raises Problem."""
    from seatrial.release import request, watch

    request.request_down(home.folder, home.journal, row.project, row.name)
    if wait:
        watch.wait_down(home.folder, home.journal, row.project, row.name, say=say)


def here(home: Home, file: str, project: str) -> str:
    """The project that a command is about: that of the run it is part of, else of where it was called.

    Raises BadInput where it is another file's.
    """
    from seatrial.journal import runs
    from seatrial.project import owner
    from seatrial.project.place import project_name

    row = runs.get(home.journal, home.run) if home.run and not (file or project) else None
    if row is not None:
        return row.project
    name = project_name(home.folder, Path.cwd(), file, project)
    if not project:
        owner.demand_own(home, name, Path.cwd(), file)
    return name
