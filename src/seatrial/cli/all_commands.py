"""The table of commands, in the order in which a person meets them.

A command is a module of `seatrial.cli.commands`: NAME, HELP (one line), EXAMPLES (words and what they do),
`add_arguments(parser)`, and `run(arguments, output) -> exit code`. It imports what it needs inside `run`, so
that the help of all costs little. "package show" is the module `package_show`.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from importlib import import_module
from typing import Protocol, cast

from seatrial.cli.output import Output

ALL_COMMANDS = (
    "init",
    "check",
    "run",
    "convert",
    "explain",
    "logs",
    "evaluate",
    "package",
    "package show",
    "package verify",
    "package export",
    "release",
    "promote",
    "hold",
    "abort",
    "rollback",
    "status",
    "history",
    "diff",
    "labels add",
    "labels show",
    "labels address",
    "up",
    "down",
    "cache",
    "schema",
    "doctor",
    "completion",
)

# Their answer has no end yet when it begins, so that `--json` gives JSON lines: one object a line.
STREAMS = ("logs",)


class Command(Protocol):
    @property
    def NAME(self) -> str: ...  # noqa: N802 - constants of a module

    @property
    def HELP(self) -> str: ...  # noqa: N802

    @property
    def EXAMPLES(self) -> tuple[tuple[str, str], ...]: ...  # noqa: N802

    @staticmethod
    def add_arguments(parser: ArgumentParser) -> None: ...

    @staticmethod
    def run(arguments: Namespace, output: Output) -> int: ...


def command(name: str) -> Command:
    """The command of this name; raises KeyError."""
    if name not in ALL_COMMANDS:
        raise KeyError(name)
    return cast(Command, import_module(f"seatrial.cli.commands.{name.replace(' ', '_')}"))
