"""What leads OpenSSH to HOME: by itself it looks in the home of the user, whatever HOME says.

By -F `ssh` reads one file, made anew: the settings of the job and of the machine, and then, as the first
value counts, the keys and known hosts in HOME. `~` and `%d`, by which OpenSSH means the home of the user, are
HOME in it, and in what it includes, which is copied. What `~` means to a shell (ProxyCommand) or to the other
machine (RemoteCommand) is left. A -F of the caller's stands for the settings of the job and the machine.
"""

from __future__ import annotations

_FOLDER = """\
mkdir -p -m 700 "$HOME/.ssh"
"""
# The files of a call are named by its process, and go with the first call that finds it ended.
_SETTINGS = r"""
home=$(printf '%s\n' "$HOME" | sed 's/%/%%/g; s/[\\&,]/\\&/g')
led() {
    sed -E -e 's,^(-o)?[[:space:]]*[a-z0-9]+(file|path|agent|keys|provider)[[:space:]=],&,I' -e 't path' \
        -e 'b others' -e ':path' \
        -e 's,([[:space:]="])%d/,\1~/,g' -e "s,([[:space:]=])~/([^[:space:]]*),\1\"$home/\2\",g" \
        -e "s,\"~/,\"$home/,g" \
        -e ':others' -e "s,([^%])((%%)*)%d,\1\2$home,g" -e 's,^[[:space:]]*include[[:space:]=]+,Include ,I'
}
part() { # FILE FOLDER OF
    [ -f "$1" ] || return 0
    number=$((number + 1))
    printf 'Include "%s"\n' "$3-$number"
    copy "$1" "$2" "$3-$number"
}
copy() ( # FILE FOLDER NEW; what is more than 16 deep OpenSSH refuses
    case $3 in */*-*-*-*-*-*-*-*-*-*-*-*-*-*-*-*-*-*-*) exit ;; esac
    number=0
    led < "$1" | while IFS= read -r line || [ "$line" ]; do
        case $line in "Include "*) include "${line#Include }" "$2" "$3" ;; *) printf '%s\n' "$line" ;; esac
    done > "$3"
)
include() { # NAMES FOLDER OF
    set -f
    for name in $(printf '%s\n' "$1" | tr -d '"'); do
        case $name in "~/"*) name=$HOME/${name#??} ;; /*) ;; *) name=$2/$name ;; esac
        IFS=; set +f
        for file in $name; do part "$file" "$2" "$3"; done
        unset IFS
    done
}
settings() { # OF
    number=0
    case $theirs in
        '') part "$HOME/.ssh/config" "$HOME/.ssh" "$1"; part /etc/ssh/ssh_config /etc/ssh "$1" ;;
        *) part "$theirs" "$HOME/.ssh" "$1" ;;
    esac
    {
        printf 'UserKnownHostsFile ~/.ssh/known_hosts\nIdentityFile none\n'
        for key in rsa ecdsa ecdsa_sk ed25519 ed25519_sk; do
            [ ! -f "$HOME/.ssh/id_$key" ] || echo "IdentityFile ~/.ssh/id_$key"
        done
    } | led
}
theirs= again=1
while :; do
    while getopts "$options" option; do [ "$option" != F ] || theirs=$OPTARG; done
    [ "$again" ] && [ "$OPTIND" -lt $# ] || break
    again= OPTIND=$((OPTIND + 1)) # options may follow the host
done
case $theirs in ''|none) ;; *) [ -r "$theirs" ] || exec "$real" "$@" ;; esac
made=$HOME/.ssh/.led/$$
(
    umask 077
    mkdir -p "${made%/*}"
    for old in "${made%/*}"/*; do
        process=${old##*/}
        kill -0 "${process%%-*}" 2> /dev/null || rm -f "$old"
    done
    settings "$made" > "$made"
) || exit 255 # without them it would take the keys of the user
at=1
for word; do
    shift
    if [ "$at" -lt "$OPTIND" ]; then
        case $word in
            *=*"~/"*|*=*%d*) word=$(printf '%s\n' "$word" | led) ;;
            "${theirs:-/}") word=$made ;;
            "-F${theirs:-/}") word=-F$made ;;
        esac
    fi
    set -- "$@" "$word"
    at=$((at + 1))
done
[ "$theirs" ] || set -- -F "$made" "$@"
"""
# Where no file is named, the file that it would ask for, or take. Since OpenSSH 9.5 a key is an ed25519 one.
_KEYGEN = r"""
file=id type=rsa
case $(ssh -V 2>&1) in OpenSSH_9.[5-9]*|OpenSSH_[1-9][0-9]*) type=ed25519 ;; esac
while getopts :ABHKLQUXceghiklopquvyC:D:E:F:I:M:N:O:P:R:V:Y:Z:a:b:f:m:n:r:s:t:w:z: option; do
    case $option in
        [ADIKMQYfkrs]) file= ;;
        [FHR]) file=${file:+known_hosts} ;;
        t) type=$OPTARG ;;
    esac
done
type=$(echo "$type" | tr A-Z_ a-z- |
    sed 's/^ssh-//; s/^sk-\(.*\)@.*/\1-sk/; s/^ssh-//; s/-sha2-nistp[0-9]*//; s/^dss$/dsa/; y/-/_/')
[ "$file" != id ] || file=id_$type
[ ! "$file" ] || set -- -f "$HOME/.ssh/$file" "$@"
"""
# Where no key is named, the keys that there are.
_ADD = """\
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
_OPTIONS = {
    "ssh": ":1246AaCfGgKkMNnqsTtVvXxYyB:b:c:D:E:e:F:I:i:J:L:l:m:O:o:P:p:Q:R:S:W:w:",
    "scp": ":12346ABCdfOpqRrsTtvc:D:F:i:J:l:M:o:P:S:X:",
    "sftp": ":1246AafCNhpqrvB:b:c:D:F:i:J:l:o:P:R:S:s:X:",
}
LED = {
    **{name: f"{_FOLDER}options={options}\n{_SETTINGS}" for name, options in _OPTIONS.items()},
    "ssh-keygen": _FOLDER + _KEYGEN,
    "ssh-add": _ADD,
}
