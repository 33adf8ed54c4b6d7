"""Runs the real command, in a pipe or under a terminal."""

from __future__ import annotations

import contextlib
import io
import os
import pty
import select
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from seatrial.cli import main

PROGRAM = (sys.executable, "-m", "seatrial")


class Ended(NamedTuple):
    code: int
    out: str
    err: str


def seatrial(
    *words: str | Path,
    folder: Path,
    env: dict[str, str] | None = None,
    timeout: float = 300.0,
    by: Sequence[str] = (),
) -> Ended:
    """Run it in a pipe to its end; `by` are words that start what stands behind them in some other way."""
    done = subprocess.run(
        [*by, *PROGRAM, *map(str, words)],
        cwd=folder,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def within(*words: str | Path, folder: Path) -> Ended:
    """The same in this process, in a tenth of the time: for what only reads, writes and says."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main.run([str(word) for word in words])
    return Ended(code, out.getvalue(), err.getvalue())


def under_terminal(
    words: Sequence[str | Path],
    folder: Path,
    env: dict[str, str] | None = None,
    timeout: float = 300.0,
    answer: str | None = None,
    hear: Callable[[str], None] = lambda _: None,
) -> tuple[int, str]:
    """Run it under a terminal of 120 columns, its own; its exit code and all that it wrote.

    `answer` is typed when it asks; `hear` is told all that it has written so far.
    """
    main, other = pty.openpty()
    os.set_blocking(main, False)
    variables = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40", **(env or {})}
    variables.pop("NO_COLOR", None)
    process = subprocess.Popen(
        [*PROGRAM, *map(str, words)], cwd=folder, env=variables, preexec_fn=partial(os.login_tty, other)
    )
    os.close(other)
    written = b""
    try:
        while select.select([main], [], [], timeout)[0]:
            try:
                chunk = os.read(main, 65536)
            except OSError:  # the last writer has closed it
                break
            if not chunk:
                break
            written += chunk
            hear(written.decode(errors="replace"))
            if answer is not None and b"[y/N]" in written:
                os.write(main, f"{answer}\n".encode())
                answer = None
        return process.wait(timeout), written.decode(errors="replace")
    finally:
        process.kill()
        process.wait()
        os.close(main)
