"""`seatrial release`: a package into an environment, on its evidence."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from seatrial.cli.options import add_file, reason
from seatrial.cli.output import Output
from seatrial.errors import PASSED

if TYPE_CHECKING:
    from seatrial.project.project import Home
    from seatrial.release.request import Asked, Request

NAME = "release"
HELP = "release a package to an environment, if its evidence and the environment's rules allow it"
EXAMPLES = (
    ("seatrial release --to production", "the newest package of the project; in a run, that of the run"),
    ("seatrial release 4f2a91c0 --to production", "by the start of its digest"),
    ("seatrial release --to production --dry-run", "only say whether it would be let through"),
)

# What would become of a release, and how that is said of its environment.
STATUSES = {"would be released": "would take", "is live": "serves", "is on its way": "is getting"}


def add_arguments(parser: ArgumentParser) -> None:
    words = "its name, an environment, or the start of a digest"
    parser.add_argument("package", nargs="?", default="", help=words)
    parser.add_argument("--to", default="", metavar="ENVIRONMENT", help="where to (default: the only one)")
    add_file(parser)
    parser.add_argument("--commit", default=None, metavar="COMMIT", help="whose pipeline has the rules")
    parser.add_argument("--wait", action="store_true", help="wait for a release that is under way there")
    parser.add_argument("--no-wait", action="store_true", help="do not watch until it is live")
    parser.add_argument("--dry-run", action="store_true", help="ask for nothing, only check")
    parser.add_argument("--first", action="store_true", help="let a first release go that no gate judged")
    parser.add_argument(
        "--accept", default="", type=reason, metavar="WHY", help="accept an inconclusive verdict"
    )
    parser.add_argument(
        "--lift-quarantine", default="", type=reason, metavar="WHY", help="release what was in quarantine"
    )


def run(arguments: Namespace, output: Output) -> int:
    from pathlib import Path

    from seatrial.project import releasing
    from seatrial.project.project import Wanted, open_home

    home = open_home()
    question = releasing.Question(
        arguments.to, arguments.package, arguments.first, arguments.accept, arguments.lift_quarantine
    )
    wanted = Wanted(Path.cwd(), arguments.file, arguments.commit, arguments.dialect)
    request = releasing.prepare(home, wanted, question)
    if arguments.dry_run:
        return _check(home, request, output)
    return _release(home, request, arguments, output)


def _check(home: Home, request: Request, output: Output) -> int:
    from seatrial.cli.releases import where
    from seatrial.project.forecast import forecast, probe_forecast
    from seatrial.release import probing
    from seatrial.release.request import try_release

    place = (request.project, request.environment.name)
    status = _would_be(home, try_release(home.store, request))
    output.say(f"{where(*place)} {STATUSES[status]} {request.package}")
    demands = forecast(home.journal, request.project, request.environment)
    for demand in demands:
        output.say(f"  {demand.gate}: {demand.sentence}")
    recorded = probing.frozen(home.store, request.probe, request.environment.probe)
    requests = recorded["requests"] if recorded else 0
    probes = probe_forecast(home.journal, request.project, request.environment, requests) if recorded else ()
    for gate, sentence in probes:
        output.say(f"  {request.environment.probe}: {gate}: {sentence}")
    told = {"environment": "/".join(place), "package": request.package, "status": status}
    output.give({**told, "live": demands, "probes": probes})
    return PASSED


def _would_be(home: Home, asked: Asked) -> str:
    """What would become of a release that was only tried: a revision that would be new is not there."""
    from seatrial.journal import releases

    if releases.revision(home.journal, asked.revision.id) is None:
        return "would be released"
    return "is live" if asked.release is None else "is on its way"


def _release(home: Home, request: Request, arguments: Namespace, output: Output) -> int:
    from seatrial.cli.following import Following
    from seatrial.cli.redrawn import screen
    from seatrial.cli.releases import shown, shown_text, told
    from seatrial.release import watch
    from seatrial.release.request import UnderWay, request_release

    show, place = shown(output), (request.project, request.environment.name)
    while True:
        try:
            asked = request_release(home.folder, home.store, request)
        except UnderWay as other:
            if not arguments.wait:
                raise
            output.progress(f"  waiting for {other.release}")
            watch.watch_other(home.folder, home.journal, other.release, show)
            continue
        break
    release = asked.release
    if release is not None and not arguments.no_wait:
        with screen(output) as drawn:
            seen = Following(home, [place], output, drawn)
            release = watch.watch(home.folder, home.journal, release.id, seen.hear, on_look=seen.look)
    elif not arguments.no_wait:
        watch.wait_up(home.folder, home.journal, *place, say=shown_text(output))
    return told(home, *place, release, output)
