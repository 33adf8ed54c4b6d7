"""The reference page of the commands, made from their parsers; run as a module, this prints it."""

from __future__ import annotations

import os
import re
import sys

from seatrial.cli.all_commands import ALL_COMMANDS, command
from seatrial.cli.parser import SUMMARY, parser_of

_INTRODUCTION = f"""\
# Commands

{SUMMARY}

Every command takes `--help`, and `--json`: then standard output is one JSON document (of `logs`: JSON lines,
one object a line). `seatrial --version` prints the version. [Exit codes](exit-codes.md) say how a command
ended. State lives in `$SEATRIAL_HOME` (default `~/.local/state/seatrial`). `NO_COLOR` turns colours off.

This page is made from the parsers: `python -m seatrial.cli.reference > docs/reference/commands.md`.
"""


def page() -> str:
    """The page, the same on every machine."""
    os.environ["COLUMNS"] = "100"  # argparse folds its lines at the width of the terminal
    return "\n".join([_INTRODUCTION, *map(_section, ALL_COMMANDS)])


def _section(name: str) -> str:
    help_text = re.sub(r"[ \t]+$", "", parser_of(command(name)).format_help(), flags=re.MULTILINE)
    return f"## seatrial {name}\n\n```\n{help_text}```\n"


if __name__ == "__main__":
    sys.stdout.write(page())
