"""The building of a Python environment: `python -m venv`, then pip, as a process group that can be ended."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from seatrial.errors import BadInput, Infrastructure, Interrupted, Problem
from seatrial.named_tuple import NamedTuple
from seatrial.run import python_environment, requirements
from seatrial.run.executor import Command
from seatrial.run.executors import local
from seatrial.run.python_environment import Log, PythonEnvironment
from seatrial.system import files, lock
from seatrial.system.process import TOKEN

_ASK = "import json, sys, sysconfig; print(json.dumps([sys.version.split()[0], sysconfig.get_platform()]))"
_SHOWN_LINES = 5
# What a log can show: no bars that are redrawn, no colours, and no advice to renew pip or to be another user.
_CALMLY = ("--no-input", "--disable-pip-version-check", "--progress-bar", "off", "--no-color")
# Python compiles a module when it is first imported, and keeps that. Of large packages most never are: to
# compile all of numpy and scikit-learn takes pip 12 of its 17 seconds, and what a stage imports of them 3.
_QUICKLY = ("--no-compile",)
_AS_WHOEVER = {"PIP_ROOT_USER_ACTION": "ignore"}  # older versions of pip have no such option
_NETWORK = (
    "Temporary failure in name resolution",
    "NewConnectionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "ProxyError",
    "Connection refused",
    "Connection reset",
    "Network is unreachable",
    "SSLError",
    "Name or service not known",
)


class Build(NamedTuple):
    """What is to be built. `token` marks the processes, see `seatrial.system.process`."""

    folder: Path
    interpreter: str
    requirements: str
    host_env: Mapping[str, str]
    token: str


class _Failed(Exception):  # noqa: N818 - it never leaves this file
    def __init__(self, output: str) -> None:
        super().__init__(output)
        self.output = output


def build(what: Build, log: Log, is_cancelled: Callable[[], bool]) -> PythonEnvironment:
    """Build it, unless another process has by now. See `python_environment.ensure`."""
    what.folder.parent.mkdir(parents=True, exist_ok=True)
    name = what.folder.with_suffix(".lock")
    if lock.is_held(name):
        log(b"this Python environment is being built: waiting for it\n")
    with lock.held(name):
        found = python_environment.read(what.folder, what.requirements) or _anew(what, log, is_cancelled)
    log(b"the Python environment is ready\n")
    return found


def _anew(what: Build, log: Log, is_cancelled: Callable[[], bool]) -> PythonEnvironment:
    files.remove(what.folder)
    log(b"building the Python environment, once\n")
    try:
        return _build(what, log, is_cancelled)
    except _Failed as error:
        raise problem(error.output) from None


def _build(what: Build, log: Log, is_cancelled: Callable[[], bool]) -> PythonEnvironment:
    python = str(what.folder / "bin" / "python")

    def run(*argv: str) -> str:
        return _run(what, argv, log, is_cancelled)

    run(what.interpreter, "-m", "venv", str(what.folder))
    wanted, constraints = requirements.split(what.requirements)
    argv = [python, "-m", "pip", "install", *_CALMLY, *_QUICKLY]
    for option, name, text in (("-r", "requirements.txt", wanted), ("-c", "constraints.txt", constraints)):
        files.write(what.folder / name, text.encode())
        argv += [option, f"{what.folder.name}/{name}"]  # as pip names it in each line that it says
    run(*argv)
    version, platform = json.loads(_run(what, (python, "-I", "-c", _ASK), lambda _: None, is_cancelled))
    environment, marker = python_environment.describe(what.folder, version, platform, what.requirements)
    files.write(what.folder / python_environment.MARKER, marker)
    return environment


def _run(what: Build, argv: tuple[str, ...], log: Log, is_cancelled: Callable[[], bool]) -> str:
    """Run one command to its end and return the end of what it wrote; raises _Failed, Interrupted."""
    kept = bytearray()

    def output(content: bytes) -> None:
        log(content)
        kept.extend(content)
        del kept[:-65536]

    env = {**_AS_WHOEVER, **what.host_env, "PYTHONNOUSERSITE": "1"}
    if what.token:
        env[TOKEN] = what.token
    for name in ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV"):
        env.pop(name, None)
    session = local.prepare()
    try:
        running = local.start(session, Command(argv, env, what.folder.parent), output)
        ended = local.wait(session, running, None, is_cancelled)
    finally:
        local.destroy(session)
    if ended.cancelled:
        raise Interrupted("the building of the Python environment was stopped")
    text = kept.decode("utf-8", "replace")
    if ended.exit_code:
        raise _Failed(text)
    return text


def problem(output: str) -> Problem:
    """What pip's (or venv's) last words mean."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    said = "\n".join(lines[-_SHOWN_LINES:])
    if any(sign in output for sign in _NETWORK):
        hint = "is the package index reachable? pip reads its settings from pip.conf and PIP_* as always"
        return Infrastructure(f"the Python environment could not be built: no connection\n{said}", hint)
    if "No space left on device" in output:
        return Infrastructure(f"the Python environment could not be built\n{said}", "free some space")
    return BadInput(
        f"the Python environment could not be built\n{said}", "change the requirements of the stage"
    )
