"""A page of the documentation, played: its files written, its commands typed, and what they print compared.

A block with a title is a file; in a block of a console (but for one that is to be read `as-is`) a line with a
prompt is typed, and the lines below it are what it prints. `…` stands for whatever is there, alone on a line
for any lines. What differs from run to run (digests, ids, times, dates, ports) is compared by its kind.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.release.site import out_of_patience

FENCE = re.compile(r"^```([a-z]+)(?: title=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ROOT = Path(__file__).parents[2]
SECONDS = 600  # for one command
LOOKS = "seatrial status"  # a revision that was replaced drains for a moment
_END = "\x01end\x01"

# What differs from run to run, and what stands for it; in this order.
VOLATILE = (
    (r"\br-[0-9a-z]{8,}-[0-9a-z]{4,}\b", "RUN"),
    (r"\bsha256:[0-9a-f]{64}\b", "DIGEST"),
    (r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "HEX"),
    (r"\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} GMT", "WHEN"),
    (r"Python/3\.\d+\.\d+", "Python"),
    (r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z| UTC)?)?", "WHEN"),
    (r"\b\d\d:\d\d(?::\d\d(?:\.\d+)?)?\b", "WHEN"),
    (r"127\.0\.0\.1:\d+", "ADDRESS"),
    (r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,40}\b", "HEX"),
    (r"\b\d{12}\b", "HEX"),
    (r"\b\d+m \d\ds|\b\d+h \d\dm", "TIME"),
    (r"\b\d+(?:\.\d+)?(?:e-\d+)? ?(?:ms|s|seconds?|min|minutes?)\b(?: ago)?", "TIME"),
    (r"\b\d+(?:\.\d+)? (?:B|[KMG]iB|kB|bytes)\b", "SIZE"),
    (r"\bpid \d+", "pid"),
    (r"(?:/home/[a-z]+|/\S*/home)/(?=\.local/state)", "~/"),
    (r"/\S*/page\b|/tmp(?=/[a-z])", "/PLACE"),
    (r"[ \t]+", " "),
)


class File(NamedTuple):
    line: int
    path: str
    text: str


class Typed(NamedTuple):
    line: int
    command: str
    printed: str


def elsewhere(text: str, port: int) -> str:
    """The page with a port of its own for what it serves: each has another one, for who plays them all."""
    return re.sub(r"127\.0\.0\.1:808\d\b", f"127.0.0.1:{port}", text)


def steps(text: str) -> Iterator[File | Typed]:
    """What the page asks of its reader, in order."""
    for block in FENCE.finditer(text):
        language, title, content = block.groups()
        line = text.count("\n", 0, block.start()) + 2
        if title:
            yield File(line, title, content)
        elif language == "console":
            yield from _typed(line, content)


def _typed(line: int, content: str) -> Iterator[Typed]:
    command, printed, began = "", "", line
    for number, one in enumerate(content.splitlines(keepends=True), line):
        if one.startswith("$ "):
            if command:
                yield Typed(began, command, printed)
            command, printed, began = one[2:], "", number
        elif command.endswith("\\\n") and not printed:
            command += one.removeprefix("> ")
        else:
            printed += one
    if command:
        yield Typed(began, command, printed)


def pattern(printed: str) -> str:
    """A regular expression for what is printed."""
    lines = [_kind(line) for line in printed.splitlines()]
    parts = [
        r"(?:[^\n]*\n)*?" if line.strip() in ("…", "...") else _of_line(line) + r"\n"
        for line in lines
        if line
    ]
    return "".join(parts)


def _of_line(line: str) -> str:
    return "[^\n]*".join(re.escape(part) for part in line.split("…"))


def _kind(line: str) -> str:
    for expression, name in VOLATILE:
        line = re.sub(expression, name, line)
    return line.rstrip()


def agrees(printed: str, expected: str) -> bool:
    """Whether it is what was expected; stages that run at once may print in any order."""
    said = [kind for one in printed.splitlines() if (kind := _kind(one))]
    if re.fullmatch(pattern(expected), "".join(f"{line}\n" for line in said)):
        return True
    wanted = [kind for one in expected.splitlines() if (kind := _kind(one))]
    at_once = sum(line.startswith(" ▸") for line in wanted) > 1 and "…" not in map(str.strip, wanted)
    return at_once and len(said) == len(wanted) and all(map(_matches, sorted(said), sorted(wanted)))


def _matches(said: str, wanted: str) -> bool:
    return re.fullmatch(_of_line(wanted), said) is not None


class Shell:
    """A bash in a folder of its own, which is typed into."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.output = folder / "printed"
        self.output.touch()
        place, home = folder / "page", folder / "home"
        place.mkdir()
        home.mkdir()
        (home / "seatrial").symlink_to(ROOT)  # a clone of this project
        with self.output.open("ab") as output:
            self.bash = subprocess.Popen(
                ["bash", "--norc"],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=place,
                env={**env, "HOME": str(home)},
                text=True,
                start_new_session=True,
            )

    def type(self, command: str) -> str:
        """What it prints."""
        assert self.bash.stdin is not None
        before = self.output.stat().st_size
        self.bash.stdin.write(f"{command.rstrip()}\necho '{_END}'\n")
        self.bash.stdin.flush()
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline and self.bash.poll() is None:
            printed = self.output.read_bytes()[before:].decode()
            if printed.endswith(f"{_END}\n"):
                return printed.removesuffix(f"{_END}\n")
            time.sleep(0.02)
        raise AssertionError(f"{command!r} did not end")

    def play(self, step: Typed) -> str:
        """What a command prints; one that only looks is typed again while what it shows is on its way."""
        printed = self.type(step.command)
        is_over = out_of_patience()
        while step.command.startswith(LOOKS) and not agrees(printed, step.printed) and not is_over():
            printed = self.type(step.command)
        return printed

    def folder(self) -> Path:
        return Path(f"/proc/{self.bash.pid}/cwd").resolve()

    def write(self, file: File) -> None:
        path = self.folder() / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")

    def move(self, path: str, port: int) -> None:
        """Give what a command wrote, which knows only the page's port, a port of its own."""
        file = self.folder() / path
        file.write_text(elsewhere(file.read_text(encoding="utf-8"), port), encoding="utf-8")

    def end(self) -> None:
        try:
            self.type("seatrial down")
        finally:
            os.killpg(self.bash.pid, signal.SIGTERM)
            self.bash.communicate()


def surroundings() -> dict[str, str]:
    """A machine of its own: nothing of this one's settings."""
    kept = {name: value for name, value in os.environ.items() if name in ("LANG", "TZ", "CI")}
    return {
        **kept,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "GIT_CONFIG_NOSYSTEM": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        **{f"GIT_{who}_NAME": "Ada" for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_EMAIL": "ada@example.org" for who in ("AUTHOR", "COMMITTER")},
    }
