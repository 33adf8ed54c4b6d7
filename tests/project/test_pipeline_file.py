from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.errors import BadInput
from seatrial.project import pipeline_file
from seatrial.project.forecast import needed

GOOD = b"stages:\n  a: echo a\n"
BAD = b"stages:\n  a: {rum: x, neds: [b]}\n"


def test_a_good_file_is_kept_and_read_from_what_was_kept(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = pipeline_file.good(home, GOOD, "seatrial.yaml")

    def never(*_: object) -> None:
        raise AssertionError("it was read again")

    monkeypatch.setattr(pipeline_file, "examine", never)
    again = pipeline_file.good(home, GOOD, "seatrial.yaml")
    assert again.pipeline == first.pipeline
    assert again.findings == first.findings


def test_another_content_or_path_is_another_file(home: Path) -> None:
    pipeline_file.good(home, GOOD, "seatrial.yaml")
    other = pipeline_file.good(home, GOOD.replace(b"echo a", b"echo b"), "seatrial.yaml")
    assert "echo b" in str(other.pipeline.stages[0].steps)
    moved = pipeline_file.good(home, GOOD, "sub/seatrial.yaml")
    assert moved.pipeline.stages[0].place.path == "sub/seatrial.yaml"


def test_a_damaged_copy_is_read_anew(home: Path) -> None:
    first = pipeline_file.good(home, GOOD, "seatrial.yaml")
    (kept,) = (home / "pipelines").iterdir()
    kept.write_bytes(kept.read_bytes()[:-3])
    assert pipeline_file.good(home, GOOD, "seatrial.yaml").pipeline == first.pipeline


def test_a_bad_file_is_refused_with_carets_and_not_kept(home: Path) -> None:
    with pytest.raises(BadInput) as caught:
        pipeline_file.good(home, BAD, "seatrial.yaml")
    assert "seatrial.yaml has" in caught.value.message
    assert "rum" in caught.value.context
    assert "^" in caught.value.context
    assert not list((home / "pipelines").iterdir()) if (home / "pipelines").exists() else True


@pytest.mark.parametrize(
    ("gate", "message"),
    [
        ("acuracy >= 0.9", "no metric"),
        ("accuracy >= staging", "is unknown"),
        ("error_rate <= 0.1", "live traffic"),
        ("accuracy >= stable", "live traffic"),
    ],
)
def test_gates_of_stages_are_findings_at_their_place(gate: str, message: str) -> None:
    text = (
        "stages:\n  judge:\n    evaluate: m\n    predictions: p.csv\n    task: classification\n"
        f"    gates:\n      - {gate}\nenvironments:\n  production: {{target: process}}\n"
    )
    found = pipeline_file.examine(text.encode(), "seatrial.yaml")
    assert any(message in one.message and one.place.line == 7 for one in found.findings), found.findings


def test_gates_of_environments_compare_with_stable_alone() -> None:
    text = (
        "stages: {a: 'true'}\nenvironments:\n  production:\n    target: process\n"
        "    gates: [error_rate <= stable + 0.5pp, accuracy >= staging, eror_rate <= 1]\n"
    )
    found = [one.message for one in pipeline_file.examine(text.encode(), "seatrial.yaml").findings]
    assert any("compares with `staging`" in message for message in found)
    assert any("eror_rate" in message for message in found)
    assert [message for message in found if "stable + 0.5pp" in message] == [
        "with `blue-green` nothing serves beside the candidate: 'error_rate <= stable + 0.5pp'"
    ]


def gates_of(strategy: str, gates: str, more: str = "") -> list[str]:
    """What is said of these gates under a strategy."""
    text = (
        "stages: {a: 'true'}\nenvironments:\n  production:\n    target: process\n    from: [main]\n"
        f"    strategy: {strategy}\n    gates: [{gates}]\n{more}"
    )
    found = pipeline_file.examine(text.encode(), "seatrial.yaml").findings
    return [f"{one.severity}: {one.message}" for one in found if one.severity != "note"]


@pytest.mark.parametrize("strategy", ["blue-green", "recreate"])
def test_where_all_are_served_by_the_candidate_gates_ask_of_it_alone(strategy: str) -> None:
    assert gates_of(strategy, "error_rate <= 1%, latency_p95 <= 200ms, throughput >= 5") == []
    [found] = gates_of(strategy, "latency_p95 <= stable * 1.2")
    assert (
        found
        == f"error: with `{strategy}` nothing serves beside the candidate: 'latency_p95 <= stable * 1.2'"
    )


def test_blue_green_compares_by_recorded_requests() -> None:
    probe = "    probe: r.jsonl\n    predictions: {from: header}\n"
    assert gates_of("blue-green", "error_rate <= stable + 1pp, agreement >= 0.9", probe) == []
    [found] = gates_of("blue-green", "accuracy >= stable - 0.02", probe)
    assert (
        found == "error: with `blue-green` nothing serves beside the candidate: 'accuracy >= stable - 0.02'"
    )


def test_targets_and_strategies_come_from_the_tables() -> None:
    text = "stages: {a: 'true'}\nenvironments:\n  production: {target: kubernetes}\n"
    found = [one.message for one in pipeline_file.examine(text.encode(), "seatrial.yaml").findings]
    assert any("no target `kubernetes`" in message for message in found)


def test_what_gates_need_is_told_for_each() -> None:
    text = (
        "stages:\n  judge:\n    evaluate: m\n    predictions: p.csv\n    task: classification\n"
        "    gates: [accuracy >= 0.9, f1 >= production - 0.02]\n"
        "environments:\n  production: {target: process}\n"
    )
    told = needed(pipeline_file.examine(text.encode(), "seatrial.yaml").pipeline)
    assert [stage for stage, _ in told] == ["judge", "judge"]
    assert all(power.examples and power.examples > 100 for _, power in told)


def test_what_is_no_text_or_too_large_is_bad_input(home: Path) -> None:
    with pytest.raises(BadInput, match="not UTF-8"):
        pipeline_file.good(home, b"stages: \xff", "seatrial.yaml")
    with pytest.raises(BadInput, match="larger"):
        pipeline_file.good(home, b"#" * (pipeline_file.LARGEST + 1), "seatrial.yaml")
    with pytest.raises(BadInput, match="cannot read"):
        pipeline_file.read(home / "nowhere.yaml")
