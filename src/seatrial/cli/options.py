"""Options that several commands share."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError


def add_file(parser: ArgumentParser) -> None:
    parser.add_argument(
        "-f", "--file", default="", help="the pipeline file (default: the nearest, from here up)"
    )
    parser.add_argument("--dialect", default=None, help="how to read it (default: by its name)")


def add_project(parser: ArgumentParser, *, with_short: bool = True) -> None:
    """For commands about what was run or released: which project."""
    names = ("-f", "--file") if with_short else ("--file",)
    parser.add_argument(*names, default="", help="the pipeline file that names the project")
    parser.add_argument("--project", default="", help="the project (default: that of the pipeline file)")


def add_environment(parser: ArgumentParser, default: str = "all of them") -> None:
    """`default`: what a command without it is about, for the help."""
    parser.add_argument("environment", nargs="?", default="", help=f"the environment (default: {default})")


def add_why(parser: ArgumentParser) -> None:
    parser.add_argument("--why", default="", type=reason, help="the reason, for the history")


_SHOWN = 60  # characters of a reason that is none
PACKAGE = "its name, a project, an environment, or the start of a digest"


def add_package(parser: ArgumentParser) -> None:
    """For commands that look at one package, most often that which was just made."""
    parser.add_argument(
        "package", nargs="?", default="", metavar="PACKAGE", help=f"{PACKAGE} (default: the newest here)"
    )


def add_reports(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--report",
        metavar="FILE",
        action="append",
        default=[],
        type=report_name,
        help="also write a report: .html, .md, .xml (JUnit) or .json",
    )


def reason(text: str) -> str:
    """Why somebody does something, for the journal: a short line."""
    from seatrial.release.reason import flaw

    if found := flaw(text.strip()):
        raise ArgumentTypeError(f"{text[:_SHOWN]!r} {found}")
    return text.strip()


def column(text: str) -> tuple[str, str]:
    """ "label=y" as a pair."""
    role, sign, name = text.partition("=")
    if not (role and sign and name):
        raise ArgumentTypeError(f"{text!r} is not like label=y")
    return role, name


def parameter(text: str) -> tuple[str, str]:
    """NAME=VALUE."""
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def pull_request(text: str) -> tuple[str, str]:
    """NUMBER:BRANCH."""
    number, colon, branch = text.partition(":")
    if not (number.isdecimal() and colon and branch):
        raise ArgumentTypeError(f"{text!r} is not NUMBER:BRANCH, such as 17:main")
    return number, branch


def report_name(text: str) -> str:
    """A file name with the ending of a report."""
    from seatrial.project.reports import ENDINGS

    if not text.endswith(ENDINGS):
        raise ArgumentTypeError(f"{text!r} ends with none of {', '.join(ENDINGS)}")
    return text


def count(text: str) -> int:
    """A number from 1."""
    if not text.isdecimal() or not 0 < int(text) < 10_000:
        raise ArgumentTypeError(f"{text!r} is not a number from 1 to 9999")
    return int(text)
