"""`seatrial convert` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seatrial.cli import main
from seatrial.errors import BAD_INPUT, PASSED

FILE = "stages:\n  build: {run: make, timeout: 90s}\n"


@pytest.fixture(autouse=True)
def folder(home: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "seatrial.yaml").write_text(FILE)
    return tmp_path


def test_the_file_is_the_answer_and_losses_stand_beside(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["convert", "--to", "github-actions"]) == PASSED
    said = capsys.readouterr()
    assert "runs-on: ubuntu-latest" in said.out
    assert "lost" not in said.out
    assert "seatrial.yaml:2:3: lost: no result is restored: every stage runs each time" in said.err


def test_json_has_both(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["convert", "--to", "gitlab", "--json"]) == PASSED
    answer = json.loads(capsys.readouterr().out)
    assert answer["to"] == "gitlab"
    assert "90 seconds" in answer["text"]
    assert answer["losses"][0]["place"]["line"] == 2


def test_no_file_is_overwritten_unless_that_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there = folder / ".gitlab-ci.yml"
    there.write_text("mine")
    words = ["convert", "--to", "gitlab", "--output", ".gitlab-ci.yml"]
    assert main.run(words) == BAD_INPUT
    assert "exists and is left as it is" in capsys.readouterr().err
    assert there.read_text() == "mine"
    assert main.run([*words, "--force"]) == PASSED
    assert "stage: run" in there.read_text()
    there.unlink()
    assert main.run(words) == PASSED
    assert sorted(path.name for path in folder.iterdir() if path.is_file()) == [
        ".gitlab-ci.yml",
        "seatrial.yaml",
    ]


DECIDING = """\
version: 2.1
jobs:
  a:
    machine: {image: "ubuntu-2204:current"}
    steps: [checkout, {run: 'echo hello'}]
  b:
    machine: {image: "ubuntu-2204:current"}
    steps: [checkout, {run: 'echo there'}]
workflows: {main: {jobs: [a, {b: {requires: [{a: [failed, canceled]}]}}]}}
"""


@pytest.mark.parametrize("name", [".circleci/config.yml", "linked.yml"])
def test_a_file_that_is_run_by_what_is_written_is_not_replaced(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    there = folder / ".circleci/config.yml"
    there.parent.mkdir()
    there.write_text(DECIDING)
    (folder / "linked.yml").symlink_to(there)
    words = ["convert", "-f", ".circleci/config.yml", "--to", "circleci", "--output"]
    assert main.run([*words, name, "--force"]) == BAD_INPUT
    assert "runs the file that is there now" in capsys.readouterr().err
    assert there.read_text() == DECIDING
    assert main.run([*words, "other.yml", "--force"]) == PASSED


@pytest.mark.parametrize("below", ["", "deep/er"])
@pytest.mark.parametrize("file", [".circleci/config.yml", "shop/.circleci/config.yml"])
def test_the_nearest_file_is_found_and_named_by_its_path_in_the_repository(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, file: str, below: str
) -> None:
    (folder / "seatrial.yaml").unlink()
    (folder / ".git").mkdir()
    (folder / file).parent.mkdir(parents=True)
    (folder / file).write_text(DECIDING)
    stands = (folder / file).parent.parent / below
    stands.mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(stands)
    assert main.run(["convert", "--to", "gitlab"]) == PASSED
    said = capsys.readouterr()
    assert f"seatrial run HEAD --file {file} --dialect circleci" in said.out
    assert said.err.startswith(f"{file}:9:31: lost: ")


@pytest.mark.parametrize(
    ("text", "to", "said"),
    [
        ("stages: {a: {needs: [b], run: x}}", "gitlab", "which is no stage"),
        ("environments: {a: {}}", "gitlab", "has no stages"),
        (FILE, "seatrial", "is a seatrial.yaml already"),
    ],
)
def test_what_cannot_be_written_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str, to: str, said: str
) -> None:
    (folder / "seatrial.yaml").write_text(text)
    assert main.run(["convert", "--to", to]) == BAD_INPUT
    assert said in capsys.readouterr().err
