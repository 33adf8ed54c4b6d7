"""What a job deploys once its script has succeeded: a script does it, what else there is fails the job.

With `--skip-deploy` the job goes on instead, and the stage records what was passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from shlex import quote

from seatrial.pipeline.dialects.travis.jobs import Job
from seatrial.pipeline.dialects.travis.languages import VERSION_VARIABLES
from seatrial.pipeline.dialects.travis.phases import ENDING, GOING_ON, phase
from seatrial.pipeline.dialects.travis.shell import SKIPPED
from seatrial.pipeline.dialects.travis.texts import SECURE, Findings, text, texts
from seatrial.pipeline.finding import error, warning
from seatrial.pipeline.step import Mark, Program, Scope, Shell, ShellResult, Steps
from seatrial.pipeline.yaml_document import Mapping, Node, Scalar, entries, items

_PLAIN = re.compile(r"[\w./*?\[\]@+-]+")
_CONDITIONS = ("if", "on", "true")  # names of one key
_OF_ON = frozenset(("tags", "all_branches", "branch", "condition", "repo"))


def deployments_of(job: Job, findings: Findings) -> Iterator[str]:
    deployments = _deployments(job)
    if not deployments:
        return
    yield "if [[ $TRAVIS_PULL_REQUEST != false ]]; then echo 'not deployed: a pull request deploys nothing'"
    yield from ("elif [[ $TRAVIS_TEST_RESULT == 0 ]]; then", ":")
    for one in deployments:
        if isinstance(one, Mapping):
            yield from _deploy(job, one, findings)
        else:
            findings.append(error(one.place, "`deploy` is a mapping, such as `provider: script`"))
    yield "fi"


def _deploy(job: Job, node: Mapping, findings: Findings) -> Iterator[str]:
    parts = entries(node)
    provider = text(parts.get("provider")) or "(none)"
    yield f"if {' && '.join(_on(parts, findings))}; then"
    failing = "allowed" if text(parts.get("allow_failure")).lower() == "true" else "counted"
    if provider == "script":
        yield from phase(job, "before_deploy", ENDING)
        yield " ".join(("_travis_deploy", failing, *map(quote, texts(parts.get("script")))))
        yield from phase(job, "after_deploy", GOING_ON)
    else:
        hint = "a run whose `on` holds fails there: write it as `provider: script`, or say --skip-deploy"
        findings.append(warning(node.place, f"the deploy provider `{provider}` is not performed here", hint))
        yield f"_travis_no_provider {failing} {quote(provider)}"
    yield f"else echo {quote(f'not deployed by {provider}: its conditions do not hold')}"
    yield "fi"


def _on(said: dict[str, Node], findings: Findings) -> Iterator[str]:
    """The tests of `on`: the branch is master unless it or an option says another, all of them, or tags."""
    node = next((said[key] for key in _CONDITIONS if key in said), None)
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
        branch = parts.get("branch")
        names = tuple(entries(branch)) or texts(branch) or _by_branch(said) or ("master",)
        yield f"[[ {' || '.join(f'$TRAVIS_BRANCH == {_pattern(name)}' for name in names)} ]]"
    for condition in texts(parts.get("condition")):
        yield f"eval {quote(f'[[ {condition} ]]')}"
    if "repo" in parts:
        yield f"[[ $TRAVIS_REPO_SLUG == {quote(text(parts['repo']))} ]]"
    for key in sorted(parts.keys() & VERSION_VARIABLES.keys()):
        yield f"[[ ${VERSION_VARIABLES[key]} == {quote(text(parts[key]))} ]]"
    for key in sorted(parts.keys() - _OF_ON - VERSION_VARIABLES.keys()):
        findings.append(warning(parts[key].place, f"`on: {key}` is passed over"))


def _by_branch(said: dict[str, Node]) -> tuple[str, ...]:
    """The branches that an option has values for, such as `app: {main: one, dev: other}`."""
    options = (entries(node) for key, node in said.items() if key not in (*_CONDITIONS, "edge"))
    return tuple(dict.fromkeys(name for one in options if SECURE not in one for name in one))


def _pattern(name: str) -> str:
    """A branch as `[[` is to read it: `release/*` is a pattern there."""
    return name if _PLAIN.fullmatch(name) else quote(name)


def _deployments(job: Job) -> tuple[Node, ...]:
    node = job.values.get("deploy")
    if isinstance(node, Scalar) and text(node) in ("skip", "ignore", "true", "false", ""):
        return ()
    return items(node)


def skips_of(job: Job) -> tuple[Program, ...]:
    """The step that records which deployments were passed over; nothing where a script does them all."""
    return (Program(_recorded, f"what {SKIPPED} says was passed over"),) if providers_of(job) else ()


def providers_of(job: Job) -> tuple[str, ...]:
    """Those of the deployments of a job that no script does."""
    found = (text(entries(one).get("provider")) for one in _deployments(job))
    return tuple(sorted({one for one in found if one != "script"}))


def _recorded(_: Scope) -> Steps:
    asked = yield Shell(f'cat "$TMPDIR/{SKIPPED}" 2>/dev/null', check=False, capture=True)
    for name in asked.output.splitlines() if isinstance(asked, ShellResult) else ():
        yield Mark(f"skipped: nothing here deploys by {name}", "succeeded", "succeeded")
