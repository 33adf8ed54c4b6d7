"""What stands before the steps of a job in its script, for any POSIX shell: images need have no bash."""

FUNCTIONS = r"""
export CI=true CIRCLECI=true CIRCLE_NODE_INDEX=0 CIRCLE_NODE_TOTAL=1
export CIRCLE_TAG="${SEATRIAL_TAG-}" CIRCLE_SHA1="${SEATRIAL_COMMIT-}" CIRCLE_BRANCH=
[ -n "$CIRCLE_TAG" ] || CIRCLE_BRANCH=${SEATRIAL_BRANCH-}
export CIRCLE_BUILD_NUM="${SEATRIAL_RUN_NUMBER-1}" CIRCLE_PIPELINE_NUMBER="${SEATRIAL_RUN_NUMBER-1}"
export CIRCLE_PIPELINE_ID="${SEATRIAL_RUN-}" CIRCLE_WORKFLOW_ID="${SEATRIAL_RUN-}"
export CIRCLE_PROJECT_REPONAME="${SEATRIAL_PROJECT-}" CIRCLE_PROJECT_USERNAME=local CIRCLE_USERNAME=local
export CIRCLE_REPOSITORY_URL= CIRCLE_PULL_REQUEST= CIRCLE_PROJECT_SLUG="local/${SEATRIAL_PROJECT-}"
_circle_commit=$PWD
_circle_failed=0
_circle_pids=
_circle_own=$(mktemp -d "${TMPDIR:-/tmp}/circleci.XXXXXX") || exit 1
export BASH_ENV="$_circle_own/bash_env" CIRCLE_HALTED="$_circle_own/halted"
: > "$BASH_ENV"
_circle_shell='/bin/bash -eo pipefail'
[ -x /bin/bash ] || _circle_shell='/bin/sh -eo pipefail'
mkdir "$_circle_own/bin"
cat > "$_circle_own/bin/circleci" <<'END'
#!/bin/sh
case "$1 $2" in
  "step halt") : > "$CIRCLE_HALTED" ;;
  "tests glob") shift 2; for one; do
    if [ -x /bin/bash ]; then
      /bin/bash -c 'shopt -s globstar nullglob; IFS=; for f in $1; do printf "%s\n" "$f"; done' x "$one"
    else for f in $one; do [ ! -e "$f" ] || printf '%s\n' "$f"; done; fi
  done ;;
  "tests split") if [ $# -gt 2 ] && [ -f "$3" ]; then cat "$3"; else cat; fi ;;
  *) echo "circleci $*: only step halt, tests glob and tests split are there" >&2; exit 1 ;;
esac
END
cp "$_circle_own/bin/circleci" "$_circle_own/bin/circleci-agent"
chmod +x "$_circle_own/bin/"*
PATH=$_circle_own/bin:$PATH

_circle_matches() { printf '%s\n' "$1" | grep -Eq -e "$2"; }
_circle_path() {
  case $1 in
    "~") printf '%s' "$HOME" ;;
    "~/"*) printf '%s/%s' "$HOME" "${1#??}" ;;
    /*) printf '%s' "$1" ;;
    *) printf '%s/%s' "${2:-$_circle_folder}" "$1" ;;
  esac
}
# A folder of the job that is the one that holds the commit.
_circle_link() {
  mkdir -p "$(dirname "$1")" 2>/dev/null
  if [ -d "$1" ] && [ ! -L "$1" ]; then rmdir "$1" 2>/dev/null; fi
  ln -sfn "$_circle_commit" "$1" 2>/dev/null && [ -d "$1/." ]
}
_circle_elsewhere() {
  echo "$1 cannot be made: the job runs in $_circle_commit" >&2
  [ "$1" != "$_circle_folder" ] || _circle_folder=$_circle_commit
}
_circle_end() {
  for _circle_pid in $_circle_pids; do kill "$_circle_pid" 2>/dev/null; done
  rm -rf "$_circle_own"
}
trap _circle_end EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
_circle_runs() {
  [ ! -e "$CIRCLE_HALTED" ] || return 1
  case $1 in
    always) return 0 ;;
    on_fail) [ "$_circle_failed" != 0 ] ;;
    *) [ "$_circle_failed" = 0 ] ;;
  esac
}
# when, name, folder, in the background?, shell, script, and variables with their values
_circle_run() {
  _circle_runs "$1" || return 0
  printf '\n==> %s\n' "$2"
  _circle_where=$(_circle_path "${3:-.}")
  _circle_with=${5:-$_circle_shell} _circle_script=$6 _circle_back=$4
  shift 6
  if [ "$_circle_back" = true ]; then
    ( mkdir -p "$_circle_where"; cd "$_circle_where" && exec env "$@" $_circle_with -c "$_circle_script" ) &
    _circle_pids="$_circle_pids $!"
    return 0
  fi
  ( mkdir -p "$_circle_where"; cd "$_circle_where" && exec env "$@" $_circle_with -c "$_circle_script" )
  _circle_done "$?"
}
_circle_done() {
  [ "$1" != 0 ] || return 0
  printf '\nExited with code exit status %s\n' "$1"
  [ "$_circle_failed" != 0 ] || _circle_failed=$1
}
_circle_keep() {
  [ ! -e "$CIRCLE_HALTED" ] || return 0
  printf '\n==> %s %s\n' "$1" "$2"
  _circle_from=$(_circle_path "$2")
  _circle_to=$_circle_commit/.circleci-kept/$3
  if [ ! -e "$_circle_from" ]; then echo "there is no $2"; return 0; fi
  mkdir -p "$_circle_to"
  if [ -d "$_circle_from" ]; then
    ( cd "$_circle_from" && tar -cf - --exclude=./.circleci-kept . ) | ( cd "$_circle_to" && tar -xf - )
  else cp "$_circle_from" "$_circle_to/"; fi
}
# where from, where to, and the patterns of what is kept
_circle_persist() {
  _circle_runs on_success || return 0
  printf '\n==> Persisting to workspace\n'
  _circle_from=$(_circle_path "$1")
  _circle_to=$_circle_commit/.circleci-kept/$2
  shift 2
  mkdir -p "$_circle_to"
  for _circle_one; do
    ( cd "$_circle_from" || exit 1
      IFS=
      set -- $_circle_one
      [ -e "$1" ] || { echo "there is no $_circle_one in $_circle_from" >&2; exit 1; }
      tar -cf - --exclude=.circleci-kept "$@" | ( cd "$_circle_to" && tar -xf - ) )
    _circle_done "$?"
  done
}
_circle_attach() {
  _circle_runs on_success || return 0
  printf '\n==> Attaching workspace\n'
  _circle_to=$(_circle_path "$1")
  shift
  mkdir -p "$_circle_to" || { _circle_done 1; return 0; }
  for _circle_one; do
    _circle_from=$_circle_commit/.circleci-kept/$_circle_one
    [ -d "$_circle_from" ] || continue
    ( cd "$_circle_from" && tar -cf - . ) | ( cd "$_circle_to" && tar -xf - )
  done
}
"""
