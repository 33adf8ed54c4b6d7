"""The Python of a stage, by the real command: built once from a server of packages, and its log."""

from __future__ import annotations

import base64
import os
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.cli.terminal import seatrial
from tests.conftest import Repository

pytestmark = pytest.mark.slow


def _wheel(folder: Path, name: str, size: int) -> None:
    """A package with one module, and a file of that size that no packing makes smaller."""
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as file:
        file.writestr(f"{name}.py", "version = '1.0'\n")
        file.writestr(f"{name}.bin", base64.b64encode(os.urandom(size)))
        file.writestr(f"{name}-1.0.dist-info/METADATA", metadata)
        file.writestr(f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        file.writestr(f"{name}-1.0.dist-info/RECORD", "")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and where it is served."""
    folder = tmp_path / "served"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


def test_what_pip_says_is_fit_for_a_log(tiny: Repository, served: tuple[Path, str]) -> None:
    folder, address = served
    _wheel(folder, "heavy", 3 << 20)
    tiny.write("requirements.txt", f"--no-index\n--find-links {address}\nheavy\n")
    tiny.write(
        "seatrial.yaml", "project: tiny\npython: requirements.txt\nstages: {a: python -c 'import heavy'}\n"
    )
    tiny.commit("python")
    env = {"FORCE_COLOR": "1", "PIP_NO_CACHE_DIR": "1", "NO_COLOR": ""}
    ended = seatrial("run", folder=tiny.folder, env=env)
    assert ended.code == 0, ended.out
    log = seatrial("logs", "1", "a", folder=tiny.folder).out
    assert "Successfully installed heavy-1.0" in log
    for noise in ("\x1b", "\\x1b", "━", "MB/s", "[notice]", "Running pip as the 'root'"):
        assert noise not in log


def test_what_pip_cannot_do_is_shown_where_the_requirements_are_named(
    tiny: Repository, served: tuple[Path, str]
) -> None:
    tiny.write("requirements.txt", f"--no-index\n--find-links {served[1]}\nnothing-like-it\n")
    tiny.write("seatrial.yaml", "project: tiny\npython: requirements.txt\nstages: {a: ls}\n")
    tiny.commit("python")
    ended = seatrial("run", folder=tiny.folder)
    assert ended.code == 2
    assert "      seatrial.yaml:2:9: error: the Python environment could not be built" in ended.out
    assert "No matching distribution found for nothing-like-it" in ended.out
    assert (
        list((Path(os.environ["SEATRIAL_HOME"]) / "environments").glob("*/seatrial-environment.json")) == []
    )
