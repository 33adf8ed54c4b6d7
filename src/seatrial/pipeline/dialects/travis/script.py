"""A job as the one bash script that runs it, phase by phase, as Travis' own builder writes it."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote

from seatrial.pipeline.dialects.travis.jobs import Job
from seatrial.pipeline.dialects.travis.languages import INSTALLS, SCRIPTS, VERSIONS
from seatrial.pipeline.dialects.travis.shell import FUNCTIONS, PYTHON
from seatrial.pipeline.dialects.travis.texts import Findings, entries, items, text, texts
from seatrial.pipeline.finding import error, note, warning
from seatrial.pipeline.yaml_document import Mapping, Node, Scalar

_SKIPPED = (("skip",), ("ignore",), ("true",))
_ENDING = "_travis_ends"  # before these a failure is the end: the job is errored
_GOING_ON = "_travis_goes_on"
_COUNTED = "_travis_script"


def script_of(job: Job, number: int, findings: Findings) -> str:
    """The script; what cannot be in it is said in the findings."""
    lines = [FUNCTIONS, *_variables(job, number)]
    lines += _setup(job, findings)
    for phase in ("before_install", "install", "before_script"):
        lines += _phase(job, phase, _ENDING)
    lines += _script(job, findings)
    lines += ["export TRAVIS_TEST_RESULT=$_travis_result", *_phase(job, "before_cache", _GOING_ON)]
    lines += ["if [[ $_travis_result == 0 ]]; then", ":"]
    lines += _phase(job, "after_success", _GOING_ON)
    lines += ["else", ":", *_phase(job, "after_failure", _GOING_ON), "fi"]
    lines += _deploys(job, findings)
    lines += _phase(job, "after_script", _GOING_ON)
    lines.append("_travis_end")
    return "\n".join(lines) + "\n"


def _variables(job: Job, number: int) -> Iterator[str]:
    values = job.values
    yield f"export TRAVIS_JOB_NUMBER=$TRAVIS_BUILD_NUMBER.{number}"
    yield f"export TRAVIS_JOB_ID=${{TRAVIS_BUILD_NUMBER}}{number:03}"
    yield f"export TRAVIS_JOB_NAME={quote(text(values.get('name')))}"
    yield f"export TRAVIS_BUILD_STAGE_NAME={quote((job.stage or 'test').capitalize())}"
    yield f"export TRAVIS_LANGUAGE={quote(job.language)} TRAVIS_ALLOW_FAILURE={str(job.may_fail).lower()}"
    for key in VERSIONS.get(job.language, ()):
        if key in values:
            yield f"export TRAVIS_{key.upper()}_VERSION={quote(text(values[key]))}"
    for name, value in (*job.everywhere, *job.env):
        yield f"_travis_export {quote(f'{name}={value}')}"


def _setup(job: Job, findings: Findings) -> Iterator[str]:
    language = job.language
    if language == "python":
        yield PYTHON
    elif any(key in job.values for key in VERSIONS.get(language, ())):
        key = next(key for key in VERSIONS[language] if key in job.values)
        findings.append(note(job.place, f"`{key}` is only told to the job, which uses what is on PATH"))


def _phase(job: Job, phase: str, runner: str) -> Iterator[str]:
    node = job.values.get(phase)
    lines = texts(node)
    if phase == "install" and node is None:
        lines = tuple(filter(None, (INSTALLS.get(job.language),)))
    if lines not in _SKIPPED:
        for line in lines:
            yield f"{runner} {phase} {quote(line.rstrip())}"


def _script(job: Job, findings: Findings) -> Iterator[str]:
    lines = texts(job.values.get("script"))
    if not lines and job.language in SCRIPTS:
        lines = (SCRIPTS[job.language],)
    if not lines and job.language == "python":
        lines = ("echo 'Please override the script: key in your .travis.yml to run tests.'; false",)
        findings.append(warning(job.place, "there is no `script`: the job fails, as on Travis"))
    if not lines and job.language != "shell":
        hint = "write it: `script: make test`"
        findings.append(error(job.place, f"`{job.language}` has no default `script` here", hint))
    if lines not in _SKIPPED:
        for line in lines:
            yield f"{_COUNTED} script {quote(line.rstrip())}"


def _deploys(job: Job, findings: Findings) -> Iterator[str]:
    node = job.values.get("deploy")
    if node is None or (isinstance(node, Scalar) and text(node) in ("skip", "ignore", "true", "false", "")):
        return
    yield from ("if [[ $_travis_result == 0 ]]; then", ":")
    for one in items(node):
        if isinstance(one, Mapping):
            yield from _deploy(job, one, findings)
        else:
            findings.append(error(one.place, "`deploy` is a mapping, such as `provider: script`"))
    yield "fi"


def _deploy(job: Job, node: Mapping, findings: Findings) -> Iterator[str]:
    parts = entries(node)
    provider = text(parts.get("provider"))
    yield f"if {' && '.join(_on(parts.get('on'), findings))}; then"
    failing = "allowed" if text(parts.get("allow_failure")).lower() == "true" else ""
    if provider == "script":
        yield from _phase(job, "before_deploy", _ENDING)
        for line in texts(parts.get("script")):
            yield f"_travis_deploy {quote(line)} {failing}"
        yield from _phase(job, "after_deploy", _GOING_ON)
    else:
        name = provider or "(none)"
        hint = "a run whose `on` holds fails there; write it as `provider: script`"
        findings.append(warning(node.place, f"the deploy provider `{name}` is not performed here", hint))
        yield f"_travis_no_provider {quote(name)} {failing}"
    yield f"else echo {quote(f'not deployed by {provider}: its conditions do not hold')}"
    yield "fi"


def _on(node: Node | None, findings: Findings) -> Iterator[str]:
    """The tests of `on`: the branch is master unless it says another, all of them, or tags."""
    parts = entries(node)
    if node is not None and not parts and texts(node):
        parts = {"branch": node}
    yield "true"
    tags, everywhere = text(parts.get("tags")).lower(), text(parts.get("all_branches")).lower()
    if tags == "true":
        yield '[[ -n "$TRAVIS_TAG" ]]'
    elif tags == "false":
        yield '[[ -z "$TRAVIS_TAG" ]]'
    if everywhere != "true" and tags != "true":
        names = texts(parts.get("branch")) or ("master",)
        yield f"[[ {' || '.join(f'$TRAVIS_BRANCH == {quote(name)}' for name in names)} ]]"
    for condition in texts(parts.get("condition")):
        yield f"eval {quote(f'[[ {condition} ]]')}"
    for key, variable in (("python", "TRAVIS_PYTHON_VERSION"), ("repo", "TRAVIS_REPO_SLUG")):
        if key in parts:
            yield f"[[ ${variable} == {quote(text(parts[key]))} ]]"
    for key in sorted(parts.keys() - {"tags", "all_branches", "branch", "condition", "python", "repo"}):
        findings.append(warning(parts[key].place, f"`on: {key}` is passed over"))
