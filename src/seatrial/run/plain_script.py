"""Scripts so plain that a shell would only start a program: then it need not be started itself.

Make does the same with its recipes; it halves what a short command costs.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from seatrial.pipeline.step import SEATRIAL_SHELL

# Words of characters that mean nothing to a shell, each with one space before the next.
_PLAIN = re.compile(r"[A-Za-z0-9_./+,:@%-]+(?: [A-Za-z0-9_./+,:@%=-]+)*")

# What POSIX, dash or bash take for a word of their own, and for a program only after that.
_OF_THE_SHELL = (
    " . : alias bg bind break builtin caller case cd chdir command compgen complete compopt continue coproc"
    " declare dirs disown do done echo elif else enable esac eval exec exit export false fc fg fi for"
    " function getopts hash help history if in jobs kill let local logout mapfile popd printf pushd pwd read"
    " readarray readonly return select set shift shopt source suspend test then time times trap true type"
    " typeset ulimit umask unalias unset until wait while "
)


def words(argv: tuple[str, ...], env: Mapping[str, str]) -> list[str]:
    """The program and its arguments that a shell would start for this command; [] where it would do more.

    Without a PATH, or with a PWD, of the stage's own a shell has rules that are not repeated here.
    """
    shell, rest = argv[: len(SEATRIAL_SHELL)], argv[len(SEATRIAL_SHELL) :]
    if shell != SEATRIAL_SHELL or rest[:1] != ("-c",) or "PATH" not in env or "PWD" in env:
        return []
    script = rest[1].strip("\n")
    if not _PLAIN.fullmatch(script):
        return []
    found = script.split(" ")
    return [] if f" {found[0]} " in _OF_THE_SHELL else found


def environment(env: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The variables that the program would have from the shell."""
    top, name = os.path.split(folder)
    if os.path.islink(folder):  # noqa: PTH114 - hot
        return {**env, "PWD": os.path.realpath(folder)}
    return {**env, "PWD": f"{_real(top)}/{name}"}


@lru_cache(16)
def _real(folder: str) -> str:
    """Asked for one stage after the other: a run has few rooms, and they stay where they are."""
    return os.path.realpath(folder)
