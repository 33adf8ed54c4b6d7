"""How a package says that it is served: by a command, or by a server of ours."""

from __future__ import annotations

import pytest

from seatrial.pipeline.load import load
from seatrial.pipeline.pipeline import Package, place_of

FILE = """\
project: p
stages:
  package:
    package: model/
    include: [predict.py]
    serve: {serve}
  release: {{release: production}}
environments:
  production: {{from: [main]}}
"""


def findings(serve: str) -> list[tuple[int, int, str]]:
    found = load(FILE.format(serve=serve), "seatrial.yaml").findings
    return [(one.place.line, one.place.column, one.message) for one in found if one.severity == "error"]


def package(serve: str) -> Package:
    options = load(FILE.format(serve=serve), "seatrial.yaml").pipeline.stages[0].options
    assert isinstance(options, Package)
    return options


def test_a_command_is_a_command() -> None:
    assert findings("python serve.py") == []
    assert (package("python serve.py").serve, package("python serve.py").runtime) == ("python serve.py", "")


def test_a_function_is_served_by_a_runtime_with_its_options() -> None:
    serve = "{prediction: digit, function: ./app//predict.py:answer}"
    assert findings(serve) == []
    options = package(serve)
    assert (options.serve, options.runtime) == ("", "function")
    assert set(options.runtime_options) == {("function", "app/predict.py:answer"), ("prediction", "digit")}
    stage = load(FILE.format(serve=serve), "seatrial.yaml").pipeline.stages[0]
    assert place_of(stage, "serve", "function")[1:] == (6, 42)


@pytest.mark.parametrize(
    ("serve", "column", "said"),
    [
        (
            "{function: predict.py}",
            23,
            "`function` takes a function, such as predict.py:answer, not `predict.py`",
        ),
        ("{function: predict:answer}", 23, "`function` takes a function"),
        ("{function: 'predict.py:a-b'}", 23, "`function` takes a function"),
        ("{function: [predict.py:a]}", 23, "`function` takes a function"),
        ("{function: ../predict.py:a}", 23, "`../predict.py` in `function` leaves the workspace"),
        ("{function: /predict.py:a}", 23, "`/predict.py` in `function` is absolute"),
        ("{funktion: predict.py:a}", 13, "`serve` has no key `funktion`"),
        ("{function: predict.py:a, prediction: []}", 49, "`prediction` takes a text of one line, not a list"),
        ("[python serve.py]", 12, "`serve` takes a command, not a list"),
    ],
)
def test_what_cannot_be_meant_is_an_error_at_its_place(serve: str, column: int, said: str) -> None:
    line, found, message = findings(serve)[0]
    assert (line, found, message.startswith(said)) == (6, column, True), message
    assert not any("has no command that serves" in one[2] for one in findings(serve)), "once is enough"


@pytest.mark.parametrize("serve", ["{}", "{prediction: digit}"])
def test_a_mapping_says_what_answers(serve: str) -> None:
    assert [(line, message) for line, _, message in findings(serve)] == [
        (6, "`serve` does not say what answers")
    ]
