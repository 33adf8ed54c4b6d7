"""Labels from outside, from a file or over HTTP: what one has to look like, and how they are taken in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isfinite
from pathlib import Path
from typing import Any

from seatrial.errors import BadInput
from seatrial.evaluation.labels import text
from seatrial.gateway.log_line import LONGEST_PREDICTION, LONGEST_REQUEST
from seatrial.journal import labels, releases
from seatrial.journal.journal import Journal
from seatrial.journal.labels import Label
from seatrial.journal.releases import EnvironmentRow
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.pipeline import Predictions
from seatrial.release import predictions
from seatrial.release.predictions import Mask

# What a label may say, by name.
ID, LABEL, PREDICTION, REVISION, ANSWERED = "id", "label", "prediction", "revision", "answered"
ROLES = (ID, LABEL, PREDICTION, REVISION, ANSWERED)

# What becomes of a label, beside the outcomes of the journal: its request is not in the sample.
UNSAMPLED = "unsampled"
OUTCOMES = (*labels.OUTCOMES, UNSAMPLED)


class Correction(NamedTuple):
    """Why labels are given that are to stand in the place of others, and by whom."""

    why: str
    by: str


_SHOWN = 60  # characters of a hostile value
_AHEAD_SECONDS = 60.0  # by so much may another machine's clock be ahead


class Rules(NamedTuple):
    """What labels of one environment are held against; `revisions` are the ids of all that it had."""

    row: EnvironmentRow
    policy: Predictions
    mask: Mask
    revisions: frozenset[str]


def rules(home: Path, journal: Journal, row: EnvironmentRow) -> Rules:
    """Raises BadInput where the environment keeps no predictions: its labels could be joined with nothing."""
    policy = predictions.policy(row)
    if policy is None:
        message = f"the environment {row.name} keeps no predictions, so a label has nothing to be joined with"
        raise BadInput(message, hint=f"add `predictions: {{from: header}}` to `{row.name}`, and release")
    known = frozenset(one.id for one in releases.revisions(journal, row.project, row.name))
    return Rules(row, policy, predictions.mask(policy, predictions.hidden(home, row)), known)


def label_of(given: Mapping[str, Any], rules: Rules, now: float) -> Label:
    """A label from its plain values, by role. Raises BadInput, without a place, for what is none."""
    value = _text(given, LABEL, LONGEST_PREDICTION)
    answer = _text(given, PREDICTION, LONGEST_PREDICTION)
    request = _text(given, ID, LONGEST_REQUEST)
    if not request or not value:
        raise BadInput(f"the {ID if not request else LABEL!r} is missing", "every label needs one")
    if not answer and rules.policy.source == predictions.LABELS:
        hint = "the environment says `predictions: {from: labels}`"
        raise BadInput(f"the {PREDICTION!r} is missing", hint)
    revision = _revision(_text(given, REVISION, LONGEST_PREDICTION), rules)
    answered = _time(given.get(ANSWERED), now)
    return Label(request, now, rules.mask(value), rules.mask(answer), revision, answered)


def add(
    journal: Journal, rules: Rules, given: Iterable[Label], correction: Correction | None = None
) -> dict[str, int]:
    """Keep labels in one transaction; returns how many became what, by OUTCOMES, or corrected another."""
    share, place = rules.policy.sample, (rules.row.project, rules.row.name)
    found = list(given)
    sampled = [one for one in found if one.is_whole or predictions.is_sampled(one.request, share)]
    with journal.change(durable=True):
        if correction is None:
            outcomes = labels.add_labels(journal, *place, sampled)
        else:
            said = {name: rules.mask(value) for name, value in correction._asdict().items()}
            outcomes = labels.correct_labels(journal, *place, sampled, **said)
    return {**outcomes, UNSAMPLED: len(found) - len(sampled)}


def _text(given: Mapping[str, Any], role: str, longest: int) -> str:
    """The value of a role as the text that it is compared by; "" where there is none."""
    value = given.get(role)
    if isinstance(value, (dict, list, bytes)):
        raise BadInput(f"the {role!r} is not one value", "write a text or a number")
    found = text(value) or ""
    if len(found) > longest:
        raise BadInput(f"the {role!r} is longer than {longest} characters")
    if not found.isprintable():
        raise BadInput(f"the {role!r} {found[:_SHOWN]!r} has signs that cannot be printed")
    return found


def _revision(said: str, rules: Rules) -> str:
    """The id of a revision, from its number, or from what the header `seatrial-revision` says."""
    from urllib.parse import unquote

    if not said:
        return ""
    found = f"{rules.row.project}/{rules.row.name}/{said}" if said.isdigit() else unquote(said)
    if found not in rules.revisions:
        hint = "give its number, or what the answer's header `seatrial-revision` says"
        raise BadInput(f"{rules.row.name} never had a revision {said[:_SHOWN]!r}", hint)
    return found


def _time(value: object, now: float) -> float:
    """Seconds since the epoch: of a number, or of a date and time in ISO 8601, without a zone in UTC; 0 of
    nothing."""
    from datetime import UTC, datetime

    if value is None or value == "":
        return 0.0
    try:
        if isinstance(value, str) and not _is_number(value):
            value = datetime.fromisoformat(value)
        if isinstance(value, datetime):
            value = (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
        found = float(value)  # type: ignore[arg-type]  # whatever is none says so
    except (ValueError, TypeError, OverflowError):
        found = -1.0
    if isinstance(value, bool) or not isfinite(found) or not 0 < found <= now + _AHEAD_SECONDS:
        hint = "write seconds since 1970, or 2026-05-03T14:07:00Z, and no time to come"
        raise BadInput(f"the {ANSWERED!r} {str(value)[:_SHOWN]!r} is no time of an answer", hint)
    return found


def _is_number(value: str) -> bool:
    return value.replace(".", "", 1).isdigit()
