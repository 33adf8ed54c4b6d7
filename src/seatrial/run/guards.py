"""Programs that stand first on the PATH of other systems' files on this machine.

Such files take the machine for their own, as a container or a virtual machine is. `sudo` is theirs there:
here it refuses, and says why; so does what would go on when the run has ended. OpenSSH is led to HOME.
"""

from __future__ import annotations

import os
from pathlib import Path

from seatrial.pipeline.privileged import REFUSED
from seatrial.run.openssh import LED
from seatrial.system import files

_FOLDER = "guards"
_REFUSAL = """\
#!/bin/sh
echo "${0##*/} is refused outside of a container: ${0##*/} $*" >&2
exit 1
"""
_REAL = """\
#!/bin/sh
own=${0%/*} name=${0##*/} real=
IFS=:
for folder in $PATH; do
    if [ "$folder" != "$own" ] && [ -x "$folder/$name" ]; then real=$folder/$name; break; fi
done
unset IFS
[ "$real" ] || { echo "$name: not found" >&2; exit 127; }
"""
_EXEC = """\
exec "$real" "$@"
"""
_TEXTS = {
    **dict.fromkeys(REFUSED, _REFUSAL),
    **{name: f"{_REAL}{text}{_EXEC}" for name, text in LED.items()},
}


def place(home: Path) -> Path:
    """The folder for the front of PATH, wherever `folder` has just looked after it."""
    return home / _FOLDER


def folder(home: Path) -> Path:
    """The folder for the front of PATH; made where it, or one of them, is missing or another."""
    made = place(home)
    for name, text in _TEXTS.items():
        path = made / name
        if not _says(path, text):  # one of an earlier version says something else
            made.mkdir(mode=0o700, exist_ok=True)
            files.write(path, text.encode(), mode=0o755)
    return made


def _says(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode()
    except OSError:
        return False


def lasting(path: str, home: Path) -> str:
    """A PATH without what a run has put there for itself: for what is to live longer than the run."""
    own = (f"{home}/{_FOLDER}", f"{home}/workspaces/")
    return os.pathsep.join(part for part in path.split(os.pathsep) if not part.startswith(own))
