"""The Python environment that was there when a package was made: the same packages in the same versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from seatrial.journal.journal import Journal
from seatrial.run import python_environment
from seatrial.run.python_environment import Log, PythonEnvironment
from seatrial.run.requirements import CONSTRAINT


def listed(environment: PythonEnvironment) -> tuple[str, ...]:
    """The packages of an environment as requirements name them: "numpy==2.3.1"."""
    return tuple(f"{name}=={version}" for name, version in environment.packages)


def ensure(
    home: Path,
    journal: Journal,
    requirements: str,
    packages: tuple[str, ...],
    log: Log,
    *,
    host_env: Mapping[str, str],
    token: str = "",
    is_cancelled: Callable[[], bool] = lambda: False,
) -> PythonEnvironment:
    """The environment of the requirements if it still has these packages, else one that is held to them.

    Raises as `python_environment.ensure` does.
    """
    found = python_environment.known(home, requirements, host_env=host_env)
    if found is not None and listed(found) == packages:
        return found
    text = with_constraints(requirements, packages)
    return python_environment.ensure(
        home, journal, text, log, host_env=host_env, token=token, is_cancelled=is_cancelled
    )


def with_constraints(requirements: str, packages: tuple[str, ...]) -> str:
    """The requirements, held to the versions of the packages; one from a repository ("@") names its own."""
    fixed = [f"{CONSTRAINT}{one}\n" for one in packages if "@" not in one]
    text = requirements if requirements.endswith("\n") or not requirements else requirements + "\n"
    return text + "".join(fixed)
