"""Programs that stand first on the PATH of other systems' files on this machine.

Such files take the machine for their own, as a container or a virtual machine is. `sudo` is theirs there:
here it refuses, and says why. OpenSSH looks for keys, known hosts and settings in the home of the user,
whatever HOME says: here it is told to look in HOME.
"""

from __future__ import annotations

import os
from pathlib import Path

from seatrial.system import files

REFUSED = ("sudo", "doas")
AT_HOME = ("ssh", "scp", "sftp")
_FOLDER = "guards"
_REFUSAL = """\
#!/bin/sh
echo "${0##*/} is refused outside of a container: ${0##*/} $*" >&2
exit 1
"""
# What the caller gives by -o comes second, and by -i beside; a -F of theirs stands for ours.
_SSH = """\
#!/bin/sh
own=${0%/*} name=${0##*/} real=
IFS=:
for folder in $PATH; do
    if [ "$folder" != "$own" ] && [ -x "$folder/$name" ]; then real=$folder/$name; break; fi
done
unset IFS
[ "$real" ] || { echo "$name: not found" >&2; exit 127; }
mkdir -p -m 700 "$HOME/.ssh"
for key in rsa ecdsa ed25519; do set -- -o "IdentityFile=\\"$HOME/.ssh/id_$key\\"" "$@"; done
config=none
for file in /etc/ssh/ssh_config "$HOME/.ssh/config"; do [ ! -f "$file" ] || config=$file; done
set -- -F "$config" -o "UserKnownHostsFile=\\"$HOME/.ssh/known_hosts\\"" "$@"
exec "$real" "$@"
"""
_TEXTS = {**dict.fromkeys(REFUSED, _REFUSAL), **dict.fromkeys(AT_HOME, _SSH)}


def folder(home: Path) -> Path:
    """A folder for the front of PATH; made where it, or one of them, is missing."""
    made = home / _FOLDER
    for name, text in _TEXTS.items():
        path = made / name
        if not path.exists():
            made.mkdir(mode=0o700, exist_ok=True)
            files.write(path, text.encode(), mode=0o755)
    return made


def lasting(path: str, home: Path) -> str:
    """A PATH without what a run has put there for itself: for what is to live longer than the run."""
    own = (f"{home}/{_FOLDER}", f"{home}/workspaces/")
    return os.pathsep.join(part for part in path.split(os.pathsep) if not part.startswith(own))
