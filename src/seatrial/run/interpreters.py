"""The Pythons of this machine by version, for files of other systems, which name one a job."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from subprocess import SubprocessError

from seatrial.errors import BadInput
from seatrial.pipeline.pipeline import Stage, place_of
from seatrial.pipeline.step import LeaveOut
from seatrial.system import process

VARIABLE = "SEATRIAL_PYTHON"  # what a job of another system makes its environment with

_PATIENCE_SECONDS = 20.0
_KNOWN = ("2.7", *(f"3.{minor}" for minor in range(5, 16)), "pypy3")
_MOST = 8  # jobs that a message names


def ask_for(stages: Iterable[Stage], host_env: Mapping[str, str]) -> None:
    """Raise BadInput where stages want a Python that this machine has not."""
    stages = tuple(stages)
    lacking = [stage for stage in stages if _is_lacking(stage, host_env)]
    if not lacking:
        return
    versions = ", ".join(dict.fromkeys(stage.interpreter for stage in lacking))
    here = ", ".join(found(host_env)) or "none"
    message = f"{_named(lacking)} want{'s' if len(lacking) == 1 else ''} Python {versions}; here is {here}"
    bare = [one for one in dict.fromkeys(stage.interpreter for stage in lacking) if _is_bare(one, host_env)]
    hint = "put them on PATH as pythonX.Y"
    if bare:
        message += f", and a {', '.join(bare)} without venv and virtualenv"
        hint = f"install virtualenv for it, {hint}"
    hint += ", or run the jobs in an image: --image 'python:{python}'"
    if len(lacking) < len(stages):
        hint += "; or pass over them: --skip-missing"
    raise BadInput(message, hint, place_of(lacking[0], "interpreter"))


def _named(stages: list[Stage]) -> str:
    names = [f"`{stage.name}`" for stage in stages[:_MOST]]
    return ", ".join(names) + (f" and {len(stages) - _MOST} more" if len(stages) > _MOST else "")


def without_lacking(stages: Iterable[Stage], host_env: Mapping[str, str]) -> tuple[Stage, ...]:
    """The stages, of which those are left out that want a Python which is not here."""
    return tuple(
        stage._replace(
            steps=(LeaveOut(f"passed over: this machine has no Python {stage.interpreter}"),), interpreter=""
        )
        if _is_lacking(stage, host_env)
        else stage
        for stage in stages
    )


def _is_lacking(stage: Stage, host_env: Mapping[str, str]) -> bool:
    return bool(stage.interpreter) and not stage.image and not path_of(stage.interpreter, host_env)


def found(host_env: Mapping[str, str]) -> tuple[str, ...]:
    """The versions that are here, of those that files name."""
    return tuple(version for version in _KNOWN if path_of(version, host_env))


def path_of(version: str, host_env: Mapping[str, str]) -> str:
    """The interpreter of a version, "" where there is none that can make a virtual environment."""
    return _path_of(version, host_env.get("PATH", ""), host_env.get("PYENV_ROOT", ""))


def _is_bare(version: str, host_env: Mapping[str, str]) -> bool:
    """Whether it is here, and can make no virtual environment."""
    found = _candidates(version, host_env.get("PATH", ""), host_env.get("PYENV_ROOT", ""))
    return any(os.access(one, os.X_OK) and _can(one, "sys") for one in found)


@lru_cache
def _path_of(version: str, path: str, pyenv: str) -> str:
    return next((one for one in _candidates(version, path, pyenv) if _is_usable(one)), "")


def _candidates(version: str, path: str, pyenv: str) -> Iterator[str]:
    folders = [folder for folder in path.split(os.pathsep) if folder]
    for name in _names(version):
        for folder in folders:
            kept = _of_shims(folder)
            yield from fitting(kept, version) if kept and version else (f"{folder}/{name}",)
    if pyenv and version:
        yield from fitting(Path(pyenv, "versions"), version)


def _of_shims(folder: str) -> Path | None:
    """Where pyenv has what its programs on PATH stand for: asking one takes a quarter of a second."""
    kept = Path(folder.removesuffix("/shims"), "versions")
    return kept if folder.endswith("/shims") and kept.is_dir() else None


def fitting(kept: Path, version: str) -> list[str]:
    """The interpreters of a version among those that pyenv keeps: the very one, then the newest."""
    found = [one for one in kept.iterdir() if _is_of(one.name, version)] if kept.is_dir() else []
    found.sort(key=lambda one: (one.name == version, _rank(one)), reverse=True)
    return [f"{one}/bin/python" for one in found]


def _names(version: str) -> tuple[str, ...]:
    """By what names it may be on PATH, the most exact first."""
    if version in ("", "nightly"):
        return ("python3",)
    if not version[0].isdigit():
        return tuple(dict.fromkeys((version, version.partition("-")[0])))
    plain = version.partition("-")[0]
    return tuple(dict.fromkeys((f"python{plain}", f"python{'.'.join(plain.split('.')[:2])}")))


def _is_of(name: str, version: str) -> bool:
    short = ".".join(version.partition("-")[0].split(".")[:2])
    return name in (version, short) or name.startswith(short + ".")


def _rank(folder: Path) -> list[int]:
    return [int(part) if part.isdigit() else -1 for part in folder.name.split(".")]


def _is_usable(path: str) -> bool:
    """Not every file of the name is one: a shim may stand for a version that is not there."""
    return os.access(path, os.X_OK) and (_can(path, "venv") or _can(path, "virtualenv"))


def _can(path: str, module: str) -> bool:
    """Whether an interpreter starts and has a module."""
    try:
        done = process.run([path, "-c", f"import {module}"], timeout_seconds=_PATIENCE_SECONDS)
    except (OSError, SubprocessError):
        return False
    return done.exit_code == 0
