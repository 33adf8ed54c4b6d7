from __future__ import annotations

from seatrial.errors import PASSED
from tests.actions.shop import Shop, messages


def key_of(shop: Shop, name: str) -> str:
    from seatrial.journal import runs

    with shop.store() as store:
        (run,) = runs.latest(store.journal, "shop", limit=1)
        row = runs.stage(store.journal, run.id, name)
    assert row is not None
    return row.key


def test_the_paths_are_absolute_so_the_command_may_go_where_it_wants(shop: Shop) -> None:
    command = 'python3 predict.py "$MODEL" "$DATA" "$PREDICTIONS"'
    shop.change(
        "seatrial.yaml", command, f"mkdir deep; cd deep; python3 ../{command.removeprefix('python3 ')}"
    )
    shop.change("seatrial.yaml", "      - accuracy >= production - 0.05\n", "")
    shop.change("seatrial.yaml", "include: [serve.py, predict.py]", "include: [serve.py]")
    result = shop.run("evaluate")
    assert result.exit_code == PASSED, messages(result)


def test_a_script_for_another_interpreter_is_run_as_it_is(shop: Shop) -> None:
    shop.change(
        "seatrial.yaml",
        'python3 predict.py "$MODEL" "$DATA" "$PREDICTIONS"',
        "|\n      #!/usr/bin/env python3\n      import os, subprocess\n"
        '      subprocess.check_call(["python3", "predict.py", *map(os.environ.get, '
        '("MODEL", "DATA", "PREDICTIONS"))])',
    )
    result = shop.run("evaluate")
    assert result.exit_code == PASSED, messages(result)


def test_a_command_that_writes_nothing_fails_its_stage(shop: Shop) -> None:
    shop.write("predict.py", "pass\n")
    outcome = shop.run("evaluate").outcomes["predict@candidate"]
    assert outcome.status == "failed"
    assert "was not made" in outcome.message


def test_the_key_follows_command_data_and_model_and_nothing_of_the_gates(shop: Shop) -> None:
    shop.run("evaluate")
    keys = [key_of(shop, "predict@candidate")]
    for path, old, new in [
        ("seatrial.yaml", '"$MODEL" "$DATA"', '"$MODEL"  "$DATA"'),
        ("data/test.csv", "0,0,no,even", "0,1,no,even"),
        ("threshold.txt", "50", "51"),
        ("predict.py", "import csv", "import  csv"),
    ]:
        shop.change(path, old, new)
        shop.run("evaluate")
        keys.append(key_of(shop, "predict@candidate"))
    assert len(set(keys)) == 5
    shop.change("seatrial.yaml", "accuracy >= 0.80", "accuracy >= 0.81")
    shop.change(
        "seatrial.yaml", "    task: classification\n", "    task: classification\n    slices: [half]\n"
    )
    shop.run("evaluate")
    assert key_of(shop, "predict@candidate") == keys[-1]


def test_the_key_of_a_baseline_follows_its_package_and_the_data_alone(shop: Shop) -> None:
    shop.go_live(shop.run().outcomes["package"].body["package"])
    shop.write("threshold.txt", "51")
    shop.run("evaluate")
    key = key_of(shop, "predict@production")
    shop.write("threshold.txt", "52")
    shop.change("predict.py", "import csv", "import  csv")
    shop.run("evaluate")
    assert key_of(shop, "predict@production") == key
    assert "predict@production" in shop.restored
    shop.change("data/test.csv", "0,0,no,even", "0,1,no,even")
    shop.run("evaluate")
    assert key_of(shop, "predict@production") != key
    assert "predict@production" in shop.started


def test_a_stage_that_is_not_kept_predicts_each_time(shop: Shop) -> None:
    shop.change("seatrial.yaml", "    task: classification\n", "    task: classification\n    cache: false\n")
    shop.run("evaluate")
    shop.run("evaluate")
    assert {"predict@candidate", "evaluate"} <= shop.started


def test_an_evaluation_without_inputs_sees_the_whole_commit(shop: Shop) -> None:
    shop.change("seatrial.yaml", "    inputs: [predict.py]\n", "")
    shop.change("predict.py", "import csv", "import answers, csv")
    shop.write("answers.py", "")
    result = shop.run("evaluate")
    assert result.exit_code == PASSED, messages(result)
