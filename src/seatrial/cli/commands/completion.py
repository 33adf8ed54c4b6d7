"""`seatrial completion`: the words of seatrial for a shell's Tab key."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from seatrial.cli.output import Output
from seatrial.errors import PASSED, needs_extra

NAME = "completion"
HELP = "print the completion script of a shell"
EXAMPLES = (
    ('eval "$(seatrial completion bash)"', "complete in this shell"),
    ("seatrial completion zsh > ~/.zfunc/_seatrial", "complete in every zsh"),
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"), help="the shell")


def run(arguments: Namespace, output: Output) -> int:
    try:
        import shtab
    except ImportError:
        raise needs_extra("terminal", "completion for shells") from None
    from seatrial.cli.parser import whole_parser

    script = shtab.complete(whole_parser(), shell=arguments.shell)
    output.say(script)
    output.give({"shell": arguments.shell, "script": script})
    return PASSED
