"""What is written is what its system's own schema accepts, and says what the pipeline said."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from seatrial.pipeline.all_dialects import ALL_DIALECTS
from seatrial.pipeline.load import load
from seatrial.pipeline.writers.all_writers import ALL_WRITERS, writer
from seatrial.pipeline.writers.source import source
from seatrial.pipeline.writers.writer import Written

WHOLE = """\
project: demo
stages:
  prepare: {run: [mkdir -p data, echo 1 > data/x], outputs: [data]}
  train:
    run: echo $size > m-$size
    inputs: [data]
    outputs: ["m-$size"]
    matrix: {size: [small, large], include: [{size: small, fast: 'yes'}], exclude: [{size: large}]}
    env: {SEED: 7, COMMIT: $GIT_COMMIT, ODD: 'a${{ b }}$c'}
    secrets: [TOKEN]
    timeout: 90s
    retry: 3
    when: branch == main or tag
  test:
    run: pytest -q
    python: requirements.txt
    reports: ["*.xml"]
    needs: [prepare]
  database:
    run: psql -c 'select 1'
    image: postgres:16
    services: {db: {image: postgres:16, env: {POSTGRES_PASSWORD: x}, ports: [5432]}}
  lint: {run: ruff check, when: "changes [src/**]"}
  late: {run: echo late, needs: [lint]}
  fit: {run: python fit.py, outputs: [fitted]}
  judge:
    evaluate: fitted
    predict: python p.py
    data: d.csv
    task: classification
    gates: [accuracy >= 0.9]
  pack: {package: fitted, serve: python serve.py}
  ask: {approve: Really?, needs: [pack]}
  ship: {release: production, needs: [pack, judge, ask]}
environments:
  production: {from: [main]}
  staging: {from: [main]}
"""
TRAVIS = """\
language: minimal
jobs:
  include:
    - name: one
      script: ["echo one", "false"]
    - stage: second
      name: two
      script: test "$TRAVIS_BRANCH" = main
  allow_failures:
    - name: one
"""
JENKINS = """\
pipeline {
  agent any
  stages {
    stage('Build it') { steps { sh 'echo built' } }
    stage('Decide') { steps { script { input 'on?' } } }
  }
  post { always { echo 'done' } }
}
"""
SOURCES = {"seatrial.yaml": WHOLE, ".travis.yml": TRAVIS, "Jenkinsfile": JENKINS}
DIALECTS = {"seatrial.yaml": "seatrial", ".travis.yml": "travis", "Jenkinsfile": "jenkins"}
SCHEMAS = {
    "circleci": "vendor.circle-ci",
    "github-actions": "vendor.github-workflows",
    "gitlab": "vendor.gitlab-ci",
    "travis": "vendor.travis",
}


def written(to: str, path: str = "seatrial.yaml", text: str = "") -> Written:
    return writer(to).write(source(text or SOURCES[path], path, DIALECTS[path]))


def document(to: str, path: str = "seatrial.yaml", text: str = "") -> Any:
    return yaml.safe_load(written(to, path, text).text)


def losses(to: str, path: str = "seatrial.yaml") -> list[str]:
    return [f"{loss.place.line} {loss.message}" for loss in written(to, path).losses]


@pytest.mark.parametrize("to", SCHEMAS)
def test_the_schema_of_the_system_accepts_it(to: str, tmp_path: Path) -> None:
    files = []
    for path in SOURCES:
        file = tmp_path / path / Path(ALL_WRITERS[to].filename).name
        file.parent.mkdir()
        file.write_text(written(to, path).text)
        files.append(file)
    checker = Path(sys.executable).with_name("check-jsonschema")
    done = subprocess.run(
        [checker, "--builtin-schema", SCHEMAS[to], *files], capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_github_has_the_graph_conditions_and_the_matrix() -> None:
    jobs = document("github-actions")["jobs"]
    assert jobs["train"]["needs"] == ["prepare"]
    assert (
        jobs["train"]["if"] == "(github.ref == 'refs/heads/main') || (startsWith(github.ref, 'refs/tags/'))"
    )
    assert jobs["train"]["strategy"]["matrix"] == {
        "size": ["small", "large"],
        "exclude": [{"size": "large"}],
        "include": [{"size": "small", "fast": "yes"}],
    }
    assert jobs["train"]["env"] == {
        "SEED": "7",
        "COMMIT": "${{ github.sha }}",
        "ODD": "a${{ '${{' }} b }}$c",
        "TOKEN": "${{ secrets.TOKEN }}",
        "size": "${{ matrix.size }}",
        "fast": "${{ matrix.fast }}",
    }
    assert jobs["database"]["container"] == "postgres:16"
    assert jobs["database"]["services"]["db"]["ports"] == ["5432:5432"]
    assert jobs["ship"]["environment"] == "production"


def test_gitlab_has_the_graph_conditions_and_the_matrix() -> None:
    jobs = document("gitlab")
    assert jobs["train"]["needs"] == ["prepare"]
    assert jobs["train"]["rules"] == [{"if": '($CI_COMMIT_BRANCH == "main") || ($CI_COMMIT_TAG != null)'}]
    assert jobs["train"]["parallel"] == {"matrix": [{"size": "small", "fast": "yes"}]}
    assert jobs["train"]["variables"]["ODD"] == "a$${{ b }}$$c"
    assert jobs["train"]["artifacts"] == {"paths": ["m-$size"]}
    assert jobs["test"]["artifacts"] == {"when": "always", "reports": {"junit": ["*.xml"]}}
    assert jobs["database"]["services"][0]["alias"] == "db"
    assert jobs["ask"]["rules"][0]["when"] == "manual"


def command_of(to: str, stage: str) -> str:
    if to == "travis":
        (job,) = [job for job in document(to)["jobs"]["include"] if job["name"] == stage]
        return str(job["script"].splitlines()[-1])
    if to == "circleci":
        return str(document(to)["jobs"][stage]["steps"][-1]["run"]["command"])
    if to == "gitlab":
        return str(document(to)[stage]["script"][-1])
    return str(document(to)["jobs"][stage]["steps"][-1]["run"])


@pytest.mark.parametrize("to", SCHEMAS)
@pytest.mark.parametrize("stage", ["fit", "judge", "pack", "ship", "lint", "late"])
def test_what_the_system_cannot_do_is_left_to_seatrial(to: str, stage: str) -> None:
    command = command_of(to, stage)
    asked_before = "SEATRIAL_APPROVE=ask " if stage == "ship" else ""
    called = f"seatrial run HEAD {stage} --file seatrial.yaml --dialect seatrial ${{"
    assert command.startswith(asked_before + called)
    assert re.search(r'\$\{(\w+):\+--branch "\$\1"\}', command)


def test_losses_name_their_place() -> None:
    found = losses("github-actions")
    assert "4 another attempt of `train` begins where the last one ended" in found
    assert "10 the secret `TOKEN` must be entered in the other system" in found
    assert "23 when `lint` runs is left to seatrial" in found
    assert "37 `staging` stays in seatrial.yaml: no stage releases to it" in found


def test_github_counts_minutes_and_a_script_the_seconds() -> None:
    text = "stages:\n  a: {run: make, timeout: 2m}\n  b: {run: make, timeout: 90s}\n"
    jobs = document("github-actions", text=text)["jobs"]
    assert (jobs["a"]["timeout-minutes"], jobs["b"].get("timeout-minutes")) == (2, None)
    assert jobs["b"]["steps"][1]["run"].startswith("timeout 90 /bin/sh -c ")


def test_commands_do_the_same_where_gitlab_runs_them_in_one_shell(tmp_path: Path) -> None:
    text = "stages:\n  a:\n    run: ['cd /; X=1', 'echo \"[$X]\" > it', 'cat i*']\n"
    (script,) = [document("gitlab", text=text)["a"]["script"]]
    done = subprocess.run(["sh", "-e", "-c", "\n".join(script)], cwd=tmp_path, capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr


def test_a_travis_file_becomes_a_seatrial_file_with_the_same_graph() -> None:
    loaded = load(written("seatrial", ".travis.yml").text, "seatrial.yaml")
    assert loaded.findings == ()
    there = load(TRAVIS, ".travis.yml").pipeline.stages
    assert [(stage.name, stage.needs) for stage in loaded.pipeline.stages] == [
        (stage.name, stage.needs) for stage in there
    ]
    assert losses("seatrial", ".travis.yml") == ["4 a failure of `one` is shown in its log only"]


def test_scripts_of_a_travis_file_end_as_there(tmp_path: Path) -> None:
    two = document("seatrial", ".travis.yml")["stages"]["two"]
    assert two["env"] == {"TRAVIS_BRANCH": "$GIT_BRANCH"}
    file = tmp_path / "two"
    file.write_text(two["run"][0])
    for branch, code in (("main", 0), ("other", 1)):
        env = {"TRAVIS_BRANCH": branch, "PATH": "/usr/bin:/bin"}
        assert subprocess.run(["sh", "-e", file], env=env).returncode == code


def test_what_a_jenkinsfile_decides_as_it_runs_is_left_to_seatrial() -> None:
    """A call for one stage would do those before it once more."""
    text = written("seatrial", "Jenkinsfile").text
    assert "- seatrial run HEAD --file Jenkinsfile --dialect jenkins --yes" in text
    loaded = load(text, "seatrial.yaml")
    assert loaded.findings == ()
    assert [stage.name for stage in loaded.pipeline.stages] == ["pipeline"]
    assert losses("seatrial", "Jenkinsfile") == [
        "5 `Decide` is decided as it runs (script at line 5), so one job runs the whole file"
    ]


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (
            "sh 'x'\nscript { if (sh(script: 'x', returnStdout: true) > 'a') { sh 'y' } }",
            "5:1 (script at line 5)",
        ),
        ("sh 'x'\n  dir(env.WHERE) { sh 'y' }", "5:3 (dir(path: env.WHERE) { sh(script: 'y') })"),
        (
            f"sh 'x'\n  dir(env.WHERE + '{'x' * 60}') {{ sh 'y' }}",
            f"5:3 (dir(path: (env.WHERE + '{'x' * 36}…)",
        ),
        ("retry(5) { unstable 'x' }", "3:10 (mark)"),
        ("timeout(5) { dir('x') { unstable 'x' } }", "3:10 (mark)"),
    ],
)
def test_a_loss_says_what_is_decided_as_it_runs_and_where_it_stands(steps: str, said: str) -> None:
    text = f"pipeline {{\nagent any\nstages {{ stage('a') {{\nsteps {{ {steps}\n}} }} }}\n}}\n"
    (loss,) = writer("travis").write(source(text, "Jenkinsfile", "jenkins")).losses
    place, _, what = said.partition(" ")
    assert f"{loss.place.line}:{loss.place.column}" == place
    assert loss.message == f"`a` is decided as it runs {what}, so one job runs the whole file"


def test_circleci_has_the_graph_and_a_job_for_each_combination() -> None:
    text = """\
stages:
  train: {run: 'cat <<E', matrix: {size: [s, m]}, outputs: [m-$size]}
  both: {run: cat m-s m-m, inputs: [m-s, m-m], when: branch == main}
  ask: {approve: Really?, needs: [both]}
"""
    made = document("circleci", text=text)
    entries = {}
    for entry in made["workflows"]["seatrial"]["jobs"]:
        entries |= {entry: {}} if isinstance(entry, str) else entry
    main = {"branches": {"only": "main"}}
    assert entries == {
        "train-size-s": {},
        "train-size-m": {},
        "both": {"requires": ["train-size-s", "train-size-m"], "filters": main},
        "ask": {"type": "approval", "requires": ["both"], "filters": main},
    }
    assert made["jobs"]["train-size-m"]["environment"] == {"size": "m"}
    assert made["jobs"]["train-size-m"]["steps"][-1]["persist_to_workspace"]["paths"] == ["m-m"]
    assert made["jobs"]["train-size-m"]["steps"][1]["run"] == "cat \\<<E"


def test_circleci_is_read_back_with_the_same_graph() -> None:
    text = "stages:\n  a: echo a\n  b: {run: echo b, needs: [a]}\n"
    loaded = load(written("circleci", text=text).text, ".circleci/config.yml")
    assert [finding for finding in loaded.findings if finding.severity == "error"] == []
    assert [(stage.name, stage.needs) for stage in loaded.pipeline.stages] == [("a", ()), ("b", ("a",))]


def test_a_jenkinsfile_is_read_back_with_the_same_stages_and_scripts() -> None:
    text = "stages:\n  a: \"echo 'a' \\\\ b; echo $X\"\n  b: {run: 'true', needs: [a], env: {X: \"it's\"}}\n"
    loaded = load(written("jenkins", text=text).text, "Jenkinsfile")
    assert loaded.findings == ()
    first, second = loaded.pipeline.stages
    assert (first.name, second.name) == ("a", "b")
    (shell,) = first.steps
    assert shell.script == "echo 'a' \\ b; echo $X"  # type: ignore[union-attr]


def test_a_jenkinsfile_has_conditions_limits_and_parallel_stages() -> None:
    text = written("jenkins").text
    assert "anyOf { branch pattern: 'main', comparator: 'EQUALS'; buildingTag() }" in text
    assert "retry(4) { timeout(time: 90, unit: 'SECONDS') { sh" in " ".join(text.split())
    assert "TOKEN = credentials('TOKEN')\n" in text
    assert "anyOf { changeset 'src/**' }" in text
    assert "parallel {" in text
    assert "junit '*.xml'" in text
    assert "input message: 'Really?'" in text
    assert "sh 'SEATRIAL_APPROVE=ask seatrial run HEAD ship --file seatrial.yaml --dialect seatrial" in text
    assert text.count("{") == text.count("}")


def test_a_travis_file_stands_in_ranks_with_its_conditions() -> None:
    jobs = {job["name"]: job for job in document("travis")["jobs"]["include"]}
    ranks = {name: job["stage"] for name, job in jobs.items()}
    train = jobs["train (size=small, fast=yes)"]
    assert (ranks["prepare"], train["stage"], ranks["ship"]) == ("rank 1", "rank 2", "rank 4")
    assert train["if"] == '(branch = "main" AND tag IS blank AND type != pull_request) OR (tag IS present)'
    assert train["workspaces"]["use"] == ["prepare"]
    assert train["env"] == ["SEED=7 COMMIT=\"$TRAVIS_COMMIT\" ODD='a${{ b }}$c' size=small fast=yes"]
    assert jobs["ask"]["script"].endswith("false")
    assert "33 `ask` can ask nobody: the job fails until you take it out" in losses("travis")


def test_a_travis_file_is_read_back_with_the_same_order() -> None:
    text = "stages:\n  a: echo a\n  b: {run: [echo b, 'false', echo c], needs: [a]}\n"
    loaded = load(written("travis", text=text).text, ".travis.yml")
    assert [finding for finding in loaded.findings if finding.severity == "error"] == []
    assert [(stage.name, stage.needs) for stage in loaded.pipeline.stages] == [("a", ()), ("b", ("a",))]


def test_a_failed_command_ends_a_job_of_travis(tmp_path: Path) -> None:
    text = "stages:\n  b: {run: [echo b, 'exit 3', echo c]}\n"
    script = document("travis", text=text)["jobs"]["include"][0]["script"]
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("b\n", 3)


def test_variables_of_circleci_that_no_other_system_has_are_told() -> None:
    text = """\
version: 2.1
jobs:
  build:
    machine: {image: "ubuntu-2204:current"}
    steps: [checkout, {run: "echo $CIRCLE_JOB $CIRCLE_SHA1 $CIRCLE_USERNAME; CIRCLE_OWN=1; echo $CIRCLE_OWN"}]
workflows: {all: {jobs: [build]}}
"""
    made = writer("github-actions").write(source(text, ".circleci/config.yml", "circleci"))
    told = [loss.message for loss in made.losses if "variable" in loss.message]
    assert told == ["the variable `CIRCLE_USERNAME` of CircleCI, which `build` reads"]
    assert yaml.safe_load(made.text)["jobs"]["build"]["env"]["CIRCLE_JOB"] == "build"


@pytest.mark.parametrize("to", sorted(ALL_WRITERS))
def test_what_has_no_value_and_no_name_is_none(to: str) -> None:
    key = "sshUserPrivateKey(credentialsId: 'k', keyFileVariable: 'KEY', passphraseVariable: '')"
    text = f"""\
pipeline {{
  agent any
  parameters {{ booleanParam(name: 'FAST', defaultValue: '') }}
  stages {{ stage('a') {{ steps {{ withCredentials([{key}]) {{ sh 'ssh -i "$KEY" x' }} }} }} }}
}}
"""
    made = writer(to).write(source(text, "Jenkinsfile", "jenkins"))
    secrets = [loss.message for loss in made.losses if "the secret" in loss.message]
    assert secrets == ["the secret `KEY` must be entered in the other system"]
    if to in ALL_DIALECTS:
        assert not any(one.severity == "error" for one in load(made.text, "x", to).findings), made.text
