"""What surrounds the steps of a job, for any POSIX shell: images need have no bash.

The first step of a stage writes the functions to a file, and what holds for all steps beside it; each step is
a process of its own that reads both.
"""

from __future__ import annotations

_FUNCTIONS = r"""
_circle_own=${TMPDIR:-/tmp}/circleci
_circle_failed=0
[ ! -e "$_circle_own/failed" ] || _circle_failed=$(cat "$_circle_own/failed")
_circle_matches() { printf '%s\n' "$1" | grep -Eq -e "$2"; }
# What a path stands for. In a container that is any place; on this machine only what is the job's own.
_circle_path() (
  case $1 in
    "~") set -- "$HOME" ;;
    "~/"*) set -- "$HOME/${1#??}" ;;
    /*) ;;
    *) set -- "${2:-$_circle_folder}/$1" ;;
  esac
  if [ -n "$_circle_room" ]; then _circle_confined "$(_circle_plain "$1")"; else printf '%s' "$1"; fi
)
# An absolute path without "." and "..", which may not lead out of the room.
_circle_plain() (
  IFS=/ _circle_made=
  set -f
  for _circle_one in $1; do
    case $_circle_one in
      "" | .) ;;
      ..) _circle_made=${_circle_made%/*} ;;
      *) _circle_made=$_circle_made/$_circle_one ;;
    esac
  done
  printf '%s' "$_circle_made"
)
# The place in the room that stands for one of this machine; the homes that a file may count on are the job's.
_circle_confined() {
  case $1/ in
    "$_circle_room"/* | "${_circle_commit%/*}"/*) printf '%s' "$1" ;;
    /root/*) printf '%s%s' "$HOME" "${1#/root}" ;;
    /home/?*/*)
      _circle_rest=$1/
      _circle_rest=$HOME/${_circle_rest#/home/*/}
      printf '%s' "${_circle_rest%/}"
      ;;
    *) printf '%s/outside%s' "$_circle_room" "$1" ;;
  esac
}
# Where something is to be read: commands may have made it outside of the room.
_circle_found() {
  _circle_there=$(_circle_path "$1")
  case $_circle_there/ in
    "$_circle_folder"/* | "$_circle_linked"/*) ;;
    "${_circle_room:-/}"/outside/*) [ -e "$_circle_there" ] || [ ! -e "$1" ] || _circle_there=$1 ;;
  esac
  printf '%s' "$_circle_there"
}
# Says of paths, as the file has them, what stands for them.
_circle_say() (
  for _circle_one; do
    _circle_there=$(_circle_path "$_circle_one")
    case $_circle_one in
      "$_circle_there" | "$_circle_there/") ;;
      /*) echo "$_circle_one is not touched on this machine: $_circle_there stands for it" ;;
    esac
  done
)
_circle_done() {
  [ "$1" != 0 ] || return 0
  printf '\nExited with code exit status %s\n' "$1"
  [ "$_circle_failed" != 0 ] || { _circle_failed=$1; echo "$1" > "$_circle_own/failed"; }
}
_circle_do() { exec env "$@"; }
. "$_circle_own/env"
_circle_runs() {
  [ ! -e "$CIRCLE_HALTED" ] || return 1
  case $1 in
    always) return 0 ;;
    on_fail) [ "$_circle_failed" != 0 ] ;;
    *) [ "$_circle_failed" = 0 ] ;;
  esac
}
# A step that was ended from outside, for its silence, has left its mark.
if [ -e "$_circle_own/began" ]; then
  rm -f "$_circle_own/began"
  echo 'Too long with no output: the step was ended'
  _circle_done 1
fi
# when, name, folder, in the background?, shell, script, and variables with their values
_circle_run() {
  _circle_runs "$1" || return 0
  printf '\n==> %s\n' "$2"
  _circle_where=$(_circle_found "${3:-.}")
  _circle_with=${5:-$_circle_shell} _circle_script=$6 _circle_back=$4
  shift 6
  if [ "$_circle_back" = true ]; then
    ( mkdir -p "$_circle_where"; cd "$_circle_where" && _circle_do "$@" $_circle_with -c "$_circle_script" ) &
    return 0
  fi
  while :; do
    : > "$_circle_own/began"
    ( mkdir -p "$_circle_where"; cd "$_circle_where" && _circle_do "$@" $_circle_with -c "$_circle_script" )
    _circle_code=$?
    rm -f "$_circle_own/began"
    [ "$_circle_code" != 0 ] && [ "${_circle_reruns:-0}" != 0 ] || break
    printf '\nExited with code exit status %s: the step is run again\n' "$_circle_code"
    sleep "$_circle_delay"
    _circle_reruns=$((_circle_reruns - 1))
  done
  _circle_done "$_circle_code"
}
# What fits a pattern in a folder, one a line. The "*" of CircleCI stands for names that begin with a "." too.
_circle_named() (
  cd "$1" 2>/dev/null || exit 0
  IFS=
  case ${2##*/} in
    \**) _circle_hidden=${2%"${2##*/}"}.${2##*/} ;;
    *) _circle_hidden= ;;
  esac
  for _circle_one in $2 $_circle_hidden; do
    case $_circle_one in
      "$2") ;;
      . | .. | */. | */.. | .circleci-kept) continue ;;
    esac
    [ ! -e "$_circle_one" ] || printf '%s\n' "$_circle_one"
  done
)
# A folder, a pattern in it, and the archive that is made of what fits. Not every tar can leave something out.
_circle_pack() (
  _circle_what=$2
  [ "$2" != . ] || [ ! -e "$1/.circleci-kept" ] || _circle_what='*'
  _circle_found=$(_circle_named "$1" "$_circle_what")
  IFS='
'
  set -f
  cd "$1" && tar -cf "$3" -- $_circle_found
)
# Unpacks an archive in a folder; the link of the job stays one.
_circle_unpack() (
  _circle_keeping=--keep-directory-symlink
  tar "$_circle_keeping" --help >/dev/null 2>&1 || _circle_keeping=
  cd "$1" && tar $_circle_keeping -xf -
)
# the folder that a path lies in, or the part before its first pattern
_circle_fixed() {
  _circle_head=${1%%[*?[]*}
  case $_circle_head in
    "~") printf '~/..' ;;
    ?*/*) printf '%s' "${_circle_head%/*}" ;;
    /*) printf / ;;
    *) printf . ;;
  esac
}
# A folder of the job that is the one that holds the commit.
_circle_link() {
  mkdir -p "$(dirname "$1")" 2>/dev/null
  if [ -d "$1" ] && [ ! -L "$1" ]; then rmdir "$1" 2>/dev/null || return 1; fi
  ln -sfn "$_circle_commit" "$1" 2>/dev/null && [ -d "$1/." ]
}
_circle_place() {
  if _circle_link "$_circle_linked"; then :
  elif [ "$_circle_linked" = "$_circle_folder" ]; then
    echo "$_circle_linked cannot be made: the job runs in $_circle_commit" >&2
    echo '_circle_folder=$_circle_commit' >> "$_circle_own/env"
  else
    echo "the commit cannot be put at $_circle_linked, where something else is" >&2
    _circle_done 1
  fi
  . "$_circle_own/env"
  _circle_beside=${_circle_commit%/*}/${_circle_linked##*/}  # what `..` finds by the name of the folder
  [ -e "$_circle_beside" ] || ln -s "$_circle_commit" "$_circle_beside" 2>/dev/null
  mkdir -p "$_circle_folder" 2>/dev/null
  if [ -d "$_circle_commit/.git" ]; then
    mkdir -p "$_circle_commit/.git/info" && echo /.circleci-kept/ >> "$_circle_commit/.git/info/exclude"
  fi
}
_circle_keep() {
  [ ! -e "$CIRCLE_HALTED" ] || return 0
  printf '\n==> %s %s\n' "$1" "$2"
  _circle_from=$(_circle_found "$2")
  _circle_to=$_circle_commit/.circleci-kept/$3
  if [ ! -e "$_circle_from" ]; then echo "there is no $2"; return 0; fi
  mkdir -p "$_circle_to"
  if [ -d "$_circle_from" ]; then
    _circle_pack "$_circle_from" . - | _circle_unpack "$_circle_to"
  else cp "$_circle_from" "$_circle_to/"; fi
}
# the file that the pipeline goes on with, where it is kept, and its parameters as JSON, or a file of them
_circle_continue() {
  _circle_runs on_success || return 0
  if [ ! -f "$(_circle_found "$1")" ]; then
    echo "there is no $1 to go on with" >&2
    _circle_done 1
    return 0
  fi
  _circle_keep artifacts "$1" "$2"
  echo "the pipeline goes on with this file: seatrial run -f $1 --dialect circleci"
  _circle_values=$3
  [ ! -f "$(_circle_found "$3")" ] || _circle_values=$(cat "$(_circle_found "$3")")
  [ -z "$_circle_values" ] || printf 'with --param NAME=VALUE for each of %s\n' "$_circle_values"
}
# where from, where to, and the patterns of what is kept
_circle_persist() {
  _circle_runs on_success || return 0
  printf '\n==> Persisting to workspace\n'
  _circle_from=$(_circle_found "$1")
  _circle_to=$_circle_commit/.circleci-kept/$2
  shift 2
  mkdir -p "$_circle_to"
  for _circle_one; do
    if [ "${_circle_from%/}/${_circle_one%/}" = "$_circle_linked" ]; then
      mkdir -p "$_circle_to/$_circle_one"
      _circle_pack "$_circle_linked" . - | _circle_unpack "$_circle_to/$_circle_one"
      _circle_done "$?"
    elif [ -z "$(_circle_named "$_circle_from" "$_circle_one")" ]; then
      echo "there is no $_circle_one in $_circle_from" >&2
      _circle_done 1
    else
      _circle_pack "$_circle_from" "$_circle_one" - | _circle_unpack "$_circle_to"
      _circle_done "$?"
    fi
  done
  # What is handed on are files.
  find "$_circle_to" -type d -empty -exec touch '{}/.circleci-empty' \; 2>/dev/null || :
}
_circle_attach() {
  _circle_runs on_success || return 0
  printf '\n==> Attaching workspace\n'
  _circle_say "$1"
  _circle_to=$(_circle_path "$1")
  shift
  mkdir -p "$_circle_to" || { _circle_done 1; return 0; }
  for _circle_one; do
    _circle_from=$_circle_commit/.circleci-kept/$_circle_one
    [ -d "$_circle_from" ] || continue
    find "$_circle_from" -name .circleci-empty -exec rm -f '{}' \; 2>/dev/null
    ( cd "$_circle_from" && tar -cf - . ) | _circle_unpack "$_circle_to"
  done
}
_circle_arch() { echo "arch1-linux-$(uname -m)"; }
# SHA-256, as base64
_circle_checksum() {
  _circle_file=$(_circle_found "$1")
  if [ ! -f "$_circle_file" ]; then
    echo "the key of a cache: there is no file $1" >&2
    : > "$_circle_own/keyless"
    return 1
  fi
  _circle_hex=$(sha256sum < "$_circle_file")
  _circle_hex=${_circle_hex%% *}
  while [ -n "$_circle_hex" ]; do
    _circle_rest=${_circle_hex#??}
    printf "\\$(printf %03o "0x${_circle_hex%"$_circle_rest"}")"
    _circle_hex=$_circle_rest
  done | base64
}
_circle_cache=$_circle_own/cache
_circle_fresh() {
  rm -rf "$_circle_cache"
  mkdir -p "$_circle_cache"
  chmod 777 "$_circle_cache"  # commands and who runs them may be two users
  [ ! -e "$_circle_own/keyless" ] || { rm -f "$_circle_own/keyless"; _circle_done 1; return 1; }
}
# a name, and the keys, the preferred one first
_circle_wanted() {
  _circle_fresh && _circle_runs on_success || return 0
  printf '\n==> Restoring cache\n'
  shift
  for _circle_one; do printf '%s\n' "$_circle_one"; done > "$_circle_cache/wanted"
}
_circle_restore() {
  for _circle_one in "$_circle_cache"/*.tar; do
    [ -e "$_circle_one" ] || continue
    _circle_said=$(cat "${_circle_one%.tar}.path")
    _circle_say "$_circle_said"
    _circle_to=$(_circle_path "$_circle_said")
    mkdir -p "$_circle_to" && _circle_unpack "$_circle_to" < "$_circle_one" ||
      echo "$_circle_to is not restored whole"
  done
  if [ -e "$_circle_cache/key" ]; then
    cat "$_circle_cache/key" >> "$_circle_own/restored"
    _circle_place  # a cache of the whole HOME has the link of another run
  fi
  rm -rf "$_circle_cache"
}
# when, the key, and the paths. A cache that was restored by its whole key is not packed again.
_circle_save() {
  _circle_fresh && _circle_runs "$1" || return 0
  printf '\n==> Saving cache\n'
  if grep -Fqx -e "$2" "$_circle_own/restored" 2>/dev/null; then
    echo "there is a cache $2 already"
    return 0
  fi
  _circle_key=$2 _circle_number=0
  shift 2
  for _circle_one; do
    while [ "${_circle_one%/}" != "$_circle_one" ]; do _circle_one=${_circle_one%/}; done
    _circle_to=$(_circle_fixed "$_circle_one")
    _circle_from=$(_circle_path "$_circle_to")
    _circle_fits=${_circle_one#"${_circle_to%/}/"}
    [ "$_circle_one" != "~" ] || _circle_fits=${HOME##*/}
    if [ "$(_circle_path "$_circle_one")" = "$_circle_linked" ]; then
      _circle_to=$_circle_one _circle_from=$_circle_linked _circle_fits=.
    fi
    if [ -z "$(_circle_named "$_circle_from" "$_circle_fits")" ]; then
      _circle_why='it is neither in HOME nor in the folder of the job'
      case $(_circle_path "$_circle_one")/ in
        "$_circle_folder"/* | "$_circle_linked"/*) echo "there is no $_circle_one" ;;
        "${_circle_room:-/}"/outside/*) echo "the cache of $_circle_one is not kept: $_circle_why" ;;
        *) echo "there is no $_circle_one" ;;
      esac
      continue
    fi
    _circle_number=$((_circle_number + 1))
    printf '%s\n' "$_circle_to" > "$_circle_cache/$_circle_number.path"
    _circle_pack "$_circle_from" "$_circle_fits" "$_circle_cache/$_circle_number.tar"
  done
  if [ "$_circle_number" = 0 ]; then return 0; fi
  printf '%s\n' "$_circle_key" > "$_circle_cache/key"
}
"""
_COMMAND = r"""#!/bin/sh
index=${CIRCLE_NODE_INDEX-0} total=${CIRCLE_NODE_TOTAL-1} how=name file= command=
asked="$1 ${2-}"
[ $# = 0 ] || shift
[ $# = 0 ] || shift
split() {
  if [ "$how" = filesize ]; then
    while IFS= read -r f; do printf '%s %s\n' "$(wc -c < "$f" 2>/dev/null || echo 0)" "$f"; done |
      sort -rn | cut -d' ' -f2-
  else cat; fi | awk -v i="$index" -v n="$total" '(NR - 1) % n == i'
}
options() {
  while [ $# != 0 ]; do
    case $1 in
      --index=*) index=${1#*=} ;;
      --index) index=$2; shift ;;
      --total=*) total=${1#*=} ;;
      --total) total=$2; shift ;;
      --split-by=*) how=${1#*=} ;;
      --split-by) how=$2; shift ;;
      --command=*) command=${1#*=} ;;
      --command) command=$2; shift ;;
      --timings-type | --time-default) shift ;;
      -*) ;;
      *) file=$1 ;;
    esac
    shift
  done
}
case $asked in
  "step halt") : > "$CIRCLE_HALTED" ;;
  "tests glob")
    for one; do
      if [ -x /bin/bash ]; then
        /bin/bash -c 'shopt -s globstar nullglob extglob; IFS=
          for f in $1; do printf "%s\n" "$f"; done' x "$one"
      else for f in $one; do [ ! -e "$f" ] || printf '%s\n' "$f"; done; fi
    done ;;
  "tests split") options "$@"; if [ -n "$file" ]; then split < "$file"; else split; fi ;;
  "tests run") options "$@"; split > "$CIRCLE_HALTED.tests"; sh -c "$command" < "$CIRCLE_HALTED.tests" ;;
  "env subst")
    text=$(if [ $# != 0 ]; then printf '%s\n' "$1"; else cat; fi)
    printf '%s\n' "$text" | awk '{
      while (match($0, /\$\{[A-Za-z_][A-Za-z0-9_]*\}|\$[A-Za-z_][A-Za-z0-9_]*/)) {
        name = substr($0, RSTART, RLENGTH); gsub(/[${}]/, "", name)
        printf "%s%s", substr($0, 1, RSTART - 1), ENVIRON[name]
        $0 = substr($0, RSTART + RLENGTH)
      }
      print
    }' ;;
  *) echo "circleci $asked: only step halt, tests glob, split and run, and env subst are there" >&2; exit 1 ;;
esac
"""
_BEGIN = r"""
[ -w "${HOME:-}" ] || export HOME="${TMPDIR%/*}/home"  # an image may have none for its user
export CI=true CIRCLECI=true
export CIRCLE_NODE_INDEX="${CIRCLE_NODE_INDEX-0}" CIRCLE_NODE_TOTAL="${CIRCLE_NODE_TOTAL-1}"
export CIRCLE_BRANCH="${SEATRIAL_BRANCH-}" CIRCLE_SHA1="${SEATRIAL_COMMIT-}" CIRCLE_TAG=
[ -n "$CIRCLE_BRANCH" ] || CIRCLE_TAG=${SEATRIAL_TAG-}
export CIRCLE_PIPELINE_NUMBER="${SEATRIAL_RUN_NUMBER-1}"
export CIRCLE_PIPELINE_ID="${SEATRIAL_RUN-}" CIRCLE_WORKFLOW_ID="${SEATRIAL_RUN-}"
export CIRCLE_PROJECT_REPONAME="${CIRCLE_PROJECT_REPONAME-}" CIRCLE_USERNAME=local
export CIRCLE_PROJECT_USERNAME="${CIRCLE_PROJECT_USERNAME-local}"
export CIRCLE_PROJECT_SLUG="${CIRCLE_PROJECT_SLUG-}" CIRCLE_REPOSITORY_URL="${CIRCLE_REPOSITORY_URL-}"
[ "${SEATRIAL_EVENT-}" != schedule ] || : "${CIRCLE_TRIGGER_SOURCE=scheduled_pipeline}"
export CIRCLE_PULL_REQUEST="${CIRCLE_PULL_REQUEST-}" CIRCLE_TRIGGER_SOURCE="${CIRCLE_TRIGGER_SOURCE-webhook}"
export CIRCLE_BUILD_URL= CIRCLE_INTERNAL_TASK_DATA="$_circle_own"
export BASH_ENV="$_circle_own/bash_env" CIRCLE_HALTED="$_circle_own/halted"
export PATH="$_circle_own/bin:$HOME/.local/bin:$PATH"
_circle_commit=$PWD _circle_room=${SEATRIAL_ROOM-}
_circle_shell='/bin/bash -eo pipefail'
[ -x /bin/bash ] || _circle_shell='/bin/sh -eo pipefail'
"""
FINISH = '. "${TMPDIR:-/tmp}/circleci/functions"\nexit "$_circle_failed"\n'


def prepared(lines: list[str], places: str = "") -> str:
    """The first step, with the lines that set what holds for the whole job, and the words for its places."""
    return "\n".join(
        (
            'mkdir -p "${TMPDIR:-/tmp}/circleci/bin" && cd "${TMPDIR:-/tmp}/circleci" || exit 1',
            *_written("functions", _FUNCTIONS),
            *_written("bin/circleci", _COMMAND),
            *_written("env", "\n".join((_BEGIN.strip(), *lines))),
            "cp bin/circleci bin/circleci-agent && chmod +x bin/* && : > bash_env",
            'cd "$OLDPWD" && . "${TMPDIR:-/tmp}/circleci/functions"',
            "_circle_place",
            *([f"_circle_say {places}"] if places else ()),
            "",
        )
    )


def _written(name: str, text: str) -> tuple[str, ...]:
    return f"cat > {name} <<'CIRCLECI_END'", text.strip(), "CIRCLECI_END"
