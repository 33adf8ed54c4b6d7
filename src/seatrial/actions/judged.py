"""What an evaluation judges, and against what: everything by digest, resolved once for key and verdict."""

from __future__ import annotations

import json
from collections.abc import Mapping

from seatrial.actions.locate import Located, locate
from seatrial.actions.same import is_same_package
from seatrial.errors import BadInput
from seatrial.journal import verdicts
from seatrial.journal.verdicts import VerdictRow
from seatrial.named_tuple import NamedTuple
from seatrial.package.read import read, tree_of
from seatrial.pipeline.pipeline import Evaluate, Stage, place_of
from seatrial.run.action import Context
from seatrial.store import blobs, trees
from seatrial.system import digest as digests

PREDICTIONS = "predictions.csv"


class Baseline(NamedTuple):
    """`package` is what the candidate is compared with in an environment, "" for nothing.

    `live` is what serves there. It differs from `package` where the candidate serves there itself: its
    comparison is then the one it was released on, with what it replaced.
    """

    environment: str
    live: str
    package: str = ""
    predictions: str = ""

    @property
    def is_own(self) -> bool:
        """Whether what serves there is the candidate."""
        return self.live != self.package


class Judged(NamedTuple):
    """`candidate` names what is judged apart from gates and baselines; `model` is a digest, or ""."""

    candidate: str
    predictions: Located
    data: Located | None
    model: str
    baselines: tuple[Baseline, ...]


def resolve(stage: Stage, options: Evaluate, context: Context) -> Judged:
    """Find all that an evaluation reads. Raises BadInput, blobs.Missing."""
    if options.predictions:
        predictions, data = locate(options.predictions, stage, context), None
    else:
        predictions, data = _predicted(stage, options, "", context), locate(options.data, stage, context)
    candidate = _candidate(stage, context, predictions.digest, data)
    last = verdicts.last(context.journal, candidate)
    baselines = tuple(
        _baseline(stage, options, context, environment, live, last) for environment, live in options.baselines
    )
    return Judged(candidate, predictions, data, _model(stage, options, context), baselines)


def _candidate(stage: Stage, context: Context, predictions: str, data: Located | None) -> str:
    parts = [context.project, context.pipeline.path, stage.name, predictions, data.digest if data else ""]
    return digests.of_text(json.dumps(parts))


def _predicted(stage: Stage, options: Evaluate, environment: str, context: Context) -> Located:
    """What the stage gave that predicts for the candidate (""), or for what is live in an environment."""
    outcome = context.outcomes[dict(options.predicted)[environment]]
    tree = trees.load(context.store, outcome.outputs)
    if [entry.kind in (trees.FILE, trees.EXECUTABLE) for entry in tree] != [True]:
        hint = "let it write one file there: csv, parquet or jsonl"
        raise BadInput("the command made no file of $PREDICTIONS", hint, place_of(stage, "predict"))
    return Located(tree[0].digest, tree, PREDICTIONS)


def _model(stage: Stage, options: Evaluate, context: Context) -> str:
    return locate(options.evaluated, stage, context).digest if options.evaluated else ""


def _baseline(
    stage: Stage, options: Evaluate, context: Context, environment: str, live: str, last: VerdictRow | None
) -> Baseline:
    if not live:
        return Baseline(environment, "")
    if is_same_package(live, options.evaluated, context):
        return _replaced(environment, live, last, context)
    if environment in dict(options.predicted):
        return Baseline(environment, live, live, _predicted(stage, options, environment, context).digest)
    return Baseline(environment, live, live, _remembered(stage, live, environment, context))


def _replaced(environment: str, live: str, last: VerdictRow | None, context: Context) -> Baseline:
    """What the candidate was compared with when it was judged last, before it went live."""
    baselines: Mapping[str, Mapping[str, str]] = last.body["baselines"] if last else {}
    before = baselines.get(environment, {})
    if not before.get("package") or not blobs.has(context.store, before["predictions"]):
        return Baseline(environment, live)
    return Baseline(environment, live, before["package"], before["predictions"])


def _remembered(stage: Stage, live: str, environment: str, context: Context) -> str:
    """The predictions with which the live package's own model was judged, where there is nothing to run."""
    contents = read(context.store, live)
    found = trees.under(tree_of(contents), contents.model)
    model = (
        found[0].digest if [entry.path for entry in found] == [_name(contents.model)] else trees.digest(found)
    )
    row = verdicts.of_model(context.journal, context.project, model)
    if row is None or not blobs.has(context.store, row.body["predictions"]):
        hint = "give `predict` and `data` in place of `predictions`, so that it can be run"
        text = f"there are no predictions of the package live in `{environment}` to compare with"
        raise BadInput(text, hint, place_of(stage, "predictions"))
    return str(row.body["predictions"])


def _name(path: str) -> str:
    return path.rpartition("/")[2]
