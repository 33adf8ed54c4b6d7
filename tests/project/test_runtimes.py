"""What `check` says of packages with a server of ours, and the gates that need its predictions."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.pipeline.pipeline import Predictions
from seatrial.project import examination
from seatrial.project.pipeline_file import PipelineFile

FILE = """\
project: p
stages:
  package:
    package: model/
    include: [{include}]
    serve: {serve}
  release: {{release: production}}
environments:
  production:
    from: [main]
    canary: [5%]
    gates: [{gate}]
"""
FUNCTION = "{function: app/predict.py:answer}"
ACCURACY = "accuracy >= stable - 0.02"


def examined(
    tmp_path: Path, serve: str = FUNCTION, gate: str = ACCURACY, include: str = "app/predict.py"
) -> PipelineFile:
    (tmp_path / ".git").mkdir(exist_ok=True)
    (tmp_path / "seatrial.yaml").write_text(FILE.format(include=include, serve=serve, gate=gate))
    (file,) = examination.examine(tmp_path / "seatrial.yaml", "seatrial.yaml")
    return file


def errors(file: PipelineFile) -> list[tuple[int, int, str, str]]:
    found = [one for one in file.findings if one.severity == "error"]
    return [(one.place.line, one.place.column, one.message, one.hint) for one in found]


def predictions(file: PipelineFile) -> Predictions | None:
    return file.pipeline.environments[0].predictions


@pytest.mark.parametrize("gate", [ACCURACY, "mean_error <= 1", "recall(spam) >= 0.9"])
def test_a_gate_on_labels_needs_no_more_than_a_server_of_ours(tmp_path: Path, gate: str) -> None:
    file = examined(tmp_path, gate=gate)
    assert (errors(file), predictions(file)) == ([], Predictions())
    [(line, column, message, _)] = errors(examined(tmp_path, "python serve.py", gate))
    assert (line, column) == (12, 13)
    assert message == f"nothing keeps the predictions that {gate!r} is to judge"


def test_without_such_a_gate_nothing_is_kept(tmp_path: Path) -> None:
    assert predictions(examined(tmp_path, gate="error_rate <= 1%")) is None


def test_what_is_said_of_predictions_stays(tmp_path: Path) -> None:
    file = examined(tmp_path, gate=f"{ACCURACY}]\n    predictions: {{from: labels}}\n    require: [")
    assert predictions(file) == Predictions(source="labels")


def test_an_environment_where_another_server_serves_too_does_not_count(tmp_path: Path) -> None:
    more = (
        f"{FUNCTION}\n  other: {{package: b/, serve: python b.py}}"
        "\n  again: {release: production, needs: [other]}"
    )
    file = examined(tmp_path, more)
    assert predictions(file) is None
    assert "nothing keeps the predictions" in str(errors(file))


@pytest.mark.parametrize(
    "include", ["app", "app/", "./app/*.py", "'**/*.py'", "app/predict.py", "b, app/**", "./"]
)
def test_a_file_that_is_included_in_any_way_is_there(tmp_path: Path, include: str) -> None:
    assert errors(examined(tmp_path, include=include)) == []


def test_a_model_outside_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    text = FILE.format(include="app", serve=FUNCTION, gate=ACCURACY).replace("model/", "/far/model")
    (tmp_path / "seatrial.yaml").write_text(text)
    (file,) = examination.examine(tmp_path / "seatrial.yaml", "seatrial.yaml")
    assert not [one for one in errors(file) if "names" in one[2]]


def test_a_file_of_the_model_is_there(tmp_path: Path) -> None:
    assert errors(examined(tmp_path, "{function: model/predict.py:answer}", include="b")) == []


def test_a_file_that_is_not_included_is_an_error(tmp_path: Path) -> None:
    said = "the package lacks app/predict.py, which `serve` names"
    for include in ("predict.py", "'*.py'", "ap"):
        found = errors(examined(tmp_path, include=include))
        assert found == [(6, 23, said, "add app/predict.py to `include`")]


def test_a_function_that_the_file_has_not_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "predict.py").write_text("def answers(value): ...\n")
    assert errors(examined(tmp_path)) == [(6, 23, "app/predict.py has no function answer", "")]
    (tmp_path / "app" / "predict.py").write_text("def answer(value): ...\n")
    assert errors(examined(tmp_path)) == []
