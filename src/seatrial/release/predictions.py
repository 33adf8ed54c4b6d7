"""The prediction log: what of live answers is kept, so that labels can be joined with it later.

Whether a request is in the sample depends on its id alone: both arms are sampled alike, a restart changes
nothing, and of a label it is known at once whether it can ever find its prediction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from seatrial.evaluation.labels import text
from seatrial.gateway import secret_values
from seatrial.gateway.log_line import Line
from seatrial.journal import labels, secrets
from seatrial.journal.journal import Journal
from seatrial.journal.labels import Prediction
from seatrial.journal.releases import EnvironmentRow
from seatrial.pipeline.pipeline import Predictions
from seatrial.release.users import unit

HEADER, LABELS = "header", "labels"  # who says what was predicted: `Predictions.source`
Mask = Callable[[str], str]

_MASK = secrets.MASK.decode()
_REMEMBERED = 4096  # texts; most models have few labels


def policy(row: EnvironmentRow) -> Predictions | None:
    """What an environment keeps of predictions; None where it keeps nothing."""
    told = row.gateway.get("predictions")
    return Predictions(**{**told, "mask": tuple(told["mask"])}) if told else None


def hidden(home: Path, row: EnvironmentRow) -> tuple[str, ...]:
    """The values of the environment's secrets, which no prediction may show."""
    return tuple(secret_values.kept(home, row.project, row.name).values())


def keep(journal: Journal, row: EnvironmentRow, lines: Iterable[Line], hidden: Iterable[str] = ()) -> int:
    """Keep the predictions among answers; returns how many labels had waited for them.

    Call it inside the `change` that keeps how far the log was read.
    """
    rules = policy(row)
    if rules is None:
        return 0
    found = kept(rules, lines, mask(rules, hidden))
    return labels.add_predictions(journal, row.project, row.name, found)


def kept(rules: Predictions, lines: Iterable[Line], mask: Mask) -> Iterator[Prediction]:
    """The predictions that the sample holds. A failed answer is none.

    Where labels say what was predicted, it is kept who answered, and when.
    """
    for line in lines:
        if line.failed or not line.request or not line.revision or not is_sampled(line.request, rules.sample):
            continue
        value = (text(line.prediction) or "") if rules.source == HEADER else ""
        if value or rules.source == LABELS:
            who = unit(line.unit) if line.unit else ""
            yield Prediction(line.request, float(line.at), line.revision, mask(value), who)


def is_sampled(request: str, share: float) -> bool:
    from hashlib import sha256

    return share >= 1 or int.from_bytes(sha256(request.encode()).digest()[:8]) < share * 2**64


def mask(rules: Predictions, hidden: Iterable[str] = ()) -> Mask:
    """Replaces secrets, and what the environment's `mask` finds. Labels go through it as predictions do."""
    patterns = [re.compile(pattern) for pattern in rules.mask]
    forms = secrets.forms(hidden)

    @lru_cache(_REMEMBERED)
    def masked(value: str) -> str:
        if forms:
            value = secrets.mask(value.encode(), forms).decode("utf-8", "replace")
        for pattern in patterns:
            value = pattern.sub(_MASK, value)
        return value

    return masked


def forget(journal: Journal, row: EnvironmentRow, now: float) -> int:
    """Forget what is older than the environment keeps it, a bounded part of it at once; returns how much.

    What was kept before `predictions` was taken away is forgotten as by default.
    """
    place = (row.project, row.name, now - (policy(row) or Predictions()).keep_seconds)
    if not labels.is_any_older(journal, *place):
        return 0
    with journal.change():
        return labels.forget(journal, *place)
