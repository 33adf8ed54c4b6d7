"""Subversion, through its command line; nothing here writes into a working copy or a repository."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.errors import BadInput, Infrastructure, Problem
from seatrial.system import disk, process

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# Nobody is there to answer, and a server that is silent must not hold a run for minutes.
_OPTIONS = ("--non-interactive", "--config-option", "servers:global:http-timeout=30")
_SSH = "ssh -o LogLevel=ERROR -o BatchMode=yes -o ConnectTimeout=30"

# The time zone enters the keyword $Date$: the same commit has the same files everywhere.
# An SSH that the user names would ask at the terminal: what answers nothing is asked instead.
_VARIABLES = {"LC_ALL": "C.UTF-8", "TZ": "UTC", "SSH_ASKPASS": "false", "SSH_ASKPASS_REQUIRE": "force"}


class Unreachable(Infrastructure):
    """The server of a repository does not answer, or does not let us in."""


def environment(host: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The variables for `svn`: those of the host, with an SSH that never asks."""
    return {"SVN_SSH": _SSH, **host, **_VARIABLES}


def run(*arguments: str | Path, folder: Path) -> process.Completed:
    """Run `svn` in a folder. Raises BadInput or Unreachable with its words where it fails."""
    return checked(run_at_once(arguments, folder=folder)[0])


def run_at_once(*commands: Sequence[str | Path], folder: Path) -> list[process.Completed]:
    """Run several `svn`s that do not need each other; ask `checked` of each."""
    whole = [("svn", *arguments, *_OPTIONS) for arguments in commands]
    try:
        return process.run_at_once(whole, env=environment(), folder=folder)
    except FileNotFoundError as error:
        if not folder.is_dir():
            raise BadInput(f"there is no folder {folder}") from error
        hint = "install svn, for example: apt install subversion"
        raise Infrastructure("Subversion is not installed", hint=hint) from error


def checked(done: process.Completed) -> process.Completed:
    """What has ended well. Raises BadInput or Unreachable with the words of `svn`."""
    if done.exit_code != 0:
        raise failed(done)
    return done


def xml(done: process.Completed) -> Element:
    """What a command with `--xml` has written. Raises as `checked`, and BadInput for what is no XML."""
    from xml.etree import ElementTree

    try:
        return ElementTree.fromstring(checked(done).output)  # noqa: S314 - svn has escaped it
    except ElementTree.ParseError as error:
        raise BadInput(f"the answer of Subversion cannot be read: {error}") from error


def at(place: str | Path, peg: str = "") -> str:
    """A path or URL with its peg revision: always with its `@`, since names may have one of their own."""
    return f"{place}@{peg}"


# The code that tells why, what to call it, and what helps.
_DENIED = ("E170001", "E215004", "E230001", "E170003", "E175013")
_SILENT = ("E170013", "E170012", "E210002", "E670002", "E000110", "E000111", "E000113", "E175012", "E180001")


def failed(done: process.Completed) -> Problem:
    """The error for a failed command: Subversion's own words, and what helps."""
    text = done.error.decode("utf-8", "replace")
    lines = [line for line in text.splitlines() if line.startswith("svn: E")]
    warned = [line.partition("warning: ")[2] for line in text.splitlines() if "svn: warning: W" in line]
    plain = [line.removeprefix("svn: ") for line in lines]
    said = "; ".join(line.partition(": ")[2] for line in warned or plain)  # a warning says what is amiss
    said = said or text.strip() or f"it ended with code {done.exit_code}"
    codes = {line.split(":", 2)[1].strip() for line in lines}
    if "No space left on device" in text:
        return disk.FullDisk(Path.cwd())
    if codes & set(_DENIED):
        hint = "let `svn` keep a password or a certificate: svn info URL, once by hand"
        return Unreachable(f"Subversion is not let in: {said}", hint=hint)
    if codes & set(_SILENT):
        said = _of_ssh(text) or said
        return Unreachable(f"Subversion does not reach the repository: {said}", hint="try: svn info URL")
    if "E205011" in codes:
        return BadInput("Subversion cannot have an external of it", hint="`svn update` says which, and why")
    if "E160006" in codes:
        return BadInput(f"Subversion: {said}", hint="`svn log` shows the revisions")
    return BadInput(f"Subversion: {said}")


def _of_ssh(text: str) -> str:
    """The last words of an SSH that ended, which say more than that it did."""
    others = [line.strip() for line in text.splitlines() if not line.startswith("svn: ") and line.strip()]
    return others[-1] if others else ""
