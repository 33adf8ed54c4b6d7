"""Releases and rollbacks as they go on, and what became of them."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import indent

from seatrial.cli.output import Output
from seatrial.journal import releases
from seatrial.journal.journal import Event
from seatrial.journal.releases import EnvironmentRow, ReleaseRow
from seatrial.journal.servers import Deaths
from seatrial.project.environments import address_url
from seatrial.project.project import Home
from seatrial.release import serving
from seatrial.release.ending import exit_code
from seatrial.release.narration import sentence
from seatrial.report.terminal import painted
from seatrial.report.words import first_line, short, times
from seatrial.system import clock


def shown(output: Output) -> Callable[[Event], None]:
    """Prints what a release does, a line for each thing that a person should know."""

    say = shown_text(output)

    def show(event: Event) -> None:
        said = sentence(event)
        if said:
            say(said)

    return show


def shown_text(output: Output) -> Callable[[str], None]:
    return lambda text: output.progress(f"  {painted('→', 'cyan')} {text}")


def told(home: Home, project: str, environment: str, release: ReleaseRow | None, output: Output) -> int:
    """Say what is live now, and how the release ended; the exit code that says the same."""
    row = releases.environment(home.journal, project, environment)
    assert row is not None
    stable = releases.revision(home.journal, row.stable) if row.stable else None
    status = release.status if release is not None else _standing(home, row)
    output.say(f"{_word(status)}: {where(project, environment)}  {address_url(row.address)}".rstrip())
    if release is not None and release.reason:
        output.say(indent(release.reason, "  "))
    if stable is not None:
        package, commit = short(stable.package), short(stable.commit)
        output.say(f"  live: revision {stable.number}, package {package}, commit {commit}")
    output.give(
        {
            "environment": f"{project}/{environment}",
            "status": status,
            "reason": release.reason if release else "",
            "release": release.id if release else None,
            "revision": stable.id if stable else None,
            "package": stable.package if stable else None,
            "address": row.address,
        }
    )
    return exit_code(release)


def _standing(home: Home, row: EnvironmentRow) -> str:
    """What an environment is where nothing had to be released; it may have been down."""
    return "live already" if serving.is_serving(home.journal, row) else "on its way"


def deaths_words(deaths: Deaths) -> str:
    """How often the servers of what is live ended by themselves, and why the last one did."""
    lately = f", {times(deaths.lately)} in the last hour" if deaths.lately else ""
    why = first_line(deaths.reason)
    return (
        f"its server ended by itself {times(deaths.times)}{lately}, last at {clock.iso(deaths.last)}: {why}"
    )


def where(project: str, environment: str) -> str:
    return painted(f"{project}/{environment}", "bold")


def _word(status: str) -> str:
    colours = {
        releases.SUCCEEDED: "green",
        "live already": "green",
        "on its way": "cyan",
        releases.RUNNING: "cyan",
    }
    words = {releases.SUCCEEDED: "live", releases.RUNNING: "under way"}
    return painted(words.get(status, status), colours.get(status, "red"))
