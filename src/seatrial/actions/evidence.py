"""Verdicts as referrers of the packages that they speak for, whichever of the two is there first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seatrial.package import provenance
from seatrial.pipeline.needs import plain
from seatrial.pipeline.pipeline import Evaluate, Package
from seatrial.run.action import Context
from seatrial.run.outcome import Outcome


def attach(context: Context, more: Mapping[str, Outcome] = {}) -> None:
    """Attach every verdict of this run to every package of the same model; doing it twice changes nothing.

    `more` are outcomes that the context does not have yet.
    """
    outcomes = {**context.outcomes, **more}
    verdicts = _of(context, outcomes, Evaluate, "verdict")
    for model, package in _of(context, outcomes, Package, "package"):
        for judged, verdict in verdicts:
            if judged == model:
                statement = provenance.test_result(package, context.project, verdict, _materials(verdict))
                provenance.attach(context.store, statement)


def _of(
    context: Context, outcomes: Mapping[str, Outcome], kind: type[Evaluate | Package], key: str
) -> list[tuple[str, Any]]:
    """(path of the model, what the outcome has under `key`) of the stages of a kind."""
    found = []
    for stage in context.pipeline.stages:
        outcome = outcomes.get(stage.name)
        if isinstance(stage.options, kind) and outcome is not None and outcome.body.get(key):
            options: Any = stage.options
            path = options.evaluated if kind is Evaluate else options.model
            found.append((plain(path), outcome.body[key]))
    return found


def _materials(verdict: Mapping[str, Any]) -> provenance.Materials:
    """The contents that a verdict rests on, by what they are."""
    judged = [(name, digest) for name, digest in sorted(verdict["candidate"].items()) if digest]
    against = [
        (f"baseline {name}", digest) for name, digest in sorted(verdict["baselines"].items()) if digest
    ]
    return (*judged, *against)
