"""What another system's file finds on this machine in the place of what is the user's.

Its HOME is the run's, but not all programs look there. Java takes the home of the user, GnuPG asks the agent
that serves it, and keyrings, tickets of Kerberos and terminals that are left open are found by the number of
the user. Variables lead these to the run. A login shell begins its PATH anew, so a profile puts back what
stood on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock

from seatrial.pipeline.pipeline import Variables
from seatrial.run.variables import Folders
from seatrial.system import files

NAMES = (
    "GIT_CONFIG_SYSTEM", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "TMUX_TMPDIR", "SCREENDIR",
    "KRB5CCNAME", "GNUPGHOME", "PGPASSFILE", "PGSERVICEFILE", "JAVA_TOOL_OPTIONS", "SEATRIAL_JAVA_OPTIONS",
)  # fmt: skip

_FOLDER = "own"  # beside HOME; its name is short, as the path of a socket may be
# What is set for all users is read as before; what a job sets for them is the run's.
_GIT = "[include]\n\tpath = /etc/gitconfig\n"

_one_at_a_time = Lock()  # stages that begin together may have them in common


def variables(folders: Folders) -> Variables:
    home, own = folders.home, folders.home.parent / _FOLDER
    values = (
        f"{own}/gitconfig",
        f"{own}/run",
        "disabled:",
        f"{own}/run",
        f"{own}/run",
        f"FILE:{own}/krb5cc",
        f"{home}/./.gnupg",  # by its usual path it would ask the agent of the user, which has the user's keys
        f"{home}/.pgpass",
        f"{home}/.pg_service.conf",
        *[f'-Duser.home="{home}"'] * 2,  # also by a name that no file sets
    )
    return tuple(zip(NAMES, values, strict=True))


def led(env: Mapping[str, str]) -> Mapping[str, str]:
    """Put before the options of Java that a file sets what leads it to HOME: Java takes the last of each."""
    ours, found = (env.get(name, "") for name in ("SEATRIAL_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS"))
    return env if ours in found else {**env, "JAVA_TOOL_OPTIONS": f"{ours} {found}".rstrip()}


def furnish(folders: Folders, first: str, path: str) -> None:
    """Make what the variables name, where it is not there yet; `first` is the front of a PATH."""
    own, profile = folders.home.parent / _FOLDER, folders.home / ".profile"
    with _one_at_a_time:
        if not own.exists():
            (own / "run").mkdir(parents=True, mode=0o700)
            files.write(own / "gitconfig", _GIT.encode())
        if not profile.exists():
            from shlex import quote  # only a file of another system has it

            files.write(profile, f"PATH={quote(first)}:$PATH:{quote(path)}\n".encode())
