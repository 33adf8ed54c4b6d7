"""`seatrial abort`: a release that is under way is taken back."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from seatrial.cli.options import add_environment, add_project, add_why
from seatrial.cli.output import Output

NAME = "abort"
HELP = "take back the release that is under way; what was live before goes on"
EXAMPLES = (
    ("seatrial abort production", "and wait until the requests are back"),
    ("seatrial abort production --why 'wrong data'", "with the reason, for the history"),
)


def add_arguments(parser: ArgumentParser) -> None:
    add_environment(parser, default="the only one")
    add_why(parser)
    parser.add_argument("--no-wait", action="store_true", help="do not wait until it is taken back")
    add_project(parser)


def run(arguments: Namespace, output: Output) -> int:
    from seatrial.cli.releases import shown, told
    from seatrial.errors import PASSED, Refused
    from seatrial.journal.releases import SUCCEEDED
    from seatrial.project import environments
    from seatrial.project.project import open_home

    home = open_home()
    row = environments.meant(home, arguments.file, arguments.project, arguments.environment)
    release = environments.abort(home, row, why=arguments.why, wait=not arguments.no_wait, show=shown(output))
    if release.status == SUCCEEDED:
        hint = f"`seatrial rollback {row.name}` goes back to what was live before"
        raise Refused(f"it is too late: {release.revision} is live", hint=hint)
    told(home, row.project, row.name, release, output)
    return PASSED
