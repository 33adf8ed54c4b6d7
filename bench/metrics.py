"""Metrics of 10 million rows beside five calls of scikit-learn; an interval of F1 beside resampling.

    python bench/metrics.py [--rows 10000000] [--rounds 5]

Needs scikit-learn, numpy, scipy and pyarrow, and seatrial on PYTHONPATH. Every figure is measured here, in
one process, the rivals in turn, finding out which labels there are included. Resampling would take half an
hour, so three replicates are measured, and the line says so.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from sklearn import metrics as rival

from seatrial.evaluation import counts
from seatrial.evaluation.evaluate import Request, evaluate
from seatrial.evaluation.metrics import accuracy, f1
from seatrial.evaluation.significance import delta, rates

REPLICATES = 1000
MEASURED_REPLICATES = 3


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, default=10_000_000)
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()
    print(f"{chosen.rows:,} rows, median of {chosen.rounds} rounds; scikit-learn {sklearn.__version__}")
    for classes in (2, 10):
        for dtype in (np.int64, np.uint8):
            label, predicted = example(chosen.rows, classes, dtype)
            name = f"{classes} classes, {np.dtype(dtype).name}"
            side_by_side(name, label, predicted, chosen.rounds)
    label, predicted = example(chosen.rows, 10, np.int64)
    interval(label, predicted, chosen.rounds)
    from_file(min(chosen.rows, 1_000_000), chosen.rounds)


def example(rows: int, classes: int, dtype: Any) -> tuple[Any, Any]:
    """Labels and predictions that are right in four of five rows."""
    random = np.random.default_rng(0)
    label = random.integers(0, classes, rows).astype(dtype)
    other = random.integers(0, classes, rows).astype(dtype)
    return label, np.where(random.random(rows) < 0.8, label, other)


def five_calls(label: Any, predicted: Any) -> tuple[float, ...]:
    scores = (rival.precision_score, rival.recall_score, rival.f1_score)
    averages = [score(label, predicted, average="macro") for score in scores]
    rival.confusion_matrix(label, predicted)
    return (rival.accuracy_score(label, predicted), *averages)


def counted_rows(label: Any, predicted: Any) -> counts.Counts:
    classes = int(max(label.max(), predicted.max())) + 1
    return counts.count([label, predicted], tuple(map(str, range(classes))))


def ours(label: Any, predicted: Any) -> tuple[float, ...]:
    """The same five: everything comes from one count of the rows."""
    counted = counted_rows(label, predicted)
    counts.confusion(counted)
    averages = [
        delta.rate_value(rate, counted, "macro") for rate in (rates.precision, rates.recall, rates.f1)
    ]
    return (accuracy.value(counted, ""), *averages)


def side_by_side(name: str, label: Any, predicted: Any, rounds: int) -> None:
    assert np.allclose(ours(label, predicted), five_calls(label, predicted), rtol=1e-12)
    pairs = [
        (timed(lambda: five_calls(label, predicted)), timed(lambda: ours(label, predicted)))
        for _ in range(rounds)
    ]
    theirs, mine = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    row(f"five calls, {name}", theirs, mine, ratio)


def interval(label: Any, predicted: Any, rounds: int) -> None:
    """One interval of macro F1 from the rows; ours includes counting them."""
    random = np.random.default_rng(1)

    def replicate() -> None:
        rows = random.integers(0, len(label), len(label))
        rival.f1_score(label[rows], predicted[rows], average="macro")

    def from_counts() -> None:
        f1.interval(counted_rows(label, predicted), "macro", 0.05)

    one = statistics.median(timed(replicate) for _ in range(MEASURED_REPLICATES))
    mine = statistics.median(timed(from_counts) for _ in range(rounds))
    theirs = one * REPLICATES
    row(
        f"F1 interval ({REPLICATES} resamples, extrapolated from {MEASURED_REPLICATES})",
        theirs,
        mine,
        theirs / mine,
    )


def from_file(rows: int, rounds: int) -> None:
    """The whole judgement from a CSV file with ids: reading, joining, gates, every interval."""
    label, predicted = example(rows, 2, np.int64)
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-") as folder:
        path = Path(folder) / "predictions.csv"
        lines = zip(range(rows), label.tolist(), predicted.tolist(), strict=True)
        path.write_text("id,label,prediction\n" + "".join(f"{i},{y},{c}\n" for i, y, c in lines))
        request = Request(path, task="classification")
        mine = statistics.median(timed(lambda: evaluate(request)) for _ in range(rounds))
    print(f"{f'evaluate {rows:,} rows of CSV, with ids':58} {'':>12} {mine:10.4f} s")


def timed(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def row(name: str, theirs: float, mine: float, ratio: float) -> None:
    print(f"{name:58} {theirs:10.3f} s {mine:10.4f} s   1/{ratio:,.0f}", flush=True)


if __name__ == "__main__":
    main()
