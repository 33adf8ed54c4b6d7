"""Git, through its command line; nothing here writes into a repository."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from seatrial.errors import BadInput, Infrastructure, Problem
from seatrial.system import disk, process

# A repository's own settings must neither start programs of its choice nor change what we read.
_OPTIONS = (
    "--no-pager",
    "-c", "core.fsmonitor=false",
    "-c", "core.hooksPath=/dev/null",
    "-c", "log.showSignature=false",
    "-c", "i18n.logOutputEncoding=UTF-8",
    "-c", "submodule.recurse=false",
    "-c", "advice.detachedHead=false",
)  # fmt: skip

# Large files come from `.git/lfs` by our own hand: Git LFS's filters would write there.
WITHOUT_LFS = (
    "-c", "filter.lfs.smudge=",
    "-c", "filter.lfs.clean=",
    "-c", "filter.lfs.process=",
    "-c", "filter.lfs.required=false",
)  # fmt: skip


_VARIABLES = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}

# What Git says of a repository that lacks what it names, or holds it broken.
_DAMAGED = ("corrupt", "inflate", "is empty", "unable to read", "index file smaller", "bad signature")


class Untrusted(BadInput):
    """Git refuses to read a repository that belongs to another user."""


def environment(host: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The variables for Git: those of the host, without what would point it to another repository.

    No network either: a partial clone would fetch what it lacks, and write it into the user's repository.
    """
    kept = {name: value for name, value in host.items() if not name.startswith("GIT_")}
    return {**kept, **_VARIABLES}


def run(
    *arguments: str | Path,
    folder: Path,
    env: Mapping[str, str] | None = None,
    content: bytes = b"",
    accept: tuple[int, ...] = (),
) -> process.Completed:
    """Run `git` in a folder. Raises BadInput with Git's words for an exit code that is not in `accept`."""
    variables = {**environment(), **(env or {})}
    try:
        done = process.run(["git", *_OPTIONS, *arguments], env=variables, folder=folder, content=content)
    except FileNotFoundError as error:
        raise _cannot_start(folder) from error
    return checked(done, folder, accept)


def run_at_once(
    *commands: Sequence[str | Path], folder: Path, env: Mapping[str, str] | None = None
) -> list[process.Completed]:
    """Run several `git`s that do not need each other; ask `checked` of each. Raises as `run`."""
    variables = {**environment(), **(env or {})}
    whole = [("git", *_OPTIONS, *arguments) for arguments in commands]
    try:
        return process.run_at_once(whole, env=variables, folder=folder)
    except FileNotFoundError as error:
        raise _cannot_start(folder) from error


def checked(done: process.Completed, folder: Path, accept: tuple[int, ...] = ()) -> process.Completed:
    """What has ended well. Raises BadInput with Git's words for an exit code that is not in `accept`."""
    if done.exit_code != 0 and done.exit_code not in accept:
        raise failed(done, folder)
    return done


def _cannot_start(folder: Path) -> Problem:
    if not folder.is_dir():
        return BadInput(f"there is no folder {folder}")
    return Infrastructure("Git is not installed", hint="install git, for example: apt install git")


def read(*arguments: str | Path, folder: Path, env: Mapping[str, str] | None = None) -> bytes:
    """What a `git` command writes."""
    return run(*arguments, folder=folder, env=env).output


def text(content: bytes) -> str:
    """Git's output as text; bytes that are no UTF-8 keep their place, as in the names of Python's files."""
    return content.decode("utf-8", "surrogateescape")


def failed(done: process.Completed, folder: Path) -> Problem:
    """The error for a failed command: Git's own words, and what helps."""
    lines = [line for line in text(done.error).splitlines() if line.strip()]
    said = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[0] if lines else "")
    said = said.removeprefix("fatal: ").removeprefix("error: ") or f"it ended with code {done.exit_code}"
    if "No space left on device" in text(done.error) or ("unable to write" in said and disk.is_full(folder)):
        return disk.FullDisk(folder)
    if "dubious ownership" in said:
        return Untrusted(
            f"Git does not trust {folder}: it belongs to another user",
            hint=f"git config --global --add safe.directory {folder}",
        )
    is_damaged = said == "bad object HEAD" or any(word in said for word in _DAMAGED)
    hint = "`git fsck` says what is damaged; another clone may have it" if is_damaged else ""
    return BadInput(f"Git says of {folder}: {said}", hint)
