"""The area under the ROC curve: how often a positive example scores higher than a negative one."""

from __future__ import annotations

from seatrial.evaluation.metric import CLASSIFICATION, SCORES
from seatrial.evaluation.scores import Scores
from seatrial.evaluation.significance import auc
from seatrial.evaluation.significance.estimate import Estimate

NAME = "auc"
TASKS = (CLASSIFICATION,)
HIGHER_IS_BETTER = True
STATISTIC = SCORES
BOUNDS = (0.0, 1.0)
OPTIONS = ("",)
TAKES_CLASS = True  # the positive class; "" is the later of the two


def value(statistics: Scores, option: str) -> float | None:
    if not _two_classes(statistics):
        return None
    return auc.components(statistics.candidate, statistics.positive).area


def interval(statistics: Scores, option: str, alpha: float) -> Estimate | None:
    if not _two_classes(statistics):
        return None
    return auc.auc(auc.components(statistics.candidate, statistics.positive), alpha)


def baseline(statistics: Scores, option: str) -> float | None:
    if statistics.baseline is None or not _two_classes(statistics):
        return None
    return auc.components(statistics.baseline, statistics.positive).area


def difference(statistics: Scores, option: str, factor: float, alpha: float) -> Estimate | None:
    if statistics.baseline is None or not _two_classes(statistics):
        return None
    ours = auc.components(statistics.candidate, statistics.positive)
    theirs = auc.components(statistics.baseline, statistics.positive)
    return auc.auc_difference(ours, theirs, factor, alpha)


def _two_classes(statistics: Scores) -> bool:
    return 0 < int(statistics.positive.sum()) < statistics.n
