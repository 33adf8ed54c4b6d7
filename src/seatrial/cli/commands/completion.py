"""`seatrial completion`: the words of seatrial for a shell's Tab key."""

from __future__ import annotations

from argparse import Action, ArgumentParser, Namespace
from collections.abc import Iterator

from seatrial.cli.output import Output
from seatrial.errors import PASSED, needs_extra

NAME = "completion"
HELP = "print the completion script of a shell"
EXAMPLES = (
    ('eval "$(seatrial completion bash)"', "complete in this shell"),
    ("seatrial completion zsh > ~/.zfunc/_seatrial", "complete in every zsh"),
)

# What arguments have for a name that are a file or a folder; a shell completes no others by itself.
_GIVEN = {"folder", "named", "file", "predictions", "data", "against", "labels"}
_PACKED = {"model", "include", "python", "function"}
_WRITTEN = {"output", "report", "target"}
_PATHS = _GIVEN | _PACKED | _WRITTEN
_EITHER = "_seatrial_word_or_file"  # shtab takes a function with `_file` in its name for one of paths


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"), help="the shell")


def run(arguments: Namespace, output: Output) -> int:
    try:
        import shtab
    except ImportError:
        raise needs_extra("terminal", "completion for shells") from None
    from seatrial.cli.parser import whole_parser

    parser = whole_parser()
    for action in _paths(parser):
        how = {"bash": _EITHER} if action.choices else {}
        setattr(action, "complete", {**shtab.FILE, **how})  # noqa: B010 - shtab's, so argparse has no such name
    preamble = _either(parser) if arguments.shell == "bash" else ""
    script = shtab.complete(parser, shell=arguments.shell, preamble=preamble)
    output.say(script)
    output.give({"shell": arguments.shell, "script": script})
    return PASSED


def _paths(parser: ArgumentParser) -> Iterator[Action]:
    """The arguments of all commands that are paths: also the second word of one that may be a path."""
    takes_path = any(action.dest in _PATHS and not action.option_strings for action in parser._actions)
    for action in parser._actions:
        if action.dest in _PATHS or (takes_path and _below(action)):
            yield action
        for below in _below(action).values():
            yield from _paths(below)


def _below(action: Action) -> dict[str, ArgumentParser]:
    """The commands below this one by their words."""
    return action.choices if isinstance(action.choices, dict) else {}


def _either(parser: ArgumentParser) -> str:
    """For a second word that is a path or a command: shtab's own way knows one of both."""
    words = " ".join(word for action in _paths(parser) for word in _below(action))
    return f'{_EITHER}() {{ compgen -W "{words}" -- "$1"; compgen -f -- "$1"; }}'
