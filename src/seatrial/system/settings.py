"""What the surroundings say: where state lives, and the few variables that seatrial itself reads."""

import os
from collections.abc import Mapping
from pathlib import Path

from seatrial.errors import BadInput
from seatrial.named_tuple import NamedTuple
from seatrial.system import disk

HOME = "SEATRIAL_HOME"
RUN = "SEATRIAL_RUN"


class Settings(NamedTuple):
    """`home` holds all state of this user; `run` is the id of the run we were started in, or ""."""

    home: Path
    run: str = ""


def read(env: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process; the home is made, with mode 0700, when it is missing."""
    home = place(env)
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        if known := disk.problem(error, home):
            raise known from error
        hint = "set SEATRIAL_HOME to a folder that you can write"
        raise BadInput(f"cannot make the home {home}: {error.strerror}", hint=hint) from error
    return Settings(home, env.get(RUN, ""))


def place(env: Mapping[str, str] = os.environ) -> Path:
    """Where the home is, or is to be."""
    home = Path(env.get(HOME) or default_home(env))
    if not home.is_absolute():
        raise BadInput(f"SEATRIAL_HOME is not an absolute path: {home}")
    return home


def default_home(env: Mapping[str, str]) -> str:
    """As the XDG base directories have it. A service may have no HOME: its user has one."""
    state = env.get("XDG_STATE_HOME") or f"{env.get('HOME') or _home_of_the_user()}/.local/state"
    return f"{state}/seatrial"


def _home_of_the_user() -> str:
    from seatrial.system import user

    found = user.home()
    if not found:
        raise BadInput("there is no HOME", hint="set SEATRIAL_HOME to a folder that you can write")
    return found
