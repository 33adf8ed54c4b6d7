"""`seatrial evaluate --against ENVIRONMENT`: what is live predicts where its predictions are not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seatrial.project.project import open_home
from tests.actions.shop import DATA, Shop, new
from tests.cli.terminal import Ended, seatrial

pytestmark = pytest.mark.slow

GATE = ("--gate", "accuracy >= production - 0.03")
ROWS = 100  # of which a threshold of 50 + d is wrong on d


@pytest.fixture
def shop(home: Path, tmp_path: Path) -> Shop:
    """A shop whose threshold of 60 is live, and predictions of a threshold of 52 in a file."""
    made = new(tmp_path, 60)._replace(home=open_home().folder)
    made.change("seatrial.yaml", "      - accuracy >= production - 0.05\n", "")
    made.change(
        "seatrial.yaml", "health: /health", 'predict: \'python3 predict.py "$MODEL" "$DATA" "$PREDICTIONS"\''
    )
    first = made.run()
    assert first.exit_code == 0
    made.go_live(first.outcomes["package"].body["package"])
    lines = [f"{n},{'yes' if n % 100 >= 52 else 'no'}" for n in range(400)]
    (tmp_path / "new.csv").write_text("\n".join(["id,prediction", *lines, ""]))
    (tmp_path / "test.csv").write_text(DATA)
    return made


def evaluate(shop: Shop, *words: str) -> Ended:
    folder = shop.files.parent
    return seatrial(
        "evaluate", "new.csv", "--project", "shop", "--against", "production", *words, folder=folder
    )


def test_it_predicts_with_what_was_packaged_and_only_once(shop: Shop) -> None:
    ended = evaluate(shop, "--data", "test.csv", *GATE, "--json")
    assert ended.code == 0, ended.err
    measured = json.loads(ended.out)["gates"][0]["checks"][0]["measurement"]
    assert measured["baseline"] == pytest.approx(0.90)
    assert measured["estimate"] == pytest.approx(0.98)
    again = evaluate(shop, "--data", "test.csv", *GATE)
    assert again.code == 0
    with shop.store() as store:
        rows = store.journal.database.rows("SELECT body FROM stage_run WHERE stage = 'predict@production'")
    assert [bool(json.loads(row[0]).get("restored_from")) for row in rows] == [False, True]


def test_without_data_it_says_what_to_do(shop: Shop) -> None:
    ended = evaluate(shop, *GATE)
    assert ended.code == 2
    assert "what is live in production was not judged on the same examples" in ended.err
    assert "--data FILE" in ended.err


def test_a_gate_is_not_judged_by_another_baseline_than_it_says(shop: Shop) -> None:
    ended = evaluate(shop, "--data", "test.csv", "--gate", "accuracy >= staging")
    assert ended.code == 2
    assert "a gate compares with staging, and --against names production" in ended.err


def test_a_package_that_cannot_predict_is_said(shop: Shop) -> None:
    (shop.files.parent / "test.csv").write_text("id,label\n0,no\n1,yes\n")
    ended = evaluate(shop, "--data", "test.csv", *GATE)
    assert ended.code == 2
    assert "what is live in production could not predict" in ended.err
    assert "seatrial logs r-" in ended.err
