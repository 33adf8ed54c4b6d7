"""What `up` and `down` have in common: a wish for some environments, and waiting until it is true."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from seatrial.cli.options import add_environment, add_project
from seatrial.cli.output import Output
from seatrial.errors import PASSED

if TYPE_CHECKING:
    from seatrial.journal.releases import EnvironmentRow
    from seatrial.project.project import Home


class Wish(Protocol):
    def __call__(
        self, home: Home, row: EnvironmentRow, *, wait: bool, say: Callable[[str], None]
    ) -> None: ...


def add_arguments(parser: ArgumentParser, until: str) -> None:
    add_environment(parser)
    parser.add_argument("--all", action="store_true", help="all projects of this home")
    parser.add_argument("--no-wait", action="store_true", help=f"do not wait until {until}")
    add_project(parser)


def fulfil(arguments: Namespace, output: Output, desired: str, wish: Wish, done: str, asked: str) -> int:
    """Wish it of every environment that is meant. `done` and `asked` are what is said: "{url}" is where."""
    from seatrial.cli.releases import shown_text, where
    from seatrial.project import environments
    from seatrial.project.project import open_home

    home = open_home()
    rows = environments.chosen(home, arguments.file, arguments.project, arguments.environment, arguments.all)
    for row in rows:
        wish(home, row, wait=not arguments.no_wait, say=shown_text(output))
        said = (asked if arguments.no_wait else done).format(url=environments.address_url(row.address))
        output.say(f"{where(row.project, row.name)} {said}")
    output.give({"environments": [f"{row.project}/{row.name}" for row in rows], "desired": desired})
    if not rows:
        output.say("nothing was released here yet")
    return PASSED
