"""A job as the one bash script that runs it, phase by phase, as Travis' own builder writes it."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote

from seatrial.pipeline.dialects.travis import workspaces
from seatrial.pipeline.dialects.travis.caches import Cache
from seatrial.pipeline.dialects.travis.deployments import deployments_of
from seatrial.pipeline.dialects.travis.jobs import Job
from seatrial.pipeline.dialects.travis.languages import (
    COMPILERS,
    INSTALLS,
    SCRIPTS,
    VERSION_VARIABLES,
    VERSIONS,
)
from seatrial.pipeline.dialects.travis.phases import COUNTED, ENDING, GOING_ON, LEFT_OUT, lines, phase
from seatrial.pipeline.dialects.travis.shell import FUNCTIONS, PYTHON
from seatrial.pipeline.dialects.travis.texts import Findings, text, texts
from seatrial.pipeline.finding import error, note, warning
from seatrial.pipeline.yaml_document import entries

_NO_SCRIPT = "echo 'Please override the script: key in your .travis.yml to run tests.'; false"


def script_of(job: Job, number: int, offered: tuple[str, ...], cache: Cache, findings: Findings) -> str:
    """The script; what cannot be in it is said in the findings. `offered` are secrets that it may have."""
    script = [FUNCTIONS, *_variables(job, number, offered)]
    script += [*_setup(job, findings), *cache.taking, *workspaces.brought(job)]
    script += phase(job, "before_install", ENDING)
    script += phase(job, "install", ENDING, INSTALLS.get(job.language, ""))
    script += phase(job, "before_script", ENDING)
    script += _script(job, findings)
    script += phase(job, "before_cache", GOING_ON)
    script += cache.keeping
    script += ["if [[ $TRAVIS_TEST_RESULT == 0 ]]; then", ":", *workspaces.kept(job)]
    script += phase(job, "after_success", GOING_ON)
    script += ["else", ":", *phase(job, "after_failure", GOING_ON), "fi"]
    script += deployments_of(job, findings)
    script += phase(job, "after_script", GOING_ON)
    return "\n".join((*script, "_travis_end", ""))


def _variables(job: Job, number: int, offered: tuple[str, ...]) -> Iterator[str]:
    values = job.values
    yield f"export TRAVIS_JOB_NUMBER=$TRAVIS_BUILD_NUMBER.{number}"
    yield f"export TRAVIS_JOB_ID=${{TRAVIS_BUILD_NUMBER}}{number:03}"
    yield f"export TRAVIS_JOB_NAME={quote(text(values.get('name')))}"
    yield f"export TRAVIS_BUILD_STAGE_NAME={quote((job.stage or 'test').capitalize())}"
    yield f"export TRAVIS_LANGUAGE={quote(job.language)} TRAVIS_ALLOW_FAILURE={_allowed(job)}"
    yield f"export TRAVIS_DIST={quote(text(values.get('dist')))}"
    if offered:
        known = "".join(f"${{{name}-}}" for name in offered)
        yield f'[[ -z "{known}" ]] || export TRAVIS_SECURE_ENV_VARS=true'
    for key in VERSIONS.get(job.language, ()):
        if key in values:
            yield from _version(key, text(values[key]))
    for name, value in (*job.everywhere, *job.env):
        yield f"_travis_export {quote(f'{name}={value}')}"


def _allowed(job: Job) -> str:
    """What the job is told of whether it may fail; with a condition the run tells it."""
    return '"${TRAVIS_ALLOW_FAILURE-false}"' if job.allowed_if else str(job.may_fail).lower()


def _version(key: str, value: str) -> Iterator[str]:
    if key == "gemfile":
        yield f'export BUNDLE_GEMFILE="$PWD"/{quote(value)}'
        return
    yield f"export {VERSION_VARIABLES.get(key, f'TRAVIS_{key.upper()}_VERSION')}={quote(value)}"
    if key == "compiler":
        yield f"export CC={quote(value)} CXX={quote(COMPILERS.get(value, value))}"


def _setup(job: Job, findings: Findings) -> Iterator[str]:
    if job.language == "python":
        shares = text(entries(job.values.get("virtualenv")).get("system_site_packages")).lower() == "true"
        yield f"{PYTHON}_travis_python{' --system-site-packages' if shares else ''}"
        return
    key = next((key for key in VERSIONS.get(job.language, ()) if key in job.values), "")
    if key:
        message = f"`{key}` is only told to the job, which uses what is on PATH"
        findings.append(note(job.values[key].place, message))


def _script(job: Job, findings: Findings) -> Iterator[str]:
    said = texts(job.values.get("script"))
    if said:
        return iter(("export TRAVIS_TEST_RESULT=0",)) if said in LEFT_OUT else lines("script", COUNTED, said)
    default = SCRIPTS.get(job.language, "")
    if job.language in ("python", "shell"):
        default = _NO_SCRIPT
        findings.append(warning(job.place, "there is no `script`: the job fails, as on Travis"))
    elif not default:
        hint = "write it: `script: make test`"
        findings.append(error(job.place, f"`{job.language}` has no default `script` here", hint))
    return lines("script", COUNTED, (default,) if default else ())
