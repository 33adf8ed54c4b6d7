"""The command line: words to a command, and the one place where errors become messages and exit codes."""

from __future__ import annotations

import os
import sys

from seatrial.cli.output import FullOutput, Output, finish, open_output
from seatrial.errors import BAD_INPUT, OUR_FAULT, PASSED, Infrastructure, Interrupted, Problem

OUTPUT_CLOSED = 141  # as a shell says it of a program that SIGPIPE ended


def run(words: list[str]) -> int:
    """Do what the words say and return the exit code; nothing escapes."""
    options = words[: words.index("--")] if "--" in words else words
    output = open_output(is_json="--json" in options)
    try:
        code = _perform(words, output)
        finish()
    except BrokenPipeError:
        return _quiet_end()
    except SystemExit as ending:  # argparse, after it printed a help
        return ending.code if isinstance(ending.code, int) else OUR_FAULT
    except BaseException as error:  # noqa: BLE001 - the one error boundary
        return _report(error, output)
    return code


def _perform(words: list[str], output: Output) -> int:
    may_be_noted = words[:1] == ["run"] and _may_be_noted(words)
    if may_be_noted and _was_nothing_to_do(words, output):
        return PASSED
    from seatrial.cli import parser
    from seatrial.cli.all_commands import command

    if not words or words[0] in ("--help", "-h", "help"):
        output.say(parser.whole_help())
        return PASSED if words else BAD_INPUT
    if parser.group(words[0]) and words[1:] in ([], ["--help"], ["-h"]):
        output.say(parser.group_help(words[0]))
        return PASSED if words[1:] else BAD_INPUT
    name, rest = parser.split(words)
    chosen = command(name)
    arguments = parser.parse(chosen, rest)
    arguments.noted_as = words if may_be_noted else None
    return chosen.run(arguments, output)


def _may_be_noted(words: list[str]) -> bool:
    from seatrial.project import idle

    return idle.is_eligible(words)


def _was_nothing_to_do(words: list[str], output: Output) -> bool:
    """Answer by the note of an earlier run, where there is one that still holds."""
    from pathlib import Path

    from seatrial.project import idle
    from seatrial.system import settings

    lines = idle.recall(settings.read().home, words, Path.cwd())
    if lines is None:
        return False
    output.say("\n".join(lines))
    return True


def _report(error: BaseException, output: Output) -> int:
    problem = _as_problem(error)
    try:
        if output.is_json:
            output.give({"error": _document(problem)})
        output.warn(message_of(problem))
        sys.stdout.flush()
    except BrokenPipeError:
        _quiet_end()
    except (OSError, FullOutput):
        _drop_output()  # what was to be printed has nowhere to go; the exit code still says it
    return problem.exit_code


def message_of(problem: Problem) -> str:
    """What a person reads: where, what, the lines in question, and what to do."""
    place = f"{problem.place}: " if problem.place is not None else ""
    kind = "interrupted" if isinstance(problem, Interrupted) else "error"
    lines = [f"{place}\x1b[31m{kind}:\x1b[0m {problem.message}"]
    if problem.context:
        lines.append(problem.context)
    if problem.hint:
        lines.append(f"\x1b[2mhint:\x1b[0m {problem.hint}")
    return "\n".join(lines)


def _document(problem: Problem) -> dict[str, object]:
    return {
        "message": problem.message,
        "hint": problem.hint,
        "place": problem.place,
        "context": problem.context,
        "exit_code": problem.exit_code,
    }


def _as_problem(error: BaseException) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, KeyboardInterrupt):
        return Interrupted("stopped; the same command again goes on where this one ended")
    if isinstance(error, MemoryError):
        return Infrastructure("this machine has no memory left", hint="end other programs, or use --jobs 1")
    if isinstance(error, OSError) and (known := _of_disk(error)):
        return known
    return _defect(error)


def _of_disk(error: OSError) -> Problem | None:
    """What is wrong with which disk: that of the file, where one is named, else the first that is full of
    those we write to."""
    from pathlib import Path

    from seatrial.system import disk, settings

    try:
        home, temporary = settings.read().home, os.environ.get("TMPDIR") or "/tmp"  # noqa: S108 - looked at
    except Problem as problem:
        return problem
    if error.errno in disk.FULL and not error.filename:
        full = (one for one in (home, Path(temporary)) if disk.is_full(one))
        return disk.FullDisk(next(full, Path.cwd()))
    return disk.problem_within(error, home)


def _defect(error: BaseException) -> Problem:
    """What nobody foresaw: one line for the person, the traceback in a file for us."""
    import traceback

    text = "".join(traceback.format_exception(error))
    first = f"{type(error).__name__}: {error}".splitlines()[0]
    try:
        where = f"the traceback is in {_keep(text)}"
    except (OSError, Problem):
        where = text
    return Infrastructure(f"this is a defect of seatrial: {first}", hint=f"please report it; {where}")


def _keep(text: str) -> str:
    from seatrial import __version__
    from seatrial.system import clock, files, settings

    folder = settings.read().home / "defects"
    folder.mkdir(exist_ok=True)
    at = clock.iso(clock.now())
    path = folder / f"{at.replace(':', '')}-{os.getpid()}.log"
    python = sys.version.replace("\n", " ")
    files.write(path, f"seatrial {__version__}\npython {python}\nat {at}\n\n{text}".encode())
    return str(path)


def _quiet_end() -> int:
    """Whoever read our output has gone, as `head` does: no fault of anybody's."""
    _drop_output()
    return OUTPUT_CLOSED


def _drop_output() -> None:
    """Let the interpreter's own flush at the end find a place to write to."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            os.dup2(nowhere, stream.fileno())
        except (OSError, ValueError):
            continue
