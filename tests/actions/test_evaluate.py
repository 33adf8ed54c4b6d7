from __future__ import annotations

import json

import pytest

from seatrial.errors import BAD_INPUT, INCONCLUSIVE, PASSED, REFUSED
from seatrial.journal import verdicts
from seatrial.store import blobs
from tests.actions.shop import Shop, messages

pytestmark = pytest.mark.slow


def test_a_first_run_judges_without_a_baseline(shop: Shop) -> None:
    result = shop.run()
    assert result.exit_code == PASSED, messages(result)
    verdict = result.outcomes["evaluate"].body["verdict"]
    assert verdict["verdict"] == "pass"
    assert [gate["verdict"] for gate in verdict["gates"]] == ["pass", "not applicable"]
    assert verdict["baselines"] == {"production": ""}
    assert "predict@production" not in result.outcomes


def test_the_same_commit_again_is_restored(shop: Shop) -> None:
    shop.run()
    result = shop.run()
    assert shop.started == set()
    assert shop.restored == set(result.outcomes) == {"train", "predict@candidate", "evaluate", "package"}


def test_a_live_package_of_this_very_commit_changes_nothing(shop: Shop) -> None:
    first = shop.run()
    shop.go_live(first.outcomes["package"].body["package"])
    again = shop.run(commit="d" * 40)
    assert shop.started == set()
    assert again.outcomes["predict@production"].outputs == first.outcomes["predict@candidate"].outputs
    assert again.outcomes["evaluate"] == first.outcomes["evaluate"]


def test_a_change_of_a_gate_is_judged_again_without_training(shop: Shop) -> None:
    first = shop.run()
    shop.go_live(first.outcomes["package"].body["package"])
    shop.change("seatrial.yaml", "accuracy >= 0.80", "accuracy >= 0.85")
    result = shop.run()
    assert result.exit_code == PASSED, messages(result)
    assert shop.started == {"evaluate"}
    gates = result.outcomes["evaluate"].body["verdict"]["gates"]
    assert [gate["verdict"] for gate in gates] == ["pass", "not applicable"]
    assert "this very package serves in production" in result.outcomes["evaluate"].message


def test_a_better_model_is_compared_with_what_is_live(shop: Shop) -> None:
    shop.write("threshold.txt", "56")
    old = shop.run().outcomes["package"].body["package"]
    shop.go_live(old)
    shop.write("threshold.txt", "50")
    result = shop.run()
    assert result.exit_code == PASSED, messages(result)
    assert shop.started == {"train", "predict@candidate", "predict@production", "evaluate", "package"}
    verdict = result.outcomes["evaluate"].body["verdict"]
    assert verdict["baselines"] == {"production": old}
    compared = verdict["gates"][1]["checks"][0]["measurement"]
    assert (compared["estimate"], compared["baseline"]) == (1.0, 0.94)
    assert "accuracy >= production - 0.05" in result.outcomes["evaluate"].message

    shop.go_live(result.outcomes["package"].body["package"])
    shop.run()
    assert shop.started == set()
    shop.change("seatrial.yaml", "production - 0.05", "production - 0.04")
    again = shop.run().outcomes["evaluate"]
    assert shop.started == {"evaluate"}
    assert again.body["verdict"]["baselines"] == {"production": old}
    assert again.body["verdict"]["gates"][1]["checks"][0]["measurement"]["baseline"] == 0.94


def test_a_worse_model_is_refused_and_no_refusal_is_kept(shop: Shop) -> None:
    shop.go_live(shop.run().outcomes["package"].body["package"])
    shop.write("threshold.txt", "65")
    for _ in range(2):
        result = shop.run()
        outcome = result.outcomes["evaluate"]
        assert (outcome.status, outcome.exit_code, result.exit_code) == ("failed", REFUSED, REFUSED)
        assert "accuracy >= production - 0.05: 0.85 against 1: -0.15" in outcome.message
    assert shop.started == {"evaluate"}


def test_the_live_package_predicts_with_its_own_code_on_new_data(shop: Shop) -> None:
    shop.go_live(shop.run().outcomes["package"].body["package"])
    shop.write("threshold.txt", "51")
    shop.write("predict.py", "raise SystemExit('the candidate has its own code')\n")
    shop.write("data/test.csv", (shop.files / "data/test.csv").read_text() + "400,99,yes,even\n")
    result = shop.run()
    assert result.outcomes["predict@production"].status == "succeeded"
    assert result.outcomes["predict@candidate"].status == "failed"
    assert "the candidate has its own code" in shop.log("predict@candidate")


def test_a_package_that_cannot_predict_is_said(shop: Shop) -> None:
    shop.change("seatrial.yaml", "      - accuracy >= production - 0.05\n", "")
    shop.change("seatrial.yaml", "include: [serve.py, predict.py]", "include: [serve.py]")
    shop.go_live(shop.run().outcomes["package"].body["package"])
    shop.change("seatrial.yaml", "accuracy >= 0.80", "accuracy >= production - 0.05")
    shop.write("threshold.txt", "51")
    result = shop.run("evaluate")
    outcome = result.outcomes["predict@production"]
    assert outcome.status == "errored"
    assert "live in `production` has no command to predict with" in outcome.message
    assert result.outcomes["evaluate"].status != "succeeded"


def test_inconclusive_is_refused_accepted_or_asked(shop: Shop) -> None:
    shop.write("threshold.txt", "60")
    shop.change("seatrial.yaml", "accuracy >= 0.80", "accuracy >= 0.89")
    refused = shop.run()
    assert refused.exit_code == INCONCLUSIVE
    assert "more examples would decide" in refused.outcomes["evaluate"].message
    assert shop.run(SEATRIAL_ACCEPT_INCONCLUSIVE="Ada").exit_code == INCONCLUSIVE

    shop.change("seatrial.yaml", "task: classification", "task: classification\n    inconclusive: ask")
    asked = shop.run()
    assert asked.exit_code == INCONCLUSIVE
    assert "seatrial run --accept-inconclusive NAME" in asked.outcomes["evaluate"].message
    accepted = shop.run(SEATRIAL_ACCEPT_INCONCLUSIVE="Ada")
    assert accepted.exit_code == PASSED
    assert accepted.outcomes["evaluate"].body["accepted"] == "Ada"
    assert accepted.outcomes["evaluate"].body["verdict"]["verdict"] == "inconclusive"
    assert shop.run().exit_code == PASSED, "what was accepted stays so"

    shop.change("seatrial.yaml", "inconclusive: ask", "inconclusive: accept")
    assert shop.run().outcomes["evaluate"].body["accepted"] == "the policy of the pipeline"


def test_a_first_release_needs_a_bar_of_its_own_or_a_word(shop: Shop) -> None:
    shop.change("seatrial.yaml", "      - accuracy >= 0.80\n", "")
    result = shop.run()
    assert result.exit_code == INCONCLUSIVE
    assert "--first" in result.outcomes["evaluate"].message
    assert shop.run(SEATRIAL_FIRST="1").exit_code == PASSED


def test_bad_predictions_are_bad_input_under_a_name_that_people_know(shop: Shop) -> None:
    shop.change("predict.py", "id,prediction", "id,guess")
    result = shop.run()
    outcome = result.outcomes["evaluate"]
    assert (outcome.status, result.exit_code) == ("errored", BAD_INPUT)
    assert "the predictions of the candidate" in outcome.message
    assert str(shop.home) not in outcome.message
    assert not list((shop.home / "workspaces").glob("*/*"))


def test_data_is_named_in_a_message_as_the_pipeline_names_it(shop: Shop) -> None:
    shop.change("predict.py", "for row in rows:", "for row in rows[:-1]:")
    outcome = shop.run("evaluate").outcomes["evaluate"]
    assert "1 of the 400 ids of data/test.csv is missing: '399'" in outcome.message
    assert str(shop.home) not in outcome.message


def test_predictions_in_another_format_are_told_by_their_content(shop: Shop) -> None:
    shop.change("predict.py", '    print("id,prediction", file=file)\n', "")
    shop.change(
        "predict.py",
        'print(row["id"], "yes" if int(row["x"]) >= threshold else "no", sep=",", file=file)',
        'answer = "yes" if int(row["x"]) >= threshold else "no"\n'
        '        print(json.dumps({"id": row["id"], "prediction": answer}), file=file)',
    )
    result = shop.run()
    assert result.exit_code == PASSED, messages(result)


def test_predictions_of_a_file_are_compared_with_those_of_the_live_model(shop: Shop) -> None:
    shop.change("seatrial.yaml", '    predict: python3 predict.py "$MODEL" "$DATA" "$PREDICTIONS"\n', "")
    shop.change("seatrial.yaml", "    data: data/test.csv\n", "    predictions: answers.csv\n")
    rows = [f"{n},{'yes' if n % 100 >= 50 else 'no'}" for n in range(400)]

    def answer(threshold: int) -> None:
        found = (f"{row},{'yes' if n % 100 >= threshold else 'no'}\n" for n, row in enumerate(rows))
        shop.write("answers.csv", "id,label,prediction\n" + "".join(found))

    answer(56)
    shop.write("threshold.txt", "56")
    shop.go_live(shop.run().outcomes["package"].body["package"])
    answer(50)
    shop.write("threshold.txt", "50")
    result = shop.run()
    assert result.exit_code == PASSED, messages(result)
    compared = result.outcomes["evaluate"].body["verdict"]["gates"][1]["checks"][0]["measurement"]
    assert (compared["estimate"], compared["baseline"]) == (1.0, 0.94)


def test_the_verdict_is_kept_in_the_store_and_the_journal(shop: Shop) -> None:
    result = shop.run()
    body = result.outcomes["evaluate"].body
    with shop.store() as store:
        assert json.loads(blobs.read(store, body["record"])) == body["verdict"]
        row = verdicts.of_model(store.journal, "shop", body["verdict"]["candidate"]["model"])
        assert row is not None
        assert (row.status, row.run) == ("pass", result.run)
        assert verdicts.last(store.journal, row.candidate) == row
        assert verdicts.of_model(store.journal, "shop", "") is None


def test_data_may_lie_outside_of_the_commit(shop: Shop) -> None:
    outside = shop.home.parent / "test.csv"
    outside.write_text((shop.files / "data/test.csv").read_text())
    shop.change("seatrial.yaml", "data: data/test.csv", f"data: {outside}")
    first = shop.run()
    assert first.exit_code == PASSED, messages(first)
    shop.go_live(first.outcomes["package"].body["package"])
    shop.write("threshold.txt", "51")
    outside.write_text(outside.read_text() + "400,99,yes,even\n")
    result = shop.run()
    assert result.exit_code == PASSED, messages(result)
    assert {"predict@candidate", "predict@production"} <= shop.started
    assert result.outcomes["evaluate"].body["verdict"]["n"] == 401
