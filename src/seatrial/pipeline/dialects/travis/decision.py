"""The conditions of a job as the decision of its stage, which is left out where one does not hold."""

from __future__ import annotations

from collections.abc import Generator, Iterator

from seatrial.errors import Place
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.travis import conditions
from seatrial.pipeline.dialects.travis.conditions import (
    Comparison,
    Condition,
    Known,
    Not,
    Some,
    Subject,
    Text,
)
from seatrial.pipeline.dialects.travis.jobs import If, Job
from seatrial.pipeline.dialects.travis.texts import Findings, Row, texts, unquoted
from seatrial.pipeline.dialects.travis.texts import text as text_of
from seatrial.pipeline.expensive import is_expensive
from seatrial.pipeline.finding import error, warning
from seatrial.pipeline.step import (
    Answer,
    Catch,
    Effect,
    LeaveOut,
    Program,
    Scope,
    Shell,
    Step,
    Steps,
    Try,
    WithEnv,
)
from seatrial.pipeline.yaml_document import Node, entries, items

_OF_RUN = {
    "type": "TRAVIS_EVENT_TYPE",
    "repo": "TRAVIS_REPO_SLUG",
    "head_repo": "TRAVIS_PULL_REQUEST_SLUG",
    "branch": "TRAVIS_BRANCH",
    "head_branch": "TRAVIS_PULL_REQUEST_BRANCH",
    "tag": "TRAVIS_TAG",
    "commit_message": "TRAVIS_COMMIT_MESSAGE",
}
_OF_JOB = ("dist", "group", "sudo")
NO_BRANCH = Comparison(Subject("branch"), "blank")


class Asked(NamedTuple):
    """Conditions, each behind what the file says, with what is known of the job."""

    conditions: tuple[tuple[str, Condition], ...]
    subjects: tuple[tuple[str, str], ...]
    env: Row

    def known(self, scope: Scope) -> Known:
        of_run = {name: scope.env.get(variable) or None for name, variable in _OF_RUN.items()}
        of_job = {name: conditions.cast(value) for name, value in self.subjects}
        settings = {name: conditions.cast(value) for name, value in scope.env.items() if _is_setting(name)}
        env = {name: conditions.cast(unquoted(value)) for name, value in self.env}
        return Known({**of_run, **of_job, "fork": False}, {**settings, **env})

    def __str__(self) -> str:
        return "; ".join(said for said, _ in self.conditions)


def _is_setting(name: str) -> bool:
    """Whether a variable can be of a repository's settings (`--env`): those of the build are no subject."""
    return not name.startswith(("TRAVIS_", "SEATRIAL_"))


class Decision(NamedTuple):
    """Leaves the job out where one of the conditions does not hold."""

    asked: Asked

    def __call__(self, scope: Scope) -> Steps:
        known = self.asked.known(scope)
        for said, condition in self.asked.conditions:
            if not (yield from _holds(condition, known)):
                yield LeaveOut(f"its condition does not hold: {said}")
                return


class Allowance(NamedTuple):
    """Runs the steps of the job, which may fail where one of the conditions holds."""

    asked: Asked
    steps: tuple[Step, ...]

    def __call__(self, scope: Scope) -> Steps:
        known = self.asked.known(scope)
        for said, condition in self.asked.conditions:
            if (yield from _holds(condition, known)):
                told = WithEnv((("TRAVIS_ALLOW_FAILURE", "true"),), self.steps)
                yield Catch(f"it may fail, as {said}", "succeeded", "failed", False, (told,))
                return
        yield WithEnv((), self.steps)


def _holds(condition: Condition, known: Known) -> Generator[Effect, Answer, bool]:
    """Whether it is so; what may take for ever to find out is tried first where it can be ended."""
    for pattern, text in conditions.asked(condition, known):
        if is_expensive(pattern, text):
            yield Try(pattern, text)
    try:
        return conditions.holds(condition, known)
    except conditions.Unclear:  # as on Travis
        return False


def decision_of(job: Job, findings: Findings) -> Program | None:
    """What decides whether the job runs: its conditions, and its branches; nothing where it always does."""
    found = list(_read(job.conditions, findings))
    branches = job.values.get("branches")
    if branches is not None:
        found += _branches(branches, findings)
    if not found:
        return None
    asked = _asked(job, found)
    return Program(Decision(asked), str(asked))  # type: ignore[arg-type]  # mypy sees no __call__ of a NamedTuple


def allowed(job: Job, steps: tuple[Step, ...], findings: Findings) -> tuple[Step, ...]:
    """The steps of a job, which may fail under some conditions."""
    found = list(_read(job.allowed_if, findings))
    if not found:
        return steps
    asked = _asked(job, found)
    scripts = (step.script for step in steps if isinstance(step, Shell))
    source = "\n".join((f"it may fail where {asked}", *scripts))
    return (Program(Allowance(asked, steps), source),)  # type: ignore[arg-type]


def _asked(job: Job, found: list[tuple[str, Condition]]) -> Asked:
    subjects = (("os", job.system), ("language", job.language), *_said(job))
    return Asked(tuple(found), subjects, (*job.everywhere, *job.env))


def _said(job: Job) -> Iterator[tuple[str, str]]:
    for name in _OF_JOB:
        if name in job.values:
            yield name, text_of(job.values[name])


def _read(wanted: tuple[If, ...], findings: Findings) -> Iterator[tuple[str, Condition]]:
    for one in wanted:
        said = " ".join(one.text.split())
        try:
            condition = conditions.parse(one.text)
        except conditions.Unclear as problem:
            findings.append(error(one.place_of(problem.offset), f"`if: {said}`: {problem}"))
            continue
        for pattern in conditions.patterns(condition):
            _check_pattern(pattern.text, one.place_of(pattern.offset), findings)
        yield said, condition


def _check_pattern(pattern: str, place: Place, findings: Findings) -> None:
    try:
        conditions.compiled(pattern)
    except conditions.Unclear as problem:
        findings.append(warning(place, f"{problem}: a condition with it never holds, as on Travis"))


def _branches(node: Node, findings: Findings) -> Iterator[tuple[str, Condition]]:
    """`only` goes before `except`; a tag is tested as a branch is. Where no branch is known, all is run."""
    parts = entries(node)
    only, excluded = parts.get("only") if parts else node, parts.get("except", parts.get("exclude"))
    is_only = bool(texts(only))
    listed = only if is_only else excluded
    names = texts(listed)
    if not names:
        return
    for item in items(listed):
        for pattern in filter(_is_pattern, texts(item)):
            _check_pattern(pattern[1:-1], item.place, findings)
    some = Some(tuple(map(_branch, names)))
    said = f"branches {'only' if is_only else 'except'} {', '.join(names)}"
    yield said, Some((NO_BRANCH, some)) if is_only else Not(some)


def _branch(name: str) -> Condition:
    if _is_pattern(name):
        return Comparison(Subject("branch"), "~", (Text(name[1:-1]),))
    return Comparison(Subject("branch"), "=", (Text(name),))


def _is_pattern(name: str) -> bool:
    return len(name) > 2 and name[0] == name[-1] == "/"
