"""The conditions of a job as the decision of its stage, which is left out where one does not hold."""

from __future__ import annotations

from collections.abc import Iterator

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
from seatrial.pipeline.dialects.travis.texts import Findings, Row, entries, texts, unquoted
from seatrial.pipeline.dialects.travis.texts import text as text_of
from seatrial.pipeline.finding import error, warning
from seatrial.pipeline.step import LeaveOut, Program, Scope, Steps
from seatrial.pipeline.yaml_document import Node

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
_NO_BRANCH = Comparison(Subject("branch"), "blank")


class Decision(NamedTuple):
    """Conditions, each behind what the file says, with what is known of the job."""

    conditions: tuple[tuple[str, Condition], ...]
    subjects: tuple[tuple[str, str], ...]
    env: Row

    def __call__(self, scope: Scope) -> Steps:
        known = self._known(scope)
        unmet = [said for said, condition in self.conditions if not _holds(condition, known)]
        if unmet:
            yield LeaveOut(f"its condition does not hold: {unmet[0]}")

    def _known(self, scope: Scope) -> Known:
        of_run = {name: scope.env.get(variable) or None for name, variable in _OF_RUN.items()}
        of_job = {name: conditions.cast(value) for name, value in self.subjects}
        env = {name: conditions.cast(unquoted(value)) for name, value in self.env}
        return Known({**of_run, **of_job, "fork": False}, env)


def _holds(condition: Condition, known: Known) -> bool:
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
    subjects = (("os", job.system), ("language", job.language), *_said(job))
    decision = Decision(tuple(found), subjects, (*job.everywhere, *job.env))
    # mypy does not see the __call__ of a NamedTuple
    return Program(decision, "; ".join(said for said, _ in found))  # type: ignore[arg-type]


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
            findings.append(error(one.place, f"`if: {said}`: {problem}"))
            continue
        _check_patterns(condition, one.place, findings)
        yield said, condition


def _check_patterns(condition: Condition, place: Place, findings: Findings) -> None:
    for pattern in conditions.patterns(condition):
        try:
            conditions.compiled(pattern)
        except conditions.Unclear as problem:
            findings.append(warning(place, f"{problem}: a condition with it never holds, as on Travis"))


def _branches(node: Node, findings: Findings) -> Iterator[tuple[str, Condition]]:
    """`only` goes before `except`; a tag is tested as a branch is. Where no branch is known, all is run."""
    parts = entries(node)
    only, excluded = (
        texts(parts.get("only") if parts else node),
        texts(parts.get("except", parts.get("exclude"))),
    )
    names = only or excluded
    if not names:
        return
    some = Some(tuple(map(_branch, names)))
    _check_patterns(some, node.place, findings)
    said = f"branches {'only' if only else 'except'} {', '.join(names)}"
    yield said, Some((_NO_BRANCH, some)) if only else Not(some)


def _branch(name: str) -> Condition:
    if len(name) > 2 and name[0] == name[-1] == "/":
        return Comparison(Subject("branch"), "~", (Text(name[1:-1]),))
    return Comparison(Subject("branch"), "=", (Text(name),))
