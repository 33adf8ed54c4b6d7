"""The table of metrics: name -> module, loaded on use."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from seatrial.evaluation.metric import Metric

ALL_METRICS = {
    "accuracy": "seatrial.evaluation.metrics.accuracy",
    "auc": "seatrial.evaluation.metrics.auc",
    "f1": "seatrial.evaluation.metrics.f1",
    "max_error": "seatrial.evaluation.metrics.max_error",
    "mean_absolute_error": "seatrial.evaluation.metrics.mean_absolute_error",
    "mean_error": "seatrial.evaluation.metrics.mean_error",
    "precision": "seatrial.evaluation.metrics.precision",
    "r2": "seatrial.evaluation.metrics.r2",
    "recall": "seatrial.evaluation.metrics.recall",
    "rmse": "seatrial.evaluation.metrics.rmse",
}


def metric(name: str) -> Metric:
    """The metric of that name. Raises KeyError for a name that is not in the table."""
    return cast(Metric, import_module(ALL_METRICS[name]))


def metrics_of(task: str) -> tuple[Metric, ...]:
    """The metrics that fit a task, in the order of the table."""
    return tuple(found for name in ALL_METRICS if task in (found := metric(name)).TASKS)
