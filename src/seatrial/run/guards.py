"""Programs that stand first on the PATH of other systems' files on this machine.

Such files take the machine for their own, as a container or a virtual machine is. `sudo` is theirs there:
here it refuses, and says why; so does what would go on when the run has ended. OpenSSH looks for keys, known
hosts and settings in the home of the user, whatever HOME says: here it is told to look in HOME.
"""

from __future__ import annotations

import os
from pathlib import Path

from seatrial.pipeline.privileged import REFUSED
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
_SSH_FOLDER = """\
mkdir -p -m 700 "$HOME/.ssh"
"""
# What the caller gives by -o comes second, and by -i beside; a -F of theirs stands for ours.
_SSH = """\
for key in rsa ecdsa ed25519; do set -- -o "IdentityFile=\\"$HOME/.ssh/id_$key\\"" "$@"; done
config=none
for file in /etc/ssh/ssh_config "$HOME/.ssh/config"; do [ ! -f "$file" ] || config=$file; done
set -- -F "$config" -o "UserKnownHostsFile=\\"$HOME/.ssh/known_hosts\\"" "$@"
"""
# Where no file is named, the file that it would ask for, or take. Since OpenSSH 9.5 a key is an ed25519 one.
_SSH_KEYGEN = """\
file=id type=rsa
case $(ssh -V 2>&1) in OpenSSH_9.[5-9]*|OpenSSH_[1-9][0-9]*) type=ed25519 ;; esac
while getopts :ABHKLQUXceghiklopquvyC:D:E:F:I:M:N:O:P:R:V:Y:Z:a:b:f:m:n:r:s:t:w:z: option; do
    case $option in
        [ADIKMQYfkrs]) file= ;;
        [FHR]) file=${file:+known_hosts} ;;
        t) type=$OPTARG ;;
    esac
done
[ "$file" != id ] || file=id_$(echo "$type" | tr - _)
[ ! "$file" ] || set -- -f "$HOME/.ssh/$file" "$@"
"""
# Where no key is named, the keys that there are.
_SSH_ADD = """\
named=
while getopts :cDdKkLlqvXxe:E:h:H:m:M:N:O:s:S:t:T: option; do
    case $option in [DKLlXxesT]) named=1 ;; esac
done
if [ ! "$named" ] && [ "$OPTIND" -gt $# ]; then
    for key in rsa ecdsa ecdsa_sk ed25519 ed25519_sk; do
        if [ -f "$HOME/.ssh/id_$key" ]; then named=1; set -- "$@" "$HOME/.ssh/id_$key"; fi
    done
    [ "$named" ] || { echo "there is no key in $HOME/.ssh" >&2; exit 1; }
fi
"""
_EXEC = """\
exec "$real" "$@"
"""
_LED = {
    **dict.fromkeys(("ssh", "scp", "sftp"), _SSH_FOLDER + _SSH),
    "ssh-keygen": _SSH_FOLDER + _SSH_KEYGEN,
    "ssh-add": _SSH_ADD,
}
_TEXTS = {
    **dict.fromkeys(REFUSED, _REFUSAL),
    **{name: f"{_REAL}{text}{_EXEC}" for name, text in _LED.items()},
}


def folder(home: Path) -> Path:
    """A folder for the front of PATH; made where it, or one of them, is missing or another."""
    made = home / _FOLDER
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
