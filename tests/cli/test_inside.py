"""Scripts of a Jenkinsfile that call `seatrial` inside a run: what they say becomes the run's."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from seatrial.project import releasing
from seatrial.project.project import open_home
from tests.cli.terminal import seatrial
from tests.conftest import Repository

pytestmark = pytest.mark.slow

JENKINSFILE = """\
pipeline {
    agent any
    stages {
        stage('Build') { steps { sh './build.sh' } }
        stage('Test') { steps { sh './test.sh' } }
        stage('Deploy') { steps { sh './deploy.sh' } }
    }
}
"""
PLACES = """\
project: tumours
environments:
  production: {target: process, from: [main]}
"""
BUILD = """\
#!/bin/sh
set -eu
mkdir -p model && cp weight.txt model/
echo id,label,prediction > predictions.csv
i=0; while [ $i -lt 400 ]; do echo "$i,a,a"; echo "b$i,b,b"; i=$((i+1)); done >> predictions.csv
"""
TEST = (
    "#!/bin/sh\nset -eu\nseatrial evaluate predictions.csv --task classification --gate 'accuracy >= 0.9'\n"
)
DEPLOY = "#!/bin/sh\nset -eu\nseatrial package model --include serve.py --serve 'python3 serve.py'\n"
SERVE = """\
import http.server, os, pathlib

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = (pathlib.Path(os.environ["MODEL"]) / "weight.txt").read_bytes()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answer).serve_forever()
"""


@pytest.fixture
def jenkins(home: Path, repository: Callable[..., Repository], monkeypatch: pytest.MonkeyPatch) -> Repository:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    made = repository("tumours")
    made.write("Jenkinsfile", JENKINSFILE)
    made.write("seatrial.yaml", PLACES)
    made.write("serve.py", SERVE)
    made.write("weight.txt", "1\n")
    for name, text in (("build.sh", BUILD), ("test.sh", TEST), ("deploy.sh", DEPLOY)):
        made.write(name, text, 0o755)
    made.commit("first")
    return made


@pytest.fixture
def down(jenkins: Repository) -> Iterator[None]:
    yield
    seatrial("down", "--all", folder=jenkins.folder)


def run(made: Repository) -> dict[str, dict[str, object]]:
    """The stages of a run by name."""
    ended = seatrial("run", "--yes", "--json", folder=made.folder)
    return {stage["name"]: stage for stage in json.loads(ended.out)["stages"]}


def test_the_verdict_and_the_package_belong_to_the_run(jenkins: Repository) -> None:
    stages = run(jenkins)
    assert [stage["status"] for stage in stages.values()] == ["succeeded"] * 3
    verdict = stages["Test"]["verdict"]
    assert isinstance(verdict, dict)
    assert (verdict["status"], verdict["examples"]) == ("pass", 800)
    package = str(stages["Deploy"]["package"])
    shown = json.loads(seatrial("package", "show", package, "--json", folder=jenkins.folder).out)
    assert {file["path"] for file in shown["files"]} == {"model/weight.txt", "serve.py"}
    says = sorted(one["says"] for one in shown["referrers"])
    assert says[0].startswith("made by run r-")
    assert says[1].startswith("verdict pass of ")


def test_a_gate_that_fails_ends_the_run_before_its_release(jenkins: Repository) -> None:
    jenkins.write("test.sh", TEST.replace("0.9'", "1.5'"), 0o755)
    jenkins.commit("a bar too high")
    ended = seatrial("run", "--yes", "--json", folder=jenkins.folder)
    stages = {stage["name"]: stage for stage in json.loads(ended.out)["stages"]}
    assert ended.code == 1
    assert (stages["Test"]["status"], stages["Deploy"]["status"]) == ("failed", "skipped")


def test_the_rules_are_those_of_the_commit_whatever_a_stage_writes(
    jenkins: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    jenkins.git("checkout", "-q", "-b", "feature")
    loose = PLACES.replace("[main]", "[main, feature]")
    jenkins.write(
        "deploy.sh",
        DEPLOY + f"cat > seatrial.yaml <<'E'\n{loose}E\nseatrial release --to production\n",
        0o755,
    )
    jenkins.commit("let me in")
    ended = seatrial("run", "--yes", folder=jenkins.folder)
    assert ended.code == 1
    assert "takes main only, not the branch `feature`" in ended.out


def test_a_commit_that_is_no_tip_is_told_how_to_count_for_a_branch(jenkins: Repository) -> None:
    jenkins.write("deploy.sh", DEPLOY + "seatrial release --dry-run --to production\n", 0o755)
    jenkins.commit("release it")
    jenkins.write("note", "later")
    jenkins.commit("later")
    ended = seatrial("run", "HEAD~1", "--yes", folder=jenkins.folder)
    assert ended.code == 1
    assert (
        "main only, and this commit counts for no branch, as HEAD is detached or it is not the tip of one: `"
        in ended.out
    )
    assert seatrial("run", "HEAD~1", "--branch", "main", "--yes", folder=jenkins.folder).code == 0


def test_a_release_needs_a_package_of_its_own_run(jenkins: Repository) -> None:
    jenkins.write("deploy.sh", "#!/bin/sh\nseatrial release --to production\n", 0o755)
    jenkins.commit("nothing to release")
    ended = seatrial("run", "--yes", folder=jenkins.folder)
    assert ended.code == 1
    assert "this run has made no package" in ended.out


def test_a_run_that_is_not_there_is_said(jenkins: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = seatrial("release", folder=jenkins.folder, env={"SEATRIAL_RUN": "r-none"})
    assert ended.code == 2
    assert "names no run" in ended.err


def test_by_hand_the_newest_package_is_asked_for_with_its_evidence(jenkins: Repository) -> None:
    package = str(run(jenkins)["Deploy"]["package"])
    wanted = releasing.Wanted(jenkins.folder)
    request = releasing.prepare(open_home(), wanted, releasing.Question("production"))
    assert (request.package, request.branch, request.evidence.verdict) == (package, "main", "pass")
    assert request.committed == 1777817220.0  # of the commit, see AUTHOR
    dry = seatrial("release", "--dry-run", folder=jenkins.folder)
    assert dry.code == 0
    assert f"would take {package}" in dry.out


@pytest.mark.needs_envoy
def test_from_commit_to_traffic_back_and_forth(jenkins: Repository, down: None) -> None:
    from urllib.request import urlopen

    jenkins.write("deploy.sh", DEPLOY + "seatrial release --to production\n", 0o755)
    jenkins.commit("release it")
    assert seatrial("run", "--yes", folder=jenkins.folder).code == 0

    def live() -> str:
        status = json.loads(seatrial("status", "--json", folder=jenkins.folder).out)["environments"][0]
        with urlopen(f"http://{status['address']}/") as answer:
            return str(answer.read().decode())

    assert live() == "1\n"
    jenkins.commit("heavier", weight_txt="2\n")
    assert seatrial("run", "--yes", folder=jenkins.folder).code == 0
    assert live() == "2\n"
    back = seatrial("rollback", "--why", "too heavy", folder=jenkins.folder)
    assert back.code == 0
    assert "revision 1 is stable" in back.out
    assert live() == "1\n"
    told = seatrial("history", folder=jenkins.folder).out
    assert "too heavy" in told
    assert "change failure rate 50% (1 of 2)" in told
    (environment,) = json.loads(seatrial("history", "--json", folder=jenkins.folder).out)["environments"]
    assert [entry["number"] for entry in environment["releases"]] == [1, 2, 1]
    assert seatrial("down", folder=jenkins.folder).code == 0
    assert "down" in seatrial("status", folder=jenkins.folder).out
    assert seatrial("up", folder=jenkins.folder).code == 0
    assert live() == "1\n"
    assert seatrial("down", folder=jenkins.folder).code == 0
    again = seatrial("release", "production", folder=jenkins.folder)
    assert (again.code, "live already" in again.out) == (0, True)
    assert live() == "1\n"
    assert seatrial("down", folder=jenkins.folder).code == 0
    assert seatrial("rollback", "--to", "1", folder=jenkins.folder).code == 0
    assert live() == "1\n"
