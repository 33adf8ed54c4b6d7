"""A Python of its own for a job of another system's file on this machine, or for all that share a workspace.

Such files say `pip install` as if the machine were theirs. A virtual environment takes what they
install; it sees all that the Python on PATH has, so nothing that was there is missing. It is made without pip
of its own (in a tenth of the time), as pip is found where that Python has it. A pip that belongs to no
virtual environment, such as that of another version, refuses by PIP_REQUIRE_VIRTUALENV.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from threading import Lock

from seatrial.errors import Infrastructure
from seatrial.pipeline.pipeline import Variables
from seatrial.run import python_environment
from seatrial.system import files, process

NAMES = ("PIP_REQUIRE_VIRTUALENV", "NPM_CONFIG_PREFIX")

_PATIENCE_SECONDS = 120.0
_one_at_a_time = Lock()
_MAKE = """\
import site, sys, venv
target = sys.argv[1]
venv.EnvBuilder(symlinks=True, system_site_packages=True).create(target)
if sys.prefix != sys.base_prefix:
    around = site.getsitepackages()
    path = "%s/lib/python%d.%d/site-packages/around.pth" % (target, *sys.version_info[:2])
    with open(path, "w") as file:
        file.writelines("import site; site.addsitedir(%r)\\n" % one for one in around)
"""
_PIP = '#!/bin/sh\nexec "${0%/*}/python3" -m pip "$@"\n'


def variables(folder: Path) -> Variables:
    """What keeps the programs that install to that folder: `npm install -g` goes there as well."""
    return tuple(zip(NAMES, ("1", str(folder)), strict=True))


def ensure(folder: Path, host_env: Mapping[str, str]) -> Path | None:
    """The virtual environment in a folder, made where it is missing; None where PATH has no Python.

    Raises Infrastructure where it cannot be made.
    """
    found = python_environment.on_path(host_env.get("PATH", ""))
    if not found:
        return None
    ready = folder / "bin" / "pip3"  # written last
    with _one_at_a_time:
        if not ready.exists():
            files.remove(folder)
            folder.parent.mkdir(parents=True, exist_ok=True)
            _make(found, folder, host_env)
    return folder


def _make(python: str, folder: Path, host_env: Mapping[str, str]) -> None:
    words = [python, "-I", "-c", _MAKE, str(folder)]
    done = process.run(words, env=dict(host_env), timeout_seconds=_PATIENCE_SECONDS)
    if done.exit_code:
        last = done.error.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise Infrastructure(f"{python} makes no virtual environment: {last}", "see `seatrial doctor`")
    for name in ("pip", "pip3"):
        files.write(folder / "bin" / name, _PIP.encode(), mode=0o755)
