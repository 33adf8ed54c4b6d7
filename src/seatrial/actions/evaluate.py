"""Judge predictions by the gates, against fixed bars and against what is live."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from seatrial.actions import evidence, judged
from seatrial.actions.judged import Judged
from seatrial.actions.placed import placed
from seatrial.actions.question import ask
from seatrial.errors import INCONCLUSIVE, REFUSED
from seatrial.journal import verdicts
from seatrial.journal.verdicts import VerdictRow
from seatrial.pipeline.pipeline import EVALUATE, Evaluate, Stage
from seatrial.run import key as keys
from seatrial.run.action import Context, Key
from seatrial.run.outcome import FAILED, SUCCEEDED, Outcome
from seatrial.store import blobs

NAME = EVALUATE
ACCEPT_VARIABLE = "SEATRIAL_ACCEPT_INCONCLUSIVE"  # the name of the person who accepts
FIRST_VARIABLE = "SEATRIAL_FIRST"
ASK_VARIABLE = "SEATRIAL_ASK"  # the name of the person at the terminal, where there is one to be asked


def key(stage: Stage, context: Context) -> Key | None:
    """The predictions count, not the model; so a changed gate trains and predicts nothing again."""
    options = _options(stage)
    return _key(options, judged.resolve(stage, options, context))


def perform(stage: Stage, context: Context) -> Outcome:
    """Judge, keep the verdict, and say what follows from it.

    Only a verdict that lets the run go on is kept by its key. Any other is reached again when it is asked for
    again, which costs little and gives the same.
    """
    options = _options(stage)
    found = judged.resolve(stage, options, context)
    verdict = _verdict(stage, found, context)
    record = blobs.add_bytes(context.store, json.dumps(verdict, sort_keys=True).encode())
    verdicts.record(context.journal, _row(options, found, verdict, record, context))
    outcome = _outcome(options, found, verdict, context)
    body = {
        "verdict": verdict,
        "record": record,
        "baselines": {name: {"package": package} for name, package in verdict["baselines"].items()},
        "accepted": verdict["accepted_by"],
    }
    outcome = outcome._replace(body=body)
    evidence.attach(context, {stage.name: outcome})
    return outcome


def _key(options: Evaluate, found: Judged) -> Key:
    ingredients = [
        ("action", EVALUATE),
        ("gates", "\n".join(gate.text for gate in options.gates)),
        ("task", options.task),
        ("columns", json.dumps(options.columns)),
        ("slices", json.dumps(options.slices)),
        ("confidence", options.confidence),
        ("inconclusive", options.inconclusive),
        ("predictions", found.predictions.digest),
        ("data", found.data.digest if found.data else ""),
        ("model", found.model),
    ]
    for one in found.baselines:
        ingredients += [
            (f"baseline {one.environment}", one.package),
            (f"predictions of {one.environment}", one.predictions),
        ]
    return keys.make(ingredients)


def _verdict(stage: Stage, found: Judged, context: Context) -> dict[str, Any]:
    """The record of the evaluation, with what it is about by digest and by whom it was accepted."""
    from seatrial.evaluation.evaluate import Request, evaluate
    from seatrial.evaluation.record import to_json

    options = _options(stage)
    with placed(options, found, context) as files:
        evaluation = evaluate(
            Request(
                predictions=files.predictions,
                data=files.data,
                baselines=files.baselines,
                gates=options.gates,
                slices=options.slices,
                columns=options.columns,
                task=options.task,
                confidence=options.confidence,
                inconclusive=options.inconclusive,
            )
        )
    record = to_json(evaluation)
    return {
        **record,
        "candidate": {
            "predictions": found.predictions.digest,
            "data": found.data.digest if found.data else "",
            "model": found.model,
        },
        "baselines": {one.environment: one.package for one in found.baselines},
        "accepted_by": _accepted_by(stage, record, context) if record["verdict"] == "inconclusive" else "",
    }


def _row(
    options: Evaluate, found: Judged, verdict: Mapping[str, Any], record: str, context: Context
) -> VerdictRow:
    baselines = {
        one.environment: {"package": one.package, "predictions": one.predictions} for one in found.baselines
    }
    body = {
        "verdict": record,
        "predictions": found.predictions.digest,
        "data": found.data.digest if found.data else "",
        "baselines": baselines,
    }
    key = _key(options, found).digest
    return VerdictRow(
        found.candidate, context.project, context.run, key, 0.0, str(verdict["verdict"]), found.model, body
    )


def _outcome(options: Evaluate, found: Judged, verdict: Mapping[str, Any], context: Context) -> Outcome:
    status = verdict["verdict"]
    said = _message(verdict)
    own = [one.environment for one in found.baselines if one.live and one.is_own]
    if own:
        said += f"; this very package serves in {', '.join(own)}, so it was judged against what it replaced"
    if status in ("pass", "not applicable"):
        return Outcome(SUCCEEDED, message=said)
    if status != "inconclusive":
        return Outcome(FAILED, message=said, exit_code=REFUSED)
    if verdict["accepted_by"]:
        return Outcome(SUCCEEDED, message=f"inconclusive, accepted by {verdict['accepted_by']}: {said}")
    if verdict["needs_first"] and context.host_env.get(FIRST_VARIABLE):
        return Outcome(SUCCEEDED, message=f"a first release: {said}")
    return Outcome(
        FAILED, message=f"inconclusive: {said}{_hint(options, verdict, context)}", exit_code=INCONCLUSIVE
    )


def _accepted_by(stage: Stage, verdict: Mapping[str, Any], context: Context) -> str:
    """Who accepts an inconclusive verdict: a rule, whoever was named ahead of time, or who is asked now."""
    if verdict["inconclusive"] == "accept":
        return "the policy of the pipeline"
    if verdict["inconclusive"] != "ask":
        return ""
    named = context.host_env.get(ACCEPT_VARIABLE, "")
    person = context.host_env.get(ASK_VARIABLE, "")
    if named or not person or verdict["needs_first"]:
        return named
    return person if ask(stage, "Accept it?", _evidence(stage, verdict), context) else ""


def _evidence(stage: Stage, verdict: Mapping[str, Any]) -> str:
    """What a person who is asked should see: every gate, and the slices that got worse."""
    from shutil import get_terminal_size

    from seatrial.report.terminal import verdict_lines
    from seatrial.report.verdict import verdict_record

    shown = verdict_record(verdict)._replace(slices=(), labels=())
    return "\n".join(verdict_lines(stage.name, shown, get_terminal_size().columns))


def _hint(options: Evaluate, verdict: Mapping[str, Any], context: Context) -> str:
    if verdict["needs_first"]:
        return " (add a gate with a bar of its own, or say --first)"
    if options.inconclusive == "ask":
        return " (whoever accepts it says so: seatrial run --accept-inconclusive NAME)"
    name = context.host_env.get(ACCEPT_VARIABLE, "")
    return f" ({name} cannot accept it: the pipeline says `inconclusive: refuse`)" if name else ""


def _message(verdict: Mapping[str, Any]) -> str:
    """One line with the numbers that decided: of a pass, those of the comparison, else of the first gate."""
    reason = str(verdict["reason"])
    passed = [gate for gate in verdict["gates"] if gate["verdict"] == "pass"]
    if verdict["verdict"] != "pass" or not passed:
        return reason
    compared = [gate for gate in passed for one in gate["checks"] if one["measurement"]["environment"]]
    gate = (compared or passed)[0]
    return f"{reason}; {gate['gate']}: {gate['reason']}"


def _options(stage: Stage) -> Evaluate:
    assert isinstance(stage.options, Evaluate)
    return stage.options
