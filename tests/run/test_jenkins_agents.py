"""Agents in containers, and `input`: steps where a Jenkinsfile wants them, and when a person lets them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from seatrial.errors import REFUSED
from seatrial.pipeline.dialects.jenkins import parse
from seatrial.run.runner import run as run_request
from tests.engine import IMAGE
from tests.run.stages import PATH, Project, RunResult


def run(tmp_path: Path, text: str, **env: str) -> tuple[Project, RunResult]:
    for name in ("files", "home"):
        (tmp_path / name).mkdir(exist_ok=True)
    project = Project(tmp_path / "home", tmp_path / "files", [])
    project.write("commit.txt", "from the commit\n")
    pipeline, findings = parse(text, "Jenkinsfile")
    assert not [one for one in findings if one.severity in ("error", "warning")], findings
    request = project.request(*pipeline.stages, dialect="jenkins", finally_=pipeline.finally_)
    whole = pipeline._replace(stages=request.stages)
    request = request._replace(pipeline=whole, host_env={"PATH": PATH, **env})
    try:
        return project, run_request(request, project.events.append)
    finally:
        request.journal.close()


def said(project: Project, stage: str) -> list[str]:
    return [line for line in project.log(stage).splitlines() if not line.startswith("+ ")]


WHERE = "test -d /usr && echo here || echo in a container"


def test_steps_and_post_run_in_the_image_and_share_the_workspace(tmp_path: Path, docker: str) -> None:
    text = f"""pipeline {{
        agent {{ docker {{ image '{IMAGE}'; args '-v /tmp:/tmp'; reuseNode true }} }}
        environment {{ WORD = 'hello' }}
        stages {{
            stage('One') {{ steps {{ sh '{WHERE}; echo $WORD > made; cat commit.txt' }}
                post {{ always {{ sh '{WHERE}' }} }} }}
            stage('Two') {{ agent any
                steps {{ sh '{WHERE}; cat made; stat -c %u made' }} }}
            stage('Three') {{ agent {{ docker '{IMAGE}' }}
                steps {{ sh '{WHERE}' }} }}
        }}
        post {{ always {{ sh '{WHERE}; cat made' }} }}
    }}"""
    project, result = run(tmp_path, text)
    assert result.status == "succeeded", project.log("One")
    assert said(project, "One") == ["in a container", "from the commit", "in a container"]
    assert said(project, "Two") == ["here", "hello", str(os.getuid())]
    assert said(project, "Three") == ["in a container"]
    assert said(project, "finally") == ["in a container", "hello"]


@pytest.mark.parametrize(
    ("agent", "message"),
    [
        ("docker { args '-u root' }", "a docker agent needs an image"),
        ('docker "python:${PY}"', "the image must be a string without ${…}"),
        ("docker { image 'a'; imag 'b' }", "Expected image '…'"),
        ("dockerfile true", "agent { dockerfile } is not supported"),
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
