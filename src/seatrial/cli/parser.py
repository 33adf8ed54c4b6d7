"""Words in: one parser a command, made when the command is asked for."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from typing import NoReturn

from seatrial.cli.all_commands import ALL_COMMANDS, STREAMS, Command, command
from seatrial.errors import BadInput

SUMMARY = "Continuous integration and deployment for models: from a commit to live traffic, on evidence."


class Help(RawDescriptionHelpFormatter):
    """As wide as argparse makes it, which loads shutil and asks it anew for each option that is declared."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - 2)


def _columns() -> int:
    said = os.environ.get("COLUMNS", "")
    if said.isdecimal() and int(said):
        return int(said)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


class Parser(ArgumentParser):
    """Errors are ours to print, with the hint where to look."""

    def error(self, message: str) -> NoReturn:
        raise BadInput(f"{self.prog}: {message}", hint=f"`{self.prog} --help` shows what it takes")


def split(words: list[str]) -> tuple[str, list[str]]:
    """The name of the command that the words ask for, and the rest. Raises BadInput on an unknown one."""
    name = words[0]
    if " ".join(words[:2]) in ALL_COMMANDS[1:]:
        return " ".join(words[:2]), words[2:]
    if name in ALL_COMMANDS:
        return name, words[1:]
    from seatrial.pipeline.spelling import closest

    if longer := group(name):
        there = ", ".join(f"`seatrial {one}`" for one in longer)
        raise BadInput(f"`{name}` is no whole command", f"there are {there}")
    nearest = closest(name, ALL_COMMANDS)
    hint = f"did you mean `{nearest}`?" if nearest else "`seatrial --help` lists the commands"
    kind = "option" if name.startswith("-") else "command"
    raise BadInput(f"there is no {kind} `{name}`", hint)


def group(name: str) -> tuple[str, ...]:
    """The commands that begin with a word that is none by itself."""
    longer = tuple(one for one in ALL_COMMANDS if one.startswith(f"{name} "))
    return () if name in ALL_COMMANDS else longer


def group_help(name: str) -> str:
    """What `seatrial labels` prints."""
    lines = [f"usage: seatrial {name} COMMAND [OPTIONS]", "", "commands:"]
    lines += [f"  {one:<16}{command(one).HELP}" for one in group(name)]
    lines += ["", f"`seatrial {name} COMMAND --help` shows a command's options and examples."]
    return "\n".join(lines)


def parser_of(chosen: Command) -> ArgumentParser:
    """The parser of one command, with its examples."""
    parser = Parser(
        prog=f"seatrial {chosen.NAME}",
        description=chosen.HELP,
        epilog=_examples(chosen.EXAMPLES),
        formatter_class=Help,
        allow_abbrev=False,
    )
    return _filled(parser, chosen)


def whole_parser() -> ArgumentParser:
    """All commands in one parser, for what must see them together: completion."""
    parser = Parser(prog="seatrial", description=SUMMARY, allow_abbrev=False)
    parser.add_argument("--version", "-V", action="store_true", help="print the version")
    verbs = parser.add_subparsers(metavar="COMMAND")
    for first in dict.fromkeys(name.partition(" ")[0] for name in ALL_COMMANDS):
        longer = [name for name in ALL_COMMANDS if name.startswith(f"{first} ")]
        is_whole = first in ALL_COMMANDS
        said = command(first).HELP if is_whole else ", ".join(longer)
        verb = verbs.add_parser(first, help=said, allow_abbrev=False)
        if longer:
            _add_longer(verb, longer)
        if is_whole:
            _filled(verb, command(first))
    return parser


def _add_longer(verb: ArgumentParser, names: list[str]) -> None:
    """Commands of two words below their first one, whose own words come after them."""
    below = verb.add_subparsers(metavar="COMMAND")
    for name in names:
        chosen = command(name)
        word = name.partition(" ")[2]
        _filled(below.add_parser(word, help=chosen.HELP, allow_abbrev=False), chosen)


def _filled(parser: ArgumentParser, chosen: Command) -> ArgumentParser:
    chosen.add_arguments(parser)
    form = "JSON lines, one object a line" if chosen.NAME in STREAMS else "JSON"
    parser.add_argument("--json", action="store_true", help=f"answer in {form}, on standard output")
    return parser


def parse(chosen: Command, words: list[str]) -> Namespace:
    parser = parser_of(chosen)
    empty = _empty(words)
    if empty:
        hint = "leave it out for the default, or set the variable that it comes from"
        raise BadInput(f"{parser.prog}: {empty} is empty", hint)
    operands = words[words.index("--") :] if "--" in words else []
    if not any(word.startswith("-") for word in words) or any(word.startswith("-") for word in operands[1:]):
        # The other way makes the whole usage first, and takes no `-x` for a name behind `--`.
        return parser.parse_args(words)
    return parser.parse_intermixed_args(words)


def _empty(words: list[str]) -> str:
    """Which argument says nothing; "" for none. What a script meant by its unset variable is no default."""
    for number, word in enumerate(words):
        option, sign, value = word.partition("=")
        if option.startswith("--") and sign and not value.strip():
            return f"`{option}`"
        if not word.strip():
            before = words[number - 1] if number else ""
            return f"what follows `{before}`" if before.strip() else "the first argument"
    return ""


def whole_help() -> str:
    """What `seatrial --help` prints."""
    lines = [SUMMARY, "", "usage: seatrial COMMAND [OPTIONS]", "", "commands:"]
    lines += [f"  {name:<16}{command(name).HELP}" for name in ALL_COMMANDS]
    lines += ["", "`seatrial COMMAND --help` shows a command's options and examples."]
    lines += ["`seatrial --version` prints the version."]
    return "\n".join(lines)


def _examples(examples: tuple[tuple[str, str], ...]) -> str:
    width = max((len(words) for words, _ in examples), default=0) + 2
    return "\n".join(["examples:", *(f"  {words:<{width}} {meaning}" for words, meaning in examples)])
