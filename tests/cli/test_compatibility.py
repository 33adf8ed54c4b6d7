"""`seatrial check` of another system's file: every construct, and how it is honoured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.terminal import within

JENKINSFILE = """\
pipeline {
    agent { label 'big' }
    stages {
        stage('a') {
            steps {
                sh 'make'
                cleanWs()
            }
        }
    }
}
"""


@pytest.fixture
def folder(home: object, tmp_path: Path) -> Path:
    (tmp_path / "Jenkinsfile").write_text(JENKINSFILE)
    return tmp_path


def test_check_lists_every_construct_with_its_place(folder: Path) -> None:
    ended = within("check", "Jenkinsfile", folder=folder)
    assert ended.code == 0, ended.err
    assert "  exact     Jenkinsfile:6:17  sh\n" in ended.out
    assert "  noted     Jenkinsfile:2:13  agent.label  the label has no effect" in ended.out
    assert "Jenkinsfile: 8 constructs: 5 exact, 2 emulated, 1 noted\n" in ended.out


def test_check_gives_the_constructs_as_json(folder: Path) -> None:
    given = json.loads(within("check", "-f", "Jenkinsfile", "--json", folder=folder).out)
    found = {one["name"]: one for one in given["constructs"]}
    assert found["cleanWs"] == {
        "name": "cleanWs",
        "place": {"path": "Jenkinsfile", "line": 7, "column": 17},
        "how": "emulated",
        "note": "the folder is emptied, and stays",
    }


def test_a_file_of_our_own_has_no_report(folder: Path) -> None:
    (folder / "seatrial.yaml").write_text("stages: {a: 'true'}\n")
    ended = within("check", "seatrial.yaml", folder=folder)
    assert "constructs" not in ended.out
