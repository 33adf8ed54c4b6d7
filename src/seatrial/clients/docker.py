"""Docker, through its command line, on an engine of this machine."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from seatrial.errors import Infrastructure, StageFailed
from seatrial.system import process

_ANSWER_SECONDS = 10.0
_SHOWN_LINES = "20"
# What the engine says of an image whose name is none, or which no registry gives us.
_OF_NAME = (
    "invalid reference format",
    "must be lowercase",
    "manifest unknown",
    "repository does not exist",
    "pull access denied",
    "unauthorized:",
    ": not found",
)
_ENGINE_HINT = "start it, or name another by DOCKER_HOST; see `seatrial doctor`"


def problem() -> str:
    """Why there is no engine that can share folders with us, "" when there is one."""
    host = os.environ.get("DOCKER_HOST", "")
    if host and not host.startswith("unix://"):
        return f"DOCKER_HOST is {host}: an engine of another machine cannot see the workspaces of this one"
    try:
        version = ["docker", "version", "--format", "{{.Server.Version}}"]
        done = process.run(version, timeout_seconds=_ANSWER_SECONDS)
    except OSError:
        return "there is no docker command on PATH"
    except subprocess.TimeoutExpired:
        return f"the Docker engine did not answer within {_ANSWER_SECONDS:.0f} s"
    return "" if done.exit_code == 0 else f"no Docker engine answers: {_words(done)}"


def run(*arguments: str) -> str:
    """What `docker` writes. Raises StageFailed with its words: what a file asks for is at fault."""
    done = _run(*arguments)
    if done.exit_code:
        raise StageFailed(f"docker {arguments[0]}: {_words(done)}")
    return done.output.decode("utf-8", "replace").strip()


def login(url: str, user: str, password: str, config: Path) -> None:
    """Let what has this folder as its DOCKER_CONFIG in at a registry. Raises StageFailed."""
    config.mkdir(mode=0o700, parents=True, exist_ok=True)
    words = (
        "--config",
        str(config),
        "login",
        "--username",
        user,
        "--password-stdin",
        *([url] if url else []),
    )
    done = _run(*words, content=password.encode())
    if done.exit_code:
        raise StageFailed(f"docker login {url}: {_words(done)}")


def inspect(kind: str, name: str) -> Any:
    """What the engine knows of a container, an image or a network; None where there is no such one."""
    done = _run(kind, "inspect", "--", name)
    if done.exit_code == 0:
        return inspected(kind, done.output)
    is_missing = b"no such" in done.error.lower() or b"not found" in done.error.lower()
    if is_missing or is_of_name(_words(done)):
        return None
    raise Infrastructure(f"docker {kind} inspect: {_words(done)}", hint=_ENGINE_HINT)


def inspected(kind: str, output: bytes) -> dict[str, Any]:
    """The first of the documents that `inspect` writes. Raises Infrastructure where there is none."""
    try:
        found = json.loads(output)[0]
    except (ValueError, LookupError, TypeError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Infrastructure(f"docker {kind} inspect: it answered no document", hint=_ENGINE_HINT)
    return found


def is_of_name(words: str) -> bool:
    """Whether the engine blames the name of an image, and not a part that we stand on."""
    return any(one in words.lower() for one in _OF_NAME)


def last_lines(container: str) -> str:
    """What a container has written last, to be put after a message; "" where that is nothing."""
    done = _run("logs", "--tail", _SHOWN_LINES, container)
    said = (done.output + done.error).decode("utf-8", "replace").strip()
    return f":\n{said}" if done.exit_code == 0 and said else ""


def remove_labelled(label: str) -> None:
    """Remove the containers that carry a label, running or not, and then the networks."""
    by = ("--quiet", "--filter", f"label={label}")
    if containers := _run("container", "ls", "--all", *by).output.decode().split():
        _run("rm", "--force", "--volumes", *containers)
    if networks := _run("network", "ls", *by).output.decode().split():
        _run("network", "rm", *networks)


def _run(*arguments: str, content: bytes = b"") -> process.Completed:
    try:
        return process.run(["docker", *arguments], content=content)
    except OSError as error:
        raise Infrastructure(f"cannot start docker: {error.strerror}", hint="see `seatrial doctor`") from None


def _words(done: process.Completed) -> str:
    return last_words(done.error.decode("utf-8", "replace")) or f"exit code {done.exit_code}"


def last_words(text: str) -> str:
    """What Docker's command line says went wrong: its last line but that on its own help."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    said = [line for line in lines if not line.startswith(("Run 'docker", "See 'docker", "Usage:"))]
    return said[-1].removeprefix("docker: ").removeprefix("Error response from daemon: ") if said else ""
