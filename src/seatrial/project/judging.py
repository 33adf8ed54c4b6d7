"""Judging a file of predictions by hand, or from a script of another system's pipeline inside a run."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from seatrial.errors import BAD_INPUT, INCONCLUSIVE, PASSED, REFUSED, BadInput, Place
from seatrial.journal import releases, verdicts
from seatrial.journal.releases import RevisionRow
from seatrial.journal.verdicts import VerdictRow
from seatrial.named_tuple import NamedTuple
from seatrial.project.gather import VERDICT, told
from seatrial.project.project import Home
from seatrial.store import blobs
from seatrial.system import files
from seatrial.system.user import by_whom

OPTION = "--gate"  # the place of a gate that stands on the command line
BASELINE = "baseline"  # the name of what --against gives, where no gate names it
_EXIT_CODES = {"pass": PASSED, "not applicable": PASSED, "fail": REFUSED, "error": BAD_INPUT}


class Judged(NamedTuple):
    """`record` is the verdict, see docs/reference/verdict.md; `against` names the baseline for people."""

    record: Mapping[str, Any]
    against: str
    exit_code: int


class Question(NamedTuple):
    """What to judge. `against` is a file of predictions or an environment; "" compares with nothing."""

    predictions: Path
    data: Path | None = None
    task: str = ""
    gates: tuple[str, ...] = ()
    against: str = ""
    slices: tuple[str, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    confidence: str = ""
    inconclusive: str = "refuse"


Accept = Callable[[Mapping[str, Any]], str]


class _Baseline(NamedTuple):
    """`names` are those that gates call it by; `path` is None where nothing is live yet."""

    names: tuple[str, ...]
    path: Path | None
    package: str = ""


def judge(home: Home, project: str, question: Question, accept: Accept = lambda _: "") -> Judged:
    """The verdict; inside a run it becomes one of the run's. Raises BadInput, and writes nothing then.

    `accept` is called with a verdict that is inconclusive, where the question says `ask`: it names the person
    who accepts it, or says "" for a no.
    """
    from tempfile import TemporaryDirectory

    for path in (question.predictions, question.data):
        if path is not None:
            files.ask_regular(path)
    parent = home.folder / "baselines"
    parent.mkdir(mode=0o700, exist_ok=True)
    with TemporaryDirectory(dir=parent) as name:
        baseline = _baseline(home, project, question, Path(name))
        record = _evaluated(question, baseline)
    record["accepted_by"] = _accepted_by(record, accept)
    if home.run:
        _record(home, project, question, record, baseline)
    return Judged(record, question.against, exit_code(record))


def _evaluated(question: Question, baseline: _Baseline) -> dict[str, Any]:
    from seatrial.evaluation import evaluate
    from seatrial.evaluation.record import to_json

    request = evaluate.Request(
        predictions=question.predictions,
        data=question.data,
        baselines=dict.fromkeys(baseline.names, baseline.path),
        gates=tuple((text, Place(OPTION)) for text in question.gates),
        slices=question.slices,
        columns=question.columns,
        task=question.task,
        confidence=question.confidence,
        inconclusive=question.inconclusive,
    )
    try:
        return to_json(evaluate.evaluate(request))
    except BadInput as problem:
        raise _with_caret(problem, question.gates) from None


def exit_code(record: Mapping[str, Any]) -> int:
    """What a verdict ends a command with."""
    if record["verdict"] == "inconclusive":
        return PASSED if record["accepted_by"] else INCONCLUSIVE
    return _EXIT_CODES[record["verdict"]]


def _accepted_by(record: Mapping[str, Any], accept: Accept) -> str:
    """Who lets an inconclusive verdict pass; "" for nobody. What no gate could judge nobody can accept."""
    if record["verdict"] != "inconclusive" or record["needs_first"]:
        return ""
    if record["inconclusive"] == "accept":
        return by_whom()
    return accept(record) if record["inconclusive"] == "ask" else ""


def _baseline(home: Home, project: str, question: Question, folder: Path) -> _Baseline:
    named = _named(question.gates)
    if not question.against:
        if named:
            hint = "--against FILE, or --against ENVIRONMENT"
            raise BadInput(f"a gate compares with {named[0]}, and nothing says what that is", hint)
        return _Baseline((), None)
    path = Path(question.against)
    if path.exists() and not path.is_dir():
        _ask_one_name(named, named[:1], "--against is one file")
        return _Baseline(named or (BASELINE,), path)
    row = releases.environment(home.journal, project, question.against)
    revision = releases.stable(home.journal, project, question.against)
    if row is None and question.against not in named:
        raise BadInput(f"there is neither a file nor an environment {question.against}")
    _ask_one_name(named, (question.against,), f"--against names {question.against}")
    names = (question.against,)
    if revision is None:
        return _Baseline(names, None)
    return _Baseline(names, _predictions_of(home, project, revision, question, folder), revision.package)


def _ask_one_name(named: Sequence[str], known: Sequence[str], given: str) -> None:
    """Else a gate would be judged by another baseline than it says."""
    others = [name for name in named if name not in known]
    if others:
        hint = "one evaluation compares with one baseline, by its name in every gate"
        raise BadInput(f"a gate compares with {others[0]}, and {given}", hint)


def _named(gates: Sequence[str]) -> tuple[str, ...]:
    """The baselines that the gates name."""
    from seatrial.evaluation import gate

    try:
        found = [gate.baseline_of(gate.parse(text, Place(OPTION))) for text in gates]
    except BadInput as problem:
        raise _with_caret(problem, gates) from None
    return tuple(dict.fromkeys(name for name in found if name))


def _predictions_of(
    home: Home, project: str, revision: RevisionRow, question: Question, folder: Path
) -> Path:
    """The predictions of the live revision on the same data, as a file: by which it was judged, else those
    that it makes now."""
    from seatrial.actions.judged import PREDICTIONS
    from seatrial.actions.locate import Located
    from seatrial.actions.placed import place
    from seatrial.project.predicting import predict

    digest = _judged_by(home, revision.run, question)
    if not digest and question.data is None:
        hint = "give the data, and it predicts: --data FILE; or give its predictions: --against FILE"
        raise BadInput(f"what is live in {question.against} was not judged on the same examples", hint)
    if not digest and question.data is not None:
        digest = predict(home, project, question.against, revision.package, question.data)
    return place(home.store, Located(digest, name=PREDICTIONS), folder / "baseline")


def _judged_by(home: Home, run: str, question: Question) -> str:
    """The digest of the predictions by which a run was judged on the same data; "" for none."""
    from seatrial.system import digest

    data = digest.of_file(question.data) if question.data else ""
    for body in reversed(told(home, run, VERDICT)):
        predictions = str(body.get("predictions", ""))
        if body.get("data", "") == data and predictions and blobs.has(home.store, predictions):
            return predictions
    return ""


def _record(
    home: Home, project: str, question: Question, record: Mapping[str, Any], baseline: _Baseline
) -> None:
    """Make it the verdict of the run that we are part of; a release of the same run finds it there."""
    import json

    predictions = blobs.add(home.store, question.predictions)
    data = blobs.add(home.store, question.data) if question.data else ""
    text = json.dumps(record, sort_keys=True, ensure_ascii=False).encode()
    body = {
        "verdict": blobs.add_bytes(home.store, text),
        "predictions": predictions,
        "data": data,
        "baselines": {name: {"package": baseline.package} for name in baseline.names if name != BASELINE},
        "stage": os.environ.get("SEATRIAL_STAGE", ""),
    }
    candidate = f"{project}/{predictions}/{data}"
    row = VerdictRow(candidate, project, home.run, candidate, 0.0, str(record["verdict"]), "", body)
    verdicts.record(home.journal, row)


def _with_caret(problem: BadInput, gates: Sequence[str]) -> BadInput:
    """The same error, which shows the gate with a caret below the word."""
    place = problem.place
    if place is not None and place.path == OPTION and place.column:
        text = next((gate for gate in gates if repr(gate) in problem.message), "")
        if text:
            problem.context = f"  {text}\n  {' ' * (place.column - 1)}^"
        problem.place = None
    return problem
