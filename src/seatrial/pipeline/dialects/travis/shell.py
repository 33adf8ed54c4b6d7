"""What stands before the lines of a job in its bash: the functions that Travis has there, and ours."""

SKIPPED = "deployments-skipped"  # in TMPDIR: the providers that were passed over

FUNCTIONS = r"""
export TRAVIS=true CI=true CONTINUOUS_INTEGRATION=true HAS_JOSH_K_SEAL_OF_APPROVAL=true
export TRAVIS_BUILD_DIR=$PWD TRAVIS_OS_NAME=linux PATH=$HOME/bin:$HOME/.local/bin:$PATH
case $(uname -m) in aarch64) TRAVIS_CPU_ARCH=arm64 ;; *) TRAVIS_CPU_ARCH=amd64 ;; esac
export TRAVIS_CPU_ARCH TRAVIS_ARCH=$TRAVIS_CPU_ARCH
export TRAVIS_SECURE_ENV_VARS=false TRAVIS_SUDO=false TRAVIS_DIST= TRAVIS_INTERNAL_BUILD=false
if [[ -n ${SEATRIAL_PULL_REQUEST-} ]]; then
  : "${TRAVIS_EVENT_TYPE=pull_request}" "${TRAVIS_PULL_REQUEST=$SEATRIAL_PULL_REQUEST}"
  : "${TRAVIS_BRANCH=${SEATRIAL_PULL_REQUEST_TARGET-}}" "${TRAVIS_TAG=}"
fi
[[ ${SEATRIAL_EVENT-} != schedule ]] || : "${TRAVIS_EVENT_TYPE=cron}"
: "${TRAVIS_EVENT_TYPE=push}" "${TRAVIS_PULL_REQUEST=false}" "${TRAVIS_PULL_REQUEST_BRANCH=}"
: "${TRAVIS_PULL_REQUEST_SHA=}" "${TRAVIS_PULL_REQUEST_SLUG=}"
: "${TRAVIS_COMMIT_RANGE=}" "${TRAVIS_COMMIT_MESSAGE=}"
: "${TRAVIS_TAG=${SEATRIAL_TAG-}}" "${TRAVIS_BRANCH=${SEATRIAL_TAG:-${SEATRIAL_BRANCH-}}}"
: "${TRAVIS_COMMIT=${SEATRIAL_COMMIT-}}" "${TRAVIS_REPO_SLUG=${SEATRIAL_PROJECT-}}"
: "${TRAVIS_BUILD_NUMBER=${SEATRIAL_RUN_NUMBER-1}}" "${TRAVIS_BUILD_ID=${SEATRIAL_RUN_NUMBER-1}}"
export "${!TRAVIS_@}"
export DEBIAN_FRONTEND=noninteractive RAILS_ENV=test RACK_ENV=test MERB_ENV=test
export ANSI_RED= ANSI_GREEN= ANSI_YELLOW= ANSI_RESET= ANSI_CLEAR=
[[ ${TERM:-dumb} != dumb ]] || TERM=xterm
export TERM USER=${USER:-travis} SHELL=${SHELL:-/bin/bash} PAGER=cat TRAVIS_TEST_RESULT= TRAVIS_CMD=
export TRAVIS_ROOT=/ TRAVIS_HOME=$HOME TRAVIS_TMPDIR=${TMPDIR:-/tmp}

travis_fold() { :; }
travis_time_start() { :; }
travis_time_finish() { :; }
travis_nanoseconds() { date -u +%s%N; }
travis_terminate() { exit "$1"; }
travis_retry() {
  local result=0 count=1
  while [[ $count -le 3 ]]; do
    "$@"  # as the line itself would be: where `set -e` was said, the first failure is the end
    result=$?
    [[ $result != 0 ]] || return 0
    [[ $count == 3 ]] || { echo "The command \"$*\" failed. Retrying, $((count + 1)) of 3." >&2; sleep 1; }
    count=$((count + 1))
  done
  echo "The command \"$*\" failed 3 times." >&2
  return $result
}
travis_wait() {
  local minutes=20
  if [[ $1 =~ ^[0-9]+$ ]]; then minutes=$1; shift; fi
  "$@" &
  local command=$! waited=0 result=0
  while kill -0 "$command" 2>/dev/null && [[ $waited -lt $((minutes * 600)) ]]; do
    sleep 0.1
    waited=$((waited + 1))
  done
  if kill -0 "$command" 2>/dev/null; then
    kill -9 "$command"
    echo "The command \"$*\" did not end within $minutes minutes." >&2
    result=1
    wait "$command" 2>/dev/null
  else
    wait "$command" || result=$?
  fi
  return $result
}
_travis_status() { return "$1"; }
_travis_export() {
  local shown=${1%%=*}
  eval "export $1" || { echo "cannot set $shown" >&2; exit 1; }
  [[ $shown != JAVA_TOOL_OPTIONS ]] || # what leads Java to HOME stays before what is the file's
    JAVA_TOOL_OPTIONS=${SEATRIAL_JAVA_OPTIONS:+$SEATRIAL_JAVA_OPTIONS }$JAVA_TOOL_OPTIONS
}
# A line finds no arguments. It may `return`: that ends a line of the script, and elsewhere it is no failure.
_travis_line() {
  eval "shift"$'\n'"$1"
}
_travis_ends() {
  local _travis_name=$1
  export TRAVIS_CMD=$2
  printf '$ %s\n' "$2"
  eval "shift 2"$'\n'"$2"
  local result=$?
  if [[ $result != 0 ]]; then
    printf '\nThe command "%s" failed and exited with %s during %s.\n' "$TRAVIS_CMD" "$result" "$_travis_name"
    exit "$result"
  fi
}
_travis_script() {
  export TRAVIS_CMD=$2
  printf '$ %s\n' "$2"
  _travis_line "$2"
  local result=$?
  printf 'The command "%s" exited with %s.\n' "$TRAVIS_CMD" "$result"
  export TRAVIS_TEST_RESULT=$((${TRAVIS_TEST_RESULT:-0} | (result != 0)))
}
_travis_goes_on() {
  export TRAVIS_CMD=$2
  printf '$ %s\n' "$2"
  _travis_line "$2"
  return 0
}
# Whether it may fail, and its lines: a process of its own, which may `exit`, and has no `set -e` of the job.
_travis_deploy() {
  local _travis_allowed=$1 _travis_flags=$-
  shift
  set +e
  (
    for TRAVIS_CMD; do
      printf '$ %s\n' "$TRAVIS_CMD"
      _travis_line "$TRAVIS_CMD"
      result=$?
      [[ $result == 0 ]] || exit "$result"
    done
  )
  local result=$?
  [[ $_travis_flags != *e* ]] || set -e
  if [[ $result != 0 ]]; then
    printf '\nThe deployment "%s" failed with %s.\n' "$*" "$result"
    [[ $_travis_allowed == allowed ]] || exit "$result"
  fi
}
_travis_no_provider() {
  if [[ -n ${SEATRIAL_SKIP_DEPLOY-} ]]; then
    echo "skipped: nothing here deploys by $2"
    echo "$2" >> "$TMPDIR/__SKIPPED__"
    return
  fi
  echo "the deploy provider $2 is not performed here: nothing was deployed (--skip-deploy passes over it)" >&2
  [[ $1 == allowed ]] || exit 1
}
# the name, the folder that stands for it, and the paths that are kept
_travis_create() {
  printf '\nkeeping the workspace %s\n' "$1"
  local folder=$TRAVIS_BUILD_DIR/$2
  shift 2
  mkdir -p "$folder"
  ( cd "$TRAVIS_BUILD_DIR" && tar -cf - --exclude=.travis-workspaces --exclude=./.git "$@" ) |
    tar -xf - -C "$folder"
  [[ ${PIPESTATUS[0]} == 0 ]] || { echo "the workspace cannot be kept" >&2; exit 1; }
}
_travis_use() {
  printf 'the workspace %s\n' "$1"
  if [[ -d $2 ]]; then cp -a "$2/." .; else echo "no job has made the workspace $1" >&2; fi
}
_travis_end() {
  : "${TRAVIS_TEST_RESULT:=86}"
  echo "Done. Your build exited with $TRAVIS_TEST_RESULT."
  exit "$TRAVIS_TEST_RESULT"
}
""".replace("__SKIPPED__", SKIPPED)

PYTHON = r"""
_travis_python() {
  local asked=${TRAVIS_PYTHON_VERSION-} found=${SEATRIAL_PYTHON-} name names
  case $asked in
    ""|nightly) names=python3 ;;
    [0-9]*) names="python${asked%-dev} python$(cut -d. -f1-2 <<< "${asked%-dev}")" ;;
    *) names="$asked ${asked%%-*}" ;;
  esac
  for name in $names; do
    [[ -n $found ]] || found=$(command -v "$name")
  done
  if [[ -z $found ]]; then
    echo "the job wants Python $asked, and there is none" >&2
    exit 1
  fi
  [[ -n $asked ]] || asked=$("$found" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  export TRAVIS_PYTHON_VERSION=$asked
  local folder=$HOME/virtualenv/python$asked
  local module=venv
  "$found" -c 'import venv' 2>/dev/null || module=virtualenv  # Python 2 has none of its own
  "$found" -m $module "$@" "$folder" || { echo "no virtual environment can be made with $found" >&2; exit 1; }
  printf '$ source %s\n' "~/virtualenv/python$asked/bin/activate"
  source "$folder/bin/activate"
  export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_PROGRESS_BAR=off
  python --version
}
"""

# The folder below TMPDIR has `wanted` before, and `key` after, and an archive for each place that it is of.
CACHE = r"""
_travis_cache=${TMPDIR:-/tmp}/travis-cache
_travis_cache_branch=${TRAVIS_BRANCH:-none}
[[ ${TRAVIS_PULL_REQUEST:-false} == false ]] || _travis_cache_branch=PR.$TRAVIS_PULL_REQUEST
_travis_cache_want() {
  local branch wanted=
  mkdir -p "$_travis_cache"
  for branch in "$_travis_cache_branch" "${TRAVIS_BRANCH:-none}" main master; do
    branch="travis $1 ${branch//[^[:alnum:]._-]/_} "
    [[ $wanted == *"$branch"* ]] || wanted+=$branch$'\n'
  done
  printf %s "$wanted" > "$_travis_cache/wanted"
}
_travis_cache_take() {
  [[ ! -f $_travis_cache/home.tar ]] || tar -xf "$_travis_cache/home.tar" -C "$HOME"
  [[ ! -f $_travis_cache/build.tar ]] || tar -xf "$_travis_cache/build.tar" -C "$TRAVIS_BUILD_DIR"
}
_travis_cache_pack() {
  local name=$1 folder=$2
  shift 2
  if [[ $# == 0 ]]; then
    rm -f "$_travis_cache/$name"
    return
  fi
  tar --sort=name -cf "$_travis_cache/new" -C "$folder" -- "$@" 2>/dev/null ||
    tar -cf "$_travis_cache/new" -C "$folder" -- "$@"
  if cmp -s "$_travis_cache/new" "$_travis_cache/$name"; then
    rm "$_travis_cache/new"
  else
    mv "$_travis_cache/new" "$_travis_cache/$name"
    _travis_changed=1
  fi
}
_travis_cache_keep() {
  local job=$1 path home=() build=() _travis_changed= branch=$_travis_cache_branch
  shift
  for path; do
    [[ $path == /* ]] || path=$TRAVIS_BUILD_DIR/$path
    path=${path%/}
    [[ -e $path ]] || continue
    case $path in
      "$HOME"/*) home+=("${path#"$HOME"/}") ;;
      "$TRAVIS_BUILD_DIR"/*) build+=("${path#"$TRAVIS_BUILD_DIR"/}") ;;
      *) echo "the cache of $path is not kept: it is neither in HOME nor in the build" ;;
    esac
  done
  _travis_cache_pack home.tar "$HOME" "${home[@]}"
  _travis_cache_pack build.tar "$TRAVIS_BUILD_DIR" "${build[@]}"
  rm -f "$_travis_cache/key"
  if [[ -z $_travis_changed ]]; then
    echo "the cache has not changed"
  else
    echo "travis $job ${branch//[^[:alnum:]._-]/_} " > "$_travis_cache/replaced"
    echo "$(< "$_travis_cache/replaced")$(date +%s%N)" > "$_travis_cache/key"
  fi
}
"""
