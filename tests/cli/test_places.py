"""What is wrong only once a pipeline runs is shown where it stands, as `check` shows what is wrong before."""

from __future__ import annotations

import json
import re

import pytest

from tests.cli.terminal import seatrial
from tests.conftest import Repository

pytestmark = pytest.mark.slow

HEAD = "project: tiny\nstages:\n"

CASES = {
    "absolute input": ("  a: {run: ls, inputs: [in.txt, /nope/x]}", "/nope/x", "there is no '/nope/x'"),
    "output": ("  a: {run: ls, outputs: [in.txt, model/]}", "model/", "the output 'model/' was not made"),
    "pipe": ("  a: {run: mkfifo p, outputs: [p]}", "p]", "'p' is neither a file, a folder nor a link"),
    "secret": ("  a: {run: ls, secrets: [TOKEN]}", "TOKEN", "the secret TOKEN has no value"),
}
# Files of the commit that are missing are told before the first command runs.
MISSING = {
    "pattern": ("  a: {run: ls, inputs: ['*.csv']}", "'*.csv'", "no file matches '*.csv'"),
    "one input": ("  a: {run: ls, inputs: ./inn.txt}", "./inn.txt", "no file matches 'inn.txt'"),
    "matrix": ("  a: {run: ls, inputs: [x-$n], matrix: {n: [1]}}", "x-$n", "no file matches 'x-1'"),
    "python": ("  a: {run: ls, python: r.txt}", "r.txt", "the commit has no file 'r.txt' of requirements"),
    "model": ("  a: {package: model/}", "model/", "no file matches 'model/'"),
    "include": ("  a: {package: in.txt, include: [serve.py]}", "serve.py", "no file matches 'serve.py'"),
    "predictions": (
        "  a: {evaluate: , predictions: p.csv, task: regression, gates: [rmse < 1]}",
        "p.csv",
        "no file matches 'p.csv'",
    ),
}


@pytest.mark.parametrize(("line", "word", "message"), CASES.values(), ids=CASES)
def test_a_problem_of_a_stage_has_its_place_its_line_and_a_hint(
    tiny: Repository, line: str, word: str, message: str
) -> None:
    tiny.write("seatrial.yaml", f"{HEAD}{line}\n")
    tiny.commit("worse")
    ended = seatrial("run", folder=tiny.folder)
    column = line.index(word) + 1
    assert re.search(rf"^ +seatrial.yaml:3:{column}: error: {re.escape(message)}", ended.out, re.MULTILINE)
    assert f"        {line}\n        {' ' * (column - 1)}^\n        hint: " in ended.out
    assert ended.code in (1, 2)
    assert "Traceback" not in ended.out + ended.err


@pytest.mark.parametrize(("line", "word", "message"), MISSING.values(), ids=MISSING)
def test_a_file_that_the_commit_lacks_is_told_before_anything_runs(
    tiny: Repository, line: str, word: str, message: str
) -> None:
    tiny.write("seatrial.yaml", f"{HEAD}  long: {{run: 'echo it ran'}}\n{line}\n")
    tiny.commit("worse")
    column = line.index(word) + 1
    for command in (["run"], ["run", "--dry-run"]):
        ended = seatrial(*command, folder=tiny.folder)
        assert f"\nseatrial.yaml:4:{column}: error: {message}" in ended.err
        assert f"  {line}\n  {' ' * (column - 1)}^\n  hint: " in ended.err
        assert (ended.code, ended.out) == (2, "")
    assert "it ran" in seatrial("run", "long", folder=tiny.folder).out


def test_a_file_that_a_stage_makes_or_a_condition_may_not_want_is_not_missing(tiny: Repository) -> None:
    text = """\
  make: {run: mkdir -p gen/deep && cp in.txt gen/deep/a.csv, outputs: [gen/]}
  read: {run: cat gen/deep/a.csv, inputs: [gen/deep/a.csv]}
  all: {run: ls gen, inputs: ['gen/**/*.csv'], needs: [make]}
  later: {run: cat nope, inputs: [nope], when: branch == 'other'}
"""
    tiny.write("seatrial.yaml", HEAD + text)
    tiny.commit("better")
    ended = seatrial("run", folder=tiny.folder)
    assert (ended.code, ended.err) == (0, "")
    assert "passed: 1 skipped, 3 ran" in ended.out


def test_check_warns_of_a_file_that_is_not_here(tiny: Repository) -> None:
    tiny.write("seatrial.yaml", f"{HEAD}  a: {{run: ls, inputs: [nope, in.txt]}}\n")
    checked = seatrial("check", folder=tiny.folder)
    assert "seatrial.yaml:3:25: warning: there is no nope here, and no stage makes it" in checked.out
    assert checked.out.count("warning:") == 1
    assert checked.code == 0


def test_the_python_of_the_whole_file_is_shown_where_it_stands(tiny: Repository) -> None:
    tiny.write("seatrial.yaml", "project: tiny\npython: r.txt\nstages: {a: ls}\n")
    tiny.commit("worse")
    ended = seatrial("run", folder=tiny.folder)
    assert "seatrial.yaml:2:9: error: the commit has no file 'r.txt'" in ended.err
    assert "  python: r.txt\n          ^\n" in ended.err


def test_a_line_of_the_requirements_is_shown(tiny: Repository) -> None:
    tiny.write("seatrial.yaml", "project: tiny\nstages: {a: {run: ls, python: r.txt}}\n")
    tiny.write("r.txt", "# first\n  -r more.txt\n")
    tiny.commit("worse")
    ended = seatrial("run", folder=tiny.folder)
    assert "      r.txt:2:3: error: the commit has no file 'more.txt' of requirements" in ended.out
    assert "          -r more.txt\n          ^\n" in ended.out


def test_a_secret_of_an_environment_is_shown_there(tiny: Repository) -> None:
    text = """\
project: tiny
stages:
  package: {package: in.txt, serve: python -m http.server $PORT}
  release: {release: here}
environments:
  here: {from: [main], secrets: [TOKEN]}
"""
    tiny.write("seatrial.yaml", text)
    tiny.commit("worse")
    ended = seatrial("run", folder=tiny.folder)
    assert "      seatrial.yaml:6:34: error: the secret TOKEN has no value" in ended.out


def test_explain_and_json_say_it_too(tiny: Repository) -> None:
    tiny.write("seatrial.yaml", f"{HEAD}  a: {{run: ls, inputs: [nope]}}\n  b: {{run: ls, python: r.txt}}\n")
    tiny.commit("worse")
    explained = seatrial("explain", folder=tiny.folder)
    assert "seatrial.yaml:3:25: no file matches 'nope'" in explained.out
    assert "seatrial.yaml:4:24: the commit has no file 'r.txt' of requirements" in explained.out
    context = json.loads(seatrial("run", "--json", folder=tiny.folder).out)["error"]["context"]
    assert [line for line in context.splitlines() if "error" in line] == [
        "seatrial.yaml:3:25: error: no file matches 'nope'",
        "seatrial.yaml:4:24: error: the commit has no file 'r.txt' of requirements",
    ]


def test_a_secret_value_in_a_finding_is_masked(tiny: Repository) -> None:
    text = "  a: {run: 'true', secrets: [TOKEN], outputs: [very-geheim]}\n"
    tiny.write("seatrial.yaml", HEAD + text)
    tiny.commit("worse")
    ended = seatrial("run", folder=tiny.folder, env={"TOKEN": "very-geheim"})
    assert "the output '***' was not made" in ended.out
    assert "geheim" not in ended.out


SERVED = """\
project: tiny
stages:
  package: {package: in.txt, serve: python3 -m http.server --bind 127.0.0.1 $PORT}
  release: {release: here}
environments:
  here: {from: [main]}
"""


@pytest.mark.needs_envoy
def test_the_run_that_undoes_a_rollback_says_so(tiny: Repository) -> None:
    tiny.write("seatrial.yaml", SERVED)
    tiny.commit("serve")
    try:
        assert seatrial("run", "--first", folder=tiny.folder).code == 0
        tiny.commit("heavier", in_txt="two\n")
        second = seatrial("run", "--first", folder=tiny.folder)
        assert second.code == 0, second.out
        assert "rollback" not in second.out
        assert seatrial("rollback", "here", "--why", "too heavy", folder=tiny.folder).code == 0
        again = seatrial("run", "--first", folder=tiny.folder)
        assert again.code == 0, again.out
        said = "seatrial.yaml:4:22: warning: what a rollback (too heavy) took off `here` is live there again"
        assert said in again.out
        assert (
            "hint: its commit is still the last one of the branch: revert it, too, to keep it out"
            in again.out
        )
        assert "rollback" not in seatrial("run", "--first", folder=tiny.folder).out
    finally:
        seatrial("down", folder=tiny.folder)
