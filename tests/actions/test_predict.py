from __future__ import annotations

import pytest

from seatrial.errors import BAD_INPUT, PASSED
from tests.actions.shop import Shop, messages

pytestmark = pytest.mark.slow


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
    assert "$PREDICTIONS was not written" in outcome.message
    assert ".seatrial" not in outcome.message  # a path that nobody has chosen


def test_a_command_that_fails_is_named_as_its_author_wrote_it(shop: Shop) -> None:
    shop.write("predict.py", "raise SystemExit(7)\n")
    outcome = shop.run("evaluate").outcomes["predict@candidate"]
    assert outcome.message.startswith("`python3 predict.py ")
    assert "ended with exit code 7" in outcome.message


@pytest.mark.parametrize("made", ["os.mkdir(p)", "os.mkdir(p); open(p + '/a', 'w'); open(p + '/b', 'w')"])
def test_a_folder_is_no_file_of_predictions(shop: Shop, made: str) -> None:
    shop.write("predict.py", f"import os\np = os.environ['PREDICTIONS']\n{made}\n")
    result = shop.run("evaluate")
    outcome = result.outcomes["evaluate"]
    assert (outcome.status, result.exit_code) == ("errored", BAD_INPUT)
    assert "the command made no file of $PREDICTIONS" in outcome.message


def test_a_model_of_the_commit_is_evaluated(shop: Shop) -> None:
    shop.write("model/model.json", '{"threshold": 51}')
    pipeline = (shop.files / "seatrial.yaml").read_text()
    shop.write(
        "seatrial.yaml", pipeline[: pipeline.index("  train:")] + pipeline[pipeline.index("  evaluate:") :]
    )
    for inputs in ("    inputs: [predict.py]\n", ""):
        shop.change("seatrial.yaml", "    inputs: [predict.py]\n", inputs)
        result = shop.run("evaluate")
        assert result.exit_code == PASSED, messages(result)
        assert result.outcomes["evaluate"].body["verdict"]["candidate"]["model"]


def test_data_that_is_not_there_is_found_before_the_command_looks_for_it(shop: Shop) -> None:
    shop.change("seatrial.yaml", "    inputs: [predict.py]\n", "")
    shop.change("seatrial.yaml", "data: data/test.csv", "data: data/tset.csv")
    result = shop.run("evaluate")
    outcome = result.outcomes["predict@candidate"]
    assert (outcome.status, result.exit_code) == ("errored", BAD_INPUT)
    assert "no file matches 'data/tset.csv'" in outcome.message
    assert "predict@candidate" not in shop.started


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
