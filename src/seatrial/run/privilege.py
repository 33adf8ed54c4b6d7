"""`sudo` for the commands of other systems' files on this machine: it refuses, and says why.

Such files take the machine for their own, as a container or a virtual machine is, where `sudo` is theirs.
"""

from __future__ import annotations

from pathlib import Path

from seatrial.system import files

NAMES = ("sudo", "doas")
_REFUSAL = """\
#!/bin/sh
echo "${0##*/} is refused outside of a container: ${0##*/} $*" >&2
exit 1
"""


def refusing(home: Path) -> Path:
    """A folder for the front of PATH whose `sudo` refuses; made where it is missing."""
    folder = home / "refused"
    for name in NAMES:
        path = folder / name
        if not path.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
            files.write(path, _REFUSAL.encode(), mode=0o755)
    return folder
