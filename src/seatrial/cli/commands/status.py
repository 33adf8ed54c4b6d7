"""`seatrial status`: what is live now, and how it is doing."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from seatrial.cli.options import add_environment, add_project
from seatrial.cli.output import Output
from seatrial.errors import INTERRUPTED, PASSED

if TYPE_CHECKING:
    from seatrial.project.project import Home
    from seatrial.release.sight import Watched
    from seatrial.release.status import EnvironmentStatus, ProcessStatus

NAME = "status"
HELP = "say what is live now, where, and how it is doing"
EXAMPLES = (
    ("seatrial status", "every environment of this project"),
    ("seatrial status --all", "of every project of this home"),
    ("seatrial status --watch production", "the judge at work, until Ctrl-C, which stops only the watching"),
    ("seatrial status --watch --json", "the same as JSON lines, one object a second and environment"),
)


def add_arguments(parser: ArgumentParser) -> None:
    add_environment(parser)
    parser.add_argument("--all", action="store_true", help="all projects of this home")
    parser.add_argument(
        "-w", "--watch", action="store_true", help="go on until Ctrl-C (with --json: JSON lines)"
    )
    add_project(parser)


def run(arguments: Namespace, output: Output) -> int:
    from seatrial.journal.releases import UP
    from seatrial.project import environments
    from seatrial.project.project import look_at_home
    from seatrial.release import see
    from seatrial.release.status import driver, status

    home = look_at_home()
    chosen = environments.chosen(
        home, arguments.file, arguments.project, arguments.environment, arguments.all
    )
    driven = driver(home.folder)
    seen = {(row.project, row.name): see.watched(home.journal, row, driven) for row in chosen}
    if any(row.desired == UP for row in chosen):
        _wake(home, output)
    if arguments.watch and chosen:
        return _watch(home, [(row.project, row.name) for row in chosen], output)
    wanted = {(row.project, row.name) for row in chosen}
    found = [one for one in status(home.folder, home.journal) if (one.project, one.name) in wanted]
    for one in found:
        output.say("\n".join(_lines(one, seen[one.project, one.name], output.width)))
    if not found:
        output.say("nothing was released here yet")
    output.give({"environments": [_plain(one, seen[one.project, one.name]) for one in found]})
    return PASSED


def _wake(home: Home, output: Output) -> None:
    """A supervisor that was killed takes up its work again; who may only look is told that it does not."""
    from seatrial.release import wake
    from seatrial.system import disk

    if disk.is_writable(home.folder):
        wake.ensure(home.folder)
    else:
        output.warn(f"{disk.Unwritable(home.folder).message}: so nobody is woken to drive what is released")


def _watch(home: Home, places: list[tuple[str, str]], output: Output) -> int:
    """Until a person has seen enough, which ends nothing else."""
    import time

    from seatrial.cli.following import Following
    from seatrial.cli.redrawn import screen
    from seatrial.release import wake
    from seatrial.release.watch import KEEP_SECONDS
    from seatrial.system import disk

    try:
        with screen(output) as drawn:
            following = Following(home, places, output, drawn)
            while True:
                following.step()
                time.sleep(KEEP_SECONDS)
                if disk.is_writable(home.folder):
                    wake.keep(home.folder)
    except KeyboardInterrupt:
        return INTERRUPTED


def _plain(one: EnvironmentStatus, seen: Watched) -> dict[str, object]:
    """All numbers: `release` stays the id, and `under_way` has the rest of it.

    `serving` is who has the requests at this moment, also where nobody drives the release.
    """
    more: dict[str, object] = {
        "traffic": seen.flows,
        "under_way": seen.release,
        "provisional": seen.provisional,
    }
    if seen.release is not None:
        more["serving"] = {flow.revision: flow.share for flow in seen.flows if flow.share}
    return {**one._asdict(), **more}


def _lines(one: EnvironmentStatus, seen: Watched, width: int) -> list[str]:
    from seatrial.cli.releases import deaths_words, where
    from seatrial.project.environments import address_url
    from seatrial.report import live
    from seatrial.report.terminal import painted
    from seatrial.report.words import short
    from seatrial.system import clock

    word = _state(one)
    state = painted(word, "green" if word == "up" else "yellow")
    lines = [f"{where(one.project, one.name)}  {state}  {address_url(one.address)}"]
    if one.revision:
        since = f", live since {clock.iso(one.live_from)}" if one.live_from else ""
        number = one.revision.rpartition("/")[2]
        lines.append(
            f"  revision {number}, package {short(one.package)}, commit {short(one.commit) or 'none'}, "
            f"verdict {one.verdict or 'none'}{since}"
        )
    if seen.release is not None:
        lines += live.traffic_lines(seen.flows)
        lines += live.release_lines(seen.release, seen.at, width)
    if seen.provisional is not None:
        lines += live.provisional_lines(seen.provisional, seen.at, width)
    if one.trouble:
        since = clock.iso(one.trouble_since or 0.0)
        lines.append(f"  {painted('in trouble', 'red')} since {since}: {one.trouble}; it is tried again")
    if one.deaths is not None:
        lines.append(f"  {painted(deaths_words(one.deaths), 'red' if one.deaths.lately else 'yellow')}")
    if one.failed:
        told = f"{one.failed:,} of {one.requests:,} requests failed since the gateway started"
        lines.append(f"  {painted(told, 'yellow')}")
    shares = {flow.revision: flow.share for flow in seen.flows}
    return lines + [_process(each, shares.get(each.revision, 0)) for each in one.processes]


def _state(one: EnvironmentStatus) -> str:
    if one.desired == "down":
        return "down"
    if not one.serving:
        return "not serving"
    return "up" if one.answers else "not answering at this moment: the gateway is started again"


def _process(one: ProcessStatus, weight: int) -> str:
    from seatrial.report.words import seconds

    failed = f", {one.failed:,} failed" if one.failed else ""
    number = one.revision.rpartition("/")[2]
    requests = "1 request" if one.requests == 1 else f"{one.requests:,} requests"
    return (
        f"    server of revision {number}: {one.status}, {weight}% of the traffic, pid {one.pid}, "
        f"{seconds(one.seconds)}, {requests}{failed}"
    )
