"""Agents in containers, and `input`: steps where a Jenkinsfile wants them, and when a person lets them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from seatrial.errors import REFUSED
from seatrial.pipeline.dialects.jenkins import parse
from tests.engine import IMAGE
from tests.run.jenkins import run, said

pytestmark = pytest.mark.slow

WHERE = "test -d /usr && echo here || echo in a container"


def test_steps_and_post_run_in_the_image_and_share_the_workspace(tmp_path: Path, docker: str) -> None:
    text = f"""pipeline {{
        agent {{ docker {{ image '{IMAGE}' }} }}
        environment {{ WORD = 'hello' }}
        stages {{
            stage('One') {{ steps {{ sh '{WHERE}; echo $WORD > made; cat commit.txt' }}
                post {{ always {{ sh '{WHERE}' }} }} }}
            stage('Two') {{ agent any
                steps {{ sh '{WHERE}; ls; stat -c %u commit.txt; echo other > made' }} }}
            stage('Three') {{ agent {{ docker {{ image '{IMAGE}'; reuseNode true }} }}
                steps {{ sh '{WHERE}; cat made' }} }}
        }}
        post {{ always {{ sh '{WHERE}; cat made' }} }}
    }}"""
    project, result = run(tmp_path, text)
    assert result.status == "succeeded", project.log("One")
    assert said(project, "One") == ["in a container", "from the commit", "in a container"]
    assert said(project, "Two") == ["here", "commit.txt", str(os.getuid())]
    assert said(project, "Three") == ["in a container", "hello"]
    assert said(project, "finally") == ["in a container", "hello"]


def test_an_agent_has_a_workspace_of_its_own_where_that_around_it_is_taken(tmp_path: Path) -> None:
    text = """pipeline { agent any
        stages {
            stage('Make') { steps { sh 'echo root > made' } }
            stage('Clean') { agent { label 'x' }
                steps { sh 'ls; echo edited > commit.txt; echo inner > made' } }
            stage('Again') { agent { label 'y' }
                steps { sh 'cat commit.txt made' } }
            stage('Group') { agent any
                stages {
                    stage('In') { steps { sh 'cat made' } }
                    stage('Deep') { agent any
                        steps { sh 'ls' } } } }
            stage('Empty') { agent any; options { skipDefaultCheckout() }
                steps { sh 'cat made' } }
            stage('Use') { steps { sh 'cat made commit.txt' } }
        }
    }"""
    project, result = run(tmp_path, text)
    assert result.status == "succeeded", [one.message for one in result.outcomes.values()]
    assert said(project, "Clean") == ["commit.txt"]
    assert said(project, "Again") == ["from the commit", "inner"]
    assert (said(project, "In"), said(project, "Deep")) == (["inner"], ["commit.txt"])
    assert (said(project, "Empty"), said(project, "Use")) == (["inner"], ["root", "from the commit"])


@pytest.mark.parametrize(
    ("agent", "message"),
    [
        ("docker { args '-u root' }", "a docker agent needs an image"),
        ("docker { image '' }", "a docker agent needs an image"),
        ("docker { image 'a'; imag 'b' }", "Invalid config option of a docker agent"),
        ("docker { image 'a'; image 'b' }", "Multiple occurrences of image"),
        ("docker { image 'a', 'b' }", "'image' takes one value"),
        ("docker { image 'a'; args '--restart=always' }", "--restart cannot be honoured"),
        ("docker { image 'a'; args '-v /x:/x busybox' }", "'busybox' is no option of docker run"),
        (
            "docker { image 'a'; registryCredentialsId \"${ID}\" }",
            "the id of credentials is a string without ${…}",
        ),
        ("dockerfile false", "'dockerfile' takes one value"),
        ("dockerfile { file 'a' }", "Invalid config option of a dockerfile agent"),
    ],
)
def test_an_agent_that_cannot_be_had_is_a_finding(agent: str, message: str) -> None:
    text = f"pipeline {{ agent {{ {agent} }}\n stages {{ stage('a') {{ steps {{ echo 'x' }} }} }} }}"
    _, findings = parse(text, "Jenkinsfile")
    assert message in [one.message for one in findings if one.severity == "error"]


def asking(stage: str) -> str:
    return f"""pipeline {{ agent any
        stages {{
            stage('Build') {{ steps {{ echo 'built' }} }}
            stage('Ship') {{ {stage} }}
            stage('After') {{ steps {{ echo 'after' }} }}
        }}
    }}"""


ASKING = [
    "input { message 'Ship it?'\n ok 'Yes'\n submitter 'ada' }\n steps { echo 'shipped' }",
    "steps { input 'Ship it?'; echo 'shipped' }",
    "steps { input message: 'Ship it?', ok: 'Yes'\n echo 'shipped' }",
]


@pytest.mark.parametrize("stage", ASKING)
def test_a_person_is_asked_before_the_stage(tmp_path: Path, stage: str) -> None:
    project, result = run(tmp_path, asking(stage))
    assert (result.status, result.exit_code) == ("failed", REFUSED)
    assert {name: one.status for name, one in result.outcomes.items()} == {
        "Build": "succeeded",
        "Approve Ship": "failed",
        "Ship": "skipped",
        "After": "skipped",
    }
    assert result.outcomes["Approve Ship"].message.startswith("Ship it? Nobody is here to answer")
    project, result = run(tmp_path, asking(stage), SEATRIAL_APPROVE="Approve Ship")
    assert result.status == "succeeded"
    assert said(project, "Ship") == ["shipped"]


def test_a_stage_that_only_asks_is_the_question(tmp_path: Path) -> None:
    text = asking("steps { input 'Ship it?' }")
    _, result = run(tmp_path, text, SEATRIAL_APPROVE="Approve Ship")
    assert list(result.outcomes) == ["Build", "Approve Ship", "After"]
    assert result.status == "succeeded"


@pytest.mark.parametrize("stage", ASKING)
def test_nobody_is_asked_where_the_stage_is_left_out(tmp_path: Path, stage: str) -> None:
    _, result = run(tmp_path, asking("when { branch 'release' }\n" + stage))
    assert {name: one.status for name, one in result.outcomes.items()} == {
        "Build": "succeeded",
        "Approve Ship": "skipped",
        "Ship": "skipped",
        "After": "succeeded",
    }
