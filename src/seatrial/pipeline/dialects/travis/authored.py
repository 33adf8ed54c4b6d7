"""A `.travis.yml` for another system: the lines of a job as one script that ends as the job does.

A job that does more than run its lines, such as one with workspaces, keeps the script that runs here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.pipeline.dialects.travis import parse
from seatrial.pipeline.dialects.travis.caches import named_caches
from seatrial.pipeline.dialects.travis.decision import Decision
from seatrial.pipeline.dialects.travis.deployments import providers_of
from seatrial.pipeline.dialects.travis.jobs import Job, read_jobs
from seatrial.pipeline.dialects.travis.languages import INSTALLS, SCRIPTS, VERSION_VARIABLES, VERSIONS
from seatrial.pipeline.dialects.travis.phases import lines_of
from seatrial.pipeline.dialects.travis.said import when_of
from seatrial.pipeline.dialects.travis.shell import FUNCTIONS
from seatrial.pipeline.dialects.travis.texts import text as text_of
from seatrial.pipeline.dialects.travis.texts import unquoted
from seatrial.pipeline.pipeline import Finally, Pipeline, Stage
from seatrial.pipeline.shell_line import is_line, is_one_program
from seatrial.pipeline.step import LeaveOut, Mark, Shell
from seatrial.pipeline.yaml_document import Mapping, compose

_SHELL = ("/bin/bash", "-e")
_BEFORE = ("before_install", "install", "before_script")
# Its variables that every system has, and those that a line of the script can set.
_OF_THE_COMMIT = {
    "TRAVIS_COMMIT": "$GIT_COMMIT",
    "TRAVIS_BRANCH": "$GIT_BRANCH",
    "TRAVIS_TAG": "$SEATRIAL_TAG",
}
_IN_SCRIPT = {
    "TRAVIS_BUILD_DIR": "PWD",
    "TRAVIS_BUILD_NUMBER": "SEATRIAL_RUN_NUMBER",
    "TRAVIS_REPO_SLUG": "SEATRIAL_PROJECT",
}
_VARIABLE = re.compile(r"\bTRAVIS(?:_[A-Z_]+)?\b")
_FUNCTION = re.compile(r"\btravis_[a-z_]+\b")
_MORE = ("workspaces",)


class _Unlike(Exception):  # noqa: N818 - it never leaves this file
    """A job that is more than its lines."""


def authored(text: str, path: str) -> Pipeline:
    """The pipeline of a file without errors."""
    pipeline, _ = parse(text, path)
    root, _ = compose(text, path, strict=False)
    assert isinstance(root, Mapping)
    jobs = {job.name: job for job in read_jobs(root, [])}
    are_plain = not any(stage.outputs for stage in pipeline.stages)
    stages = (_stage(stage, jobs[stage.name]) if are_plain else stage for stage in pipeline.stages)
    return pipeline._replace(stages=tuple(map(_decided, stages)))


def _decided(stage: Stage) -> Stage:
    """The stage with its decision as a condition, where that can be said so."""
    start = stage.decision.start if stage.decision is not None else None
    if not isinstance(start, Decision):
        return stage
    said = when_of(start)
    if said is None:
        return stage
    when = f"({stage.when}) and ({said})" if stage.when else said
    return stage._replace(when=when, decision=None)


def _stage(stage: Stage, job: Job) -> Stage:
    if job.system != "linux":
        return stage._replace(steps=(LeaveOut(f"it wants `os: {job.system}`"),), when="", decision=None)
    try:
        script = "\n".join(_script(job)) + "\n"
        env = _environment(job, script)
    except _Unlike:
        return stage
    read = (f'export {name}="${value}"\n' for name, value in _IN_SCRIPT.items() if name in script)
    command = Shell(f"{''.join(read)}{script}", _SHELL, place=job.place)
    left = (Mark(f"the deployment by `{one}` of `{job.name}`", *_FINE) for one in providers_of(job))
    made = stage._replace(steps=(command, *left), finally_=(), env=(*stage.env, *env))
    caches = named_caches(job)
    if caches is None:
        return made
    take, keep = caches
    return made._replace(steps=(take, *made.steps), finally_=(Finally("always", (keep,)),))


_FINE = ("succeeded", "succeeded")


def _environment(job: Job, script: str) -> tuple[tuple[str, str], ...]:
    """The variables of a job that its lines read, and those that it sets itself. Raises _Unlike."""
    known = {"TRAVIS": "true", "TRAVIS_OS_NAME": "linux", **_OF_THE_COMMIT}
    for key in VERSIONS.get(job.language, ()):
        name = VERSION_VARIABLES.get(key, f"TRAVIS_{key.upper()}_VERSION")
        known[name] = text_of(job.values.get(key))
    own = dict(_plain_variables(job))
    read = set(_VARIABLE.findall("\n".join((script, *own.values()))))
    if read - known.keys() - _IN_SCRIPT.keys() - {"TRAVIS_TEST_RESULT"}:
        raise _Unlike
    return (*((name, value) for name, value in known.items() if name in read), *own.items())


def _plain_variables(job: Job) -> Iterator[tuple[str, str]]:
    """The variables whose values are texts; what a shell works out is set by the script."""
    for name, value in (*job.everywhere, *job.env):
        if not _is_worked_out(value):
            yield name, unquoted(value)


def _is_worked_out(value: str) -> bool:
    inside = unquoted(value)
    is_quoted = value != inside
    return (value[:1] != "'" and any(sign in value for sign in "$`\\")) or (
        not is_quoted and re.search(r"[\"'\s*?\[~]", value) is not None
    )


def _script(job: Job) -> Iterator[str]:
    """The lines of a job, each ending it or counting as Travis has it. Raises _Unlike."""
    if (
        job.allowed_if
        or any(key in job.values for key in _MORE)
        or (job.values.get("deploy") and not providers_of(job))
    ):
        raise _Unlike
    before = [line for name in _BEFORE for line in _phase(job, name, INSTALLS.get(job.language, ""))]
    script = list(lines_of(job, "script", SCRIPTS.get(job.language, "")))
    ends = [
        line for name in ("after_success", "after_failure", "after_script") for line in lines_of(job, name)
    ]
    if not script or any("TRAVIS_TEST_RESULT" in line for line in script):
        raise _Unlike
    yield from _functions("\n".join((*before, *script, *ends)))
    yield from _set(job)
    yield from _python(job)
    yield from before
    if len(script) == 1 and not ends:
        yield _guarded(script[0], "exit")
        return
    yield "status=0"
    yield from (_guarded(line, "status=1") for line in script)
    yield from _ends(job)
    yield 'exit "$status"'


def _functions(script: str) -> Iterator[str]:
    """Those of Travis' own functions that the lines call. Raises _Unlike."""
    for name in sorted(set(_FUNCTION.findall(script))):
        found = re.search(rf"^{name}\(\) \{{.*?^\}}", FUNCTIONS, re.MULTILINE | re.DOTALL)
        if found is None:
            raise _Unlike
        yield found[0]


def _set(job: Job) -> Iterator[str]:
    for name, value in (*job.everywhere, *job.env):
        if _is_worked_out(value):
            yield f"export {name}={value}"


def _python(job: Job) -> Iterator[str]:
    """Travis has each job in a virtual environment of the version that it names."""
    if job.language == "python":
        version = text_of(job.values.get("python")).removesuffix("-dev")
        name = f"python{version}" if version[:1].isdigit() else "python3"
        module = "virtualenv" if version.startswith("2") else "venv"  # Python 2 has none of its own
        yield f"{name} -m {module} ~/virtualenv"
        yield ". ~/virtualenv/bin/activate"


def _phase(job: Job, name: str, default: str) -> Iterator[str]:
    for line in lines_of(job, name, default if name == "install" else ""):
        yield _guarded(line, "exit")


def _ends(job: Job) -> Iterator[str]:
    """What comes after the script by what became of it, and cannot fail the job."""
    if any("TRAVIS_TEST_RESULT" in line for name in _AFTER for line in lines_of(job, name)):
        yield "export TRAVIS_TEST_RESULT=$status"
    success, failure = (list(lines_of(job, name)) for name in _AFTER[:2])
    for lines, sign in ((success, "="), (failure, "!=")):
        if lines:
            inside = "\n".join(_guarded(line, "true") for line in lines)
            yield f'if [ "$status" {sign} 0 ]; then\n{inside}\nfi'
    yield from (_guarded(line, "true") for line in lines_of(job, "after_script"))


_AFTER = ("after_success", "after_failure", "after_script")


def _guarded(line: str, otherwise: str) -> str:
    """A line, and what is done where it fails; a bash that ends at failures does no more within it."""
    if otherwise == "exit" and is_line(line) and is_one_program(line):
        return line
    return f"{line} || {otherwise}" if is_line(line) else f"{{ {line}\n}} || {otherwise}"
