"""What an evaluation adds to a plan: the stages that predict, by the candidate and by what is live.

What is live in the environments that its gates name is looked up here, once. From then on it is part of the
stages, and so of their keys and of the verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from seatrial.errors import BadInput
from seatrial.evaluation import gate
from seatrial.journal import releases
from seatrial.journal.journal import Journal
from seatrial.pipeline.pipeline import EVALUATE, PREDICT, Evaluate, Predict, Stage, place_of
from seatrial.store.store import Store

CANDIDATE = "candidate"


def expand(journal: Journal, _store: Store, project: str, stages: Iterable[Stage]) -> tuple[Stage, ...]:
    """The stages with those that predict, for what is live at this moment. Raises BadInput for a bad gate."""

    def live(environment: str) -> str:
        revision = releases.stable(journal, project, environment)
        return revision.package if revision else ""

    return expanded(tuple(stages), live)


def expanded(stages: tuple[Stage, ...], live: Callable[[str], str]) -> tuple[Stage, ...]:
    """`expand`, pure: `live` gives the digest of the package in an environment, "" for none."""
    several = sum(stage.action == EVALUATE for stage in stages) > 1
    found: list[Stage] = []
    for stage in stages:
        found += _evaluation(stage, live, several) if stage.action == EVALUATE else [stage]
    return tuple(found)


def environments_of(options: Evaluate) -> tuple[str, ...]:
    """The environments that the gates compare with, in order. Raises BadInput for a bad gate."""
    parsed = (gate.parse(one.text, one.place) for one in options.gates)
    names = (gate.baseline_of(one) for one in parsed if not one.live)
    return tuple(dict.fromkeys(name for name in names if name))


def _evaluation(stage: Stage, live: Callable[[str], str], several: bool) -> list[Stage]:
    options = stage.options
    assert isinstance(options, Evaluate)
    baselines = tuple((name, live(name)) for name in environments_of(options))
    if not options.predict:
        return [stage._replace(options=options._replace(baselines=baselines))]
    suffix = f"@{stage.name}" if several else ""
    predict = Predict(options.predict, options.data, options.evaluated)
    added = {"": _predicting(stage, CANDIDATE, suffix, predict)}
    for name, package in baselines:
        if name == CANDIDATE:
            raise BadInput("an environment cannot be called `candidate`", place=place_of(stage, "gates"))
        if package:
            theirs = predict._replace(package=package, environment=name)
            added[name] = _predicting(stage, name, suffix, theirs)
    names = tuple((name, one.name) for name, one in added.items())
    options = options._replace(baselines=baselines, predicted=names)
    needs = (*stage.needs, *(name for _, name in names))
    return [*added.values(), stage._replace(options=options, needs=needs)]


def _predicting(stage: Stage, who: str, suffix: str, options: Predict) -> Stage:
    """A baseline waits for what the candidate waits for: it may turn out to be the same package."""
    return stage._replace(name=f"predict@{who}{suffix}", action=PREDICT, options=options, reports=())
