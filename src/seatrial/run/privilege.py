"""`sudo` for the commands of other systems' files on this machine: it refuses, and says why.

Such files take the machine for their own, as a container or a virtual machine is, where `sudo` is theirs.
"""

from __future__ import annotations

import os
from pathlib import Path

from seatrial.system import files

NAMES = ("sudo", "doas")
_FOLDER = "refused"
_REFUSAL = """\
#!/bin/sh
echo "${0##*/} is refused outside of a container: ${0##*/} $*" >&2
exit 1
"""


def refusing(home: Path) -> Path:
    """A folder for the front of PATH whose `sudo` refuses; made where it is missing."""
    folder = home / _FOLDER
    for name in NAMES:
        path = folder / name
        if not path.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
            files.write(path, _REFUSAL.encode(), mode=0o755)
    return folder


def lasting(path: str, home: Path) -> str:
    """A PATH without what a run has put there for itself: for what is to live longer than the run."""
    own = (f"{home}/{_FOLDER}", f"{home}/workspaces/")
    return os.pathsep.join(part for part in path.split(os.pathsep) if not part.startswith(own))
