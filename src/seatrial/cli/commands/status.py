"""`seatrial status`: what is live now, and how it is doing."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from seatrial.cli.options import add_environment, add_project
from seatrial.cli.output import Output
from seatrial.errors import PASSED

if TYPE_CHECKING:
    from seatrial.release.status import EnvironmentStatus, ProcessStatus

NAME = "status"
HELP = "say what is live now, where, and how it is doing"
EXAMPLES = (
    ("seatrial status", "every environment of this project"),
    ("seatrial status --all", "of every project of this home"),
)


def add_arguments(parser: ArgumentParser) -> None:
    add_environment(parser)
    parser.add_argument("--all", action="store_true", help="all projects of this home")
    add_project(parser)


def run(arguments: Namespace, output: Output) -> int:
    from seatrial.journal.releases import UP
    from seatrial.project import environments
    from seatrial.project.project import open_home
    from seatrial.release import wake
    from seatrial.release.status import status

    home = open_home()
    chosen = environments.chosen(
        home, arguments.file, arguments.project, arguments.environment, arguments.all
    )
    if any(row.desired == UP for row in chosen):
        wake.ensure(home.folder)  # one that was killed takes up its work again
    wanted = {(row.project, row.name) for row in chosen}
    found = [one for one in status(home.folder, home.journal) if (one.project, one.name) in wanted]
    for one in found:
        output.say("\n".join(_lines(one)))
    if not found:
        output.say("nothing was released here yet")
    output.give({"environments": found})
    return PASSED


def _lines(one: EnvironmentStatus) -> list[str]:
    from seatrial.cli.releases import where
    from seatrial.project.environments import address_url
    from seatrial.report.terminal import painted
    from seatrial.report.words import short
    from seatrial.system import clock

    state = (
        painted("up", "green") if one.desired == "up" and one.serving else painted(_stopped(one), "yellow")
    )
    lines = [f"{where(one.project, one.name)}  {state}  {address_url(one.address)}"]
    if one.revision:
        since = f", live since {clock.iso(one.live_from)}" if one.live_from else ""
        number = one.revision.rpartition("/")[2]
        lines.append(
            f"  revision {number}, package {short(one.package)}, commit {short(one.commit) or 'none'}, "
            f"verdict {one.verdict or 'none'}{since}"
        )
    if one.release:
        lines.append(f"  {painted('under way', 'cyan')}: {one.release}, at {one.step}")
    if one.trouble:
        since = clock.iso(one.trouble_since or 0.0)
        lines.append(f"  {painted('in trouble', 'red')} since {since}: {one.trouble}; it is tried again")
    return lines + [_process(each, one.serving.get(each.revision, 0)) for each in one.processes]


def _stopped(one: EnvironmentStatus) -> str:
    return "down" if one.desired == "down" else "not serving"


def _process(one: ProcessStatus, weight: int) -> str:
    from seatrial.report.words import seconds

    failed = f", {one.failed:,} failed" if one.failed else ""
    number = one.revision.rpartition("/")[2]
    return (
        f"    server of revision {number}: {one.status}, {weight}% of the traffic, pid {one.pid}, "
        f"{seconds(one.seconds)}, {one.requests:,} requests{failed}"
    )
