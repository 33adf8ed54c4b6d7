"""A command that is to say something and end: its output bounded, its time too, nothing of it left behind."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from seatrial.gateway import servers
from seatrial.named_tuple import NamedTuple
from seatrial.system import files, process

LARGEST_OUTPUT = 64 * 1024


class Said(NamedTuple):
    """`exit_code` is None where it was ended because it took too long, or said too much."""

    exit_code: int | None
    output: bytes
    error: bytes


def run(
    home: Path, token: str, command: str, folder: Path, env: Mapping[str, str], timeout_seconds: float
) -> Said:
    """Run a command of the shell to its end. Raises OSError where it cannot be started.

    Whoever ends all that carries the token (`process.end_token`) ends it early.
    """
    own = servers.own_folder(home, token)
    own.mkdir(mode=0o700, parents=True, exist_ok=True)
    variables = {**env, "HOME": str(own), "TMPDIR": str(own), process.TOKEN: token}
    pipe = subprocess.PIPE
    child = subprocess.Popen(  # its pipes are closed below, also where somebody who fled still has them
        ["/bin/sh", "-c", command],
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=pipe,
        stderr=pipe,
        start_new_session=True,
    )
    try:
        return _heard(child, time.monotonic() + timeout_seconds)
    finally:
        process.send(child.pid, signal.SIGKILL, group=True)
        process.end_token(token, 0)
        child.wait()
        for end in (child.stdout, child.stderr):
            assert end is not None
            end.close()
        with contextlib.suppress(OSError):  # what it made for itself must not keep it from being over
            files.remove(own)


def _heard(child: subprocess.Popen[bytes], deadline: float) -> Said:
    """All that it writes until it ends itself; a process that it leaves behind is not waited for."""
    assert child.stdout is not None
    assert child.stderr is not None
    found = {child.stdout.fileno(): b"", child.stderr.fileno(): b""}
    death = os.pidfd_open(child.pid)
    poll = select.poll()
    for descriptor in (*found, death):
        os.set_blocking(descriptor, False)
        poll.register(descriptor, select.POLLIN)
    is_over = False
    try:
        while not is_over:
            ready = {descriptor for descriptor, _ in poll.poll(max(0.0, deadline - time.monotonic()) * 1000)}
            is_over = death in ready
            for descriptor in found.keys() & ready:
                piece = _available(descriptor)
                found[descriptor] += piece
                if not piece:
                    poll.unregister(descriptor)
            if not ready or sum(map(len, found.values())) > LARGEST_OUTPUT:
                return Said(None, *found.values())
    finally:
        os.close(death)
    return Said(child.wait(), *found.values())


def _available(descriptor: int) -> bytes:
    """What can be read at once, at most a little more than is kept."""
    content = b""
    with contextlib.suppress(BlockingIOError):
        while len(content) <= LARGEST_OUTPUT and (piece := os.read(descriptor, 65536)):
            content += piece
    return content
