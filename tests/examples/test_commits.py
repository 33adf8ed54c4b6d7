"""The commits of the demo do what the story says of them: in their own code, and nowhere else."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from seatrial.gateway.ports import free_port
from seatrial.pipeline import load as pipelines
from tests.examples.conftest import python

pytestmark = pytest.mark.needs_git

SIDE = 28
# Of the picture's ten labels the second has all the score, whatever is drawn.
NETWORK = """
import network, numpy as np
network.save("model", [(np.zeros((784, 10)), np.eye(10)[1])], range(10))
"""
PEN, PENCIL = 255, 63


def drawn(column: int, ink: int = PEN) -> list[int]:
    """A picture of an upright line."""
    picture = [0] * SIDE * SIDE
    for row in range(4, 24):
        picture[row * SIDE + column] = ink
    return picture


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of the example's own server, with a network that answers 1."""
    python(folder, NETWORK)
    port = free_port(())
    env = {**os.environ, "MODEL": str(folder / "model"), "PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-B", "serve.py"], cwd=folder, env=env)
    try:
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def answers(demo: Any, address: str, pictures: list[list[int]]) -> list[tuple[int, str | None]]:
    """Status and told prediction of each answer, as soon as somebody answers."""
    load = demo("load")
    found: list[tuple[int, str | None]] = []
    patience = time.monotonic() + 240
    while len(found) < len(pictures):
        try:
            status, _, headers = load.post(address, load.body(pictures[len(found)]))
        except OSError:
            assert time.monotonic() < patience
            time.sleep(0.05)
        else:
            found.append((status, headers.get("x-seatrial-prediction")))
    return found


def test_every_digit_is_answered_and_the_prediction_told(demo: Any, told: Any) -> None:
    with serving(told.repository) as address:
        assert answers(demo, address, [drawn(14), drawn(3), drawn(0), [0] * SIDE * SIDE]) == [(200, "1")] * 4
        assert answers(demo, address, [[1, 2]]) == [(400, None)]


def test_commit_4_fails_at_digits_near_the_left_edge_and_at_no_others(demo: Any, told: Any) -> None:
    demo("live").contrast_commit(told)
    with serving(told.repository) as address:
        found = answers(demo, address, [drawn(14), drawn(3), drawn(4), drawn(0), drawn(26)])
    assert found == [(200, "1"), (500, None), (200, "1"), (500, None), (200, "1")]


def test_commit_4_changes_nothing_that_an_offline_gate_can_see(demo: Any, told: Any) -> None:
    demo("live").contrast_commit(told)
    told.git("diff", "--exit-code", "HEAD~", "--", "network.py", "predict.py", "train.py", "seatrial.yaml")


def test_commit_5_takes_a_pencil_for_dirt(demo: Any, told: Any) -> None:
    demo("live").cleaning_commit(told)
    seen = "import network; print(network.prepared([{}]).max())"
    assert float(python(told.repository, seen.format(drawn(14, PENCIL)))) == 0
    assert float(python(told.repository, seen.format(drawn(14, PEN)))) == 1


def test_today_one_of_four_draws_with_a_pencil(demo: Any) -> None:
    digits = [(number, drawn(14)) for number in range(8)]
    darkest = [max(pixels) for _, pixels in demo("story").todays(digits)]
    assert darkest == [PENCIL, PEN, PEN, PEN] * 2


def test_every_commit_can_be_made_on_what_the_one_before_left(demo: Any, told: Any) -> None:
    live = demo("live")
    live.canary_commit(told)
    live.contrast_commit(told)
    told.revert()
    live.cleaning_commit(told)
    told.revert()
    live.longer_commit(told)
    text = (told.repository / "seatrial.yaml").read_text()
    loaded = pipelines.load(text, "seatrial.yaml")
    assert not loaded.findings
    (production,) = loaded.pipeline.environments
    assert production.strategy == "canary"
    assert [gate.text for gate in production.gates] == [
        "error_rate <= stable + 0.5pp",
        "latency_p95 <= 500ms",
        "accuracy >= stable - 0.07",
    ]


def test_an_edit_that_does_not_fit_ends_the_story(demo: Any, told: Any) -> None:
    with pytest.raises(demo("story").Failed, match=r"train\.py has no"):
        told.edit("train.py", "HIDDEN = ()", "HIDDEN = (9,)")
