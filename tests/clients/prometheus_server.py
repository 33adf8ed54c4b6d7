"""A real Prometheus of a test's own."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seatrial.clients import prometheus
from seatrial.clients.prometheus import Unanswered
from seatrial.gateway import ports
from tests.conftest import requires
from tests.parts import path_of


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Its address; it answers queries."""
    requires("prometheus")
    folder.mkdir(exist_ok=True)
    port = ports.free_port()
    (folder / "prometheus.yml").write_text("global: {scrape_interval: 1s}\n")
    command = [
        str(path_of("prometheus")),
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 240
        while not answers(address):
            assert running.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.1)
        yield address
    finally:
        running.terminate()
        running.wait(120)


def answers(address: str) -> bool:
    try:
        return prometheus.number(address, "vector(1)") == 1.0
    except Unanswered:
        return False
