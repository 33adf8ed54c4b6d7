"""`withSonarQubeEnv` and `waitForQualityGate` of a Jenkinsfile, against a server of SonarQube's API."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.conftest import requires
from tests.run.test_jenkins_credentials import run, said

pytestmark = pytest.mark.slow

TOKEN = "squ-very-secret-1"


class SonarQube(HTTPServer):
    """An analysis that is pending when it is first asked for, and what the gate says then."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.task, self.gate = "SUCCESS", "OK"
        self.asked: list[str] = []
        self.tokens: set[str] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answers(BaseHTTPRequestHandler):
    server: SonarQube

    def do_GET(self) -> None:
        server = self.server
        server.asked.append(self.path)
        word = self.headers.get("Authorization", "").partition(" ")[2]
        server.tokens.add(base64.b64decode(word).decode().rstrip(":"))
        answer: dict[str, dict[str, str]] = {"projectStatus": {"status": server.gate}}
        if "/ce/task" in self.path:
            answer = {
                "task": {"status": server.task if len(server.asked) > 1 else "PENDING", "analysisId": "A9"}
            }
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_given: object) -> None:
        """Nothing is printed."""


@pytest.fixture
def sonarqube() -> Iterator[SonarQube]:
    requires("curl")
    with SonarQube() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def scanner(url: str, task: str = "T1") -> str:
    """What a scanner leaves behind."""
    report = f"mkdir -p target/sonar; printf 'serverUrl=%s\\nceTaskId=%s\\n' {url} {task}"
    return f"sh '''{report} > target/sonar/report-task.txt'''"


def stages(server: SonarQube, wait: str) -> tuple[str, str]:
    seen = 'echo "$SONAR_CONFIG_NAME $SONAR_MAVEN_GOAL ${SONAR_AUTH_TOKEN:-no token}"'
    scan = f"steps {{ withSonarQubeEnv('ours') {{ sh '{seen}'; {scanner(server.url)} }} }}"
    return scan, f"steps {{ {wait}; echo 'after' }}"


SECRETS = {"SONAR_AUTH_TOKEN": TOKEN}


def test_the_gate_of_the_analysis_is_asked_for_until_the_server_has_it(
    tmp_path: Path, sonarqube: SonarQube
) -> None:
    wait = "timeout(time: 1, unit: 'MINUTES') { waitForQualityGate abortPipeline: true }"
    environment = f"SONAR_HOST_URL = '{sonarqube.url}/'"
    project, result = run(tmp_path, *stages(sonarqube, wait), environment=environment, secrets=SECRETS)
    assert result.status == "succeeded"
    assert said(project, "s0")[0] == "ours sonar:sonar ***"
    assert said(project, "s1") == ["SonarQube task 'T1' completed. Quality gate is 'OK'", "after"]
    task = "/api/ce/task?id=T1"
    assert sonarqube.asked == [task, task, "/api/qualitygates/project_status?analysisId=A9"]
    assert sonarqube.tokens == {TOKEN}


def test_a_gate_that_is_not_ok_ends_the_stage_where_it_is_to(tmp_path: Path, sonarqube: SonarQube) -> None:
    sonarqube.gate = "ERROR"
    stage = stages(sonarqube, "waitForQualityGate abortPipeline: true")
    project, result = run(tmp_path, *stage, secrets={})
    assert (result.status, said(project, "s1")[-1]) != ("succeeded", "after")
    assert "Pipeline aborted due to quality gate failure: ERROR" in result.outcomes["s1"].message
    assert sonarqube.tokens == {""}


def test_a_script_sees_the_status_and_decides_itself(tmp_path: Path, sonarqube: SonarQube) -> None:
    sonarqube.gate = "WARN"
    wait = 'script { def gate = waitForQualityGate(); echo "${gate.status} ${gate.getStatus()}" }'
    project, result = run(tmp_path, *stages(sonarqube, wait), secrets={})
    assert result.status == "succeeded"
    assert said(project, "s1")[1:] == ["WARN WARN", "after"]


@pytest.mark.parametrize("task", ["FAILED", "CANCELED"])
def test_an_analysis_that_failed_fails_the_stage(tmp_path: Path, sonarqube: SonarQube, task: str) -> None:
    sonarqube.task = task
    _, result = run(tmp_path, *stages(sonarqube, "waitForQualityGate()"), secrets={})
    assert f"SonarQube analysis 'T1' failed: {task}" in result.outcomes["s1"].message


def test_without_an_analysis_there_is_nothing_to_wait_for(tmp_path: Path) -> None:
    _, result = run(tmp_path, "steps { waitForQualityGate true }", secrets={})
    assert "No previous SonarQube analysis found" in result.outcomes["s0"].message


def test_a_server_that_only_a_file_names_gets_no_token(tmp_path: Path, sonarqube: SonarQube) -> None:
    wait = "waitForQualityGate(abortPipeline: true, credentialsId: 'mine')"
    project, result = run(tmp_path, *stages(sonarqube, wait), secrets={"MINE": TOKEN, **SECRETS})
    assert result.status == "succeeded"
    assert sonarqube.tokens == {""}
    assert TOKEN not in project.log("s0") + project.log("s1")


def test_the_credentials_that_are_named_must_be_there(tmp_path: Path) -> None:
    stage = "steps { withSonarQubeEnv(credentialsId: 'sonar', installationName: 'x') { echo 'in' } }"
    _, result = run(tmp_path, stage, secrets={})
    assert result.status == "errored"
    assert "'sonar' are not here" in result.outcomes["s0"].message
    project, result = run(tmp_path, stage, secrets={"SONAR": TOKEN})
    assert (result.status, said(project, "s0")) == ("succeeded", ["in"])
