"""A Docker engine of the tests' own, with an image that holds busybox and nothing else.

Nothing is pulled: the image is made of Debian's static busybox. The engine listens on a socket of its own,
and has neither a bridge nor rules for the firewall, so it changes nothing of another engine on this machine.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import missing, requires
from tests.parts import path_of

IMAGE = "seatrial/tiny:1"
# busybox's own names of what the tests' scripts say.
_PROGRAMS = (
    "cat",
    "chmod",
    "chown",
    "env",
    "find",
    "head",
    "hostname",
    "id",
    "kill",
    "ls",
    "nc",
    "ps",
    "pwd",
    "rm",
    "mkdir",
    "sh",
    "sleep",
    "test",
    "touch",
    "wc",
)
_START_SECONDS = 240.0


@contextmanager
def running() -> Iterator[str]:
    """The address of an engine, which ends, with all that it holds, when the tests do."""
    requires("dockerd")
    requires("busybox")
    if os.geteuid() != 0:
        missing("a Docker engine can only be started by root")
    # Its sockets' paths must be short, and pytest's folders are not.
    folder = Path(tempfile.mkdtemp(prefix="seatrial-docker-"))
    with (folder / "log").open("wb") as log:
        engine = subprocess.Popen(_command(folder), stdout=log, stderr=log)
    try:
        address = f"unix://{folder}/docker.sock"
        _wait(engine, address, folder / "log")
        _docker(address, "import", "-c", "ENV PATH=/bin", "-", IMAGE, content=_root())
        yield address
    finally:
        engine.terminate()
        engine.wait()
        _unmount_below(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _unmount_below(folder: Path) -> None:
    """What the engine leaves mounted: its namespace of the host's network, always."""
    mounted = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for place in reversed([one for one in mounted if one.startswith(f"{folder}/")]):
        subprocess.run(["umount", place], check=True)


def _command(folder: Path) -> list[str]:
    roots = [f"--data-root={folder}/data", f"--exec-root={folder}/exec", f"--pidfile={folder}/pid"]
    return ["dockerd", *roots, f"--host=unix://{folder}/docker.sock", "--bridge=none", "--iptables=false"]


def _wait(engine: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while subprocess.run(["docker", "--host", address, "version"], capture_output=True).returncode:
        if engine.poll() is not None or time.monotonic() > deadline:
            missing(f"the Docker engine does not start: {log.read_text()[-500:]}")
        time.sleep(0.1)


def _docker(address: str, *arguments: str, content: bytes) -> None:
    subprocess.run(["docker", "--host", address, *arguments], input=content, capture_output=True, check=True)


def _root() -> bytes:
    """The whole image, as a tar."""
    program = path_of("busybox")
    assert program is not None
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        tar.add(program, "bin/busybox")
        for name in _PROGRAMS:
            link = tarfile.TarInfo(f"bin/{name}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
        folder = tarfile.TarInfo("tmp")
        folder.type, folder.mode = tarfile.DIRTYPE, 0o1777
        tar.addfile(folder)
    return made.getvalue()
