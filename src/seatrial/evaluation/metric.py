"""The interface of a metric: one file in `metrics/`, one line in `all_metrics`.

A metric sees sufficient statistics and never examples: `Counts` of a classification, `Moments` of a
regression, `Scores` of a ranking. All functions are pure, may be called in any order and at once, and must
cost no more than the statistics are large. `option` is what stands in the parentheses of a gate ("" when
there are none): one of the metric's OPTIONS or, where TAKES_CLASS, a class that occurs in the whole data
(though perhaps not in this slice), written as `option_of` does. They are only called where there is at least
one example; where a value does not exist all the same (no example of that class) they return None.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from seatrial.evaluation.significance.estimate import Estimate

CLASSIFICATION, REGRESSION = "classification", "regression"

# The kinds of sufficient statistics.
COUNTS, MOMENTS, SCORES = "counts", "moments", "scores"


def option_of(name: str, options: tuple[str, ...]) -> str:
    """The option that means the class `name`: in quotes where it would mean something else without."""
    is_quoted = len(name) > 1 and name[0] == name[-1] == '"'
    return f'"{name}"' if name in options or is_quoted else name


def class_of(option: str) -> str:
    """The name of the class that an option means."""
    return option[1:-1] if len(option) > 1 and option[0] == option[-1] == '"' else option


class Metric(Protocol):
    """What each module of `metrics/` defines."""

    NAME: str
    TASKS: tuple[str, ...]
    HIGHER_IS_BETTER: bool | None  # None: nearer to 0 is better
    STATISTIC: str  # COUNTS, MOMENTS or SCORES
    BOUNDS: tuple[float, float]  # the values that it can have
    OPTIONS: tuple[str, ...]  # the words that may stand in parentheses; the first is what "" means
    TAKES_CLASS: bool

    def value(self, statistics: Any, option: str) -> float | None:
        """The candidate's value."""

    def interval(self, statistics: Any, option: str, alpha: float) -> Estimate | None:
        """The candidate's value with its interval of level 1 - alpha."""

    def baseline(self, statistics: Any, option: str) -> float | None:
        """The baseline's value; `statistics` are paired."""

    def difference(self, statistics: Any, option: str, factor: float, alpha: float) -> Estimate | None:
        """The candidate's value less `factor` times the baseline's, on the same examples (paired)."""
