"""What a stage, and a pipeline, does at its end, and steps that are more than a script."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from seatrial.pipeline.pipeline import Finally, Pipeline
from seatrial.pipeline.step import Dir, Echo, Fail, Program, Shell
from seatrial.pipeline.writers.all_writers import writer
from seatrial.pipeline.writers.commands import as_line, commands
from seatrial.pipeline.writers.writer import Written
from tests.pipeline.stages import stage

BLOCKS = (
    Finally("always", (Shell("echo always"),)),
    Finally("failure", (Shell("echo failure"),)),
    Finally("fixed", (Shell("echo fixed"),)),
)


def written(to: str, *, of_all: bool = False) -> Written:
    one = stage("a", steps=(Shell("make"),), finally_=() if of_all else BLOCKS)
    return writer(to).write(
        Pipeline("travis", ".travis.yml", stages=(one,), finally_=BLOCKS if of_all else ())
    )


def document(to: str, *, of_all: bool = False) -> Any:
    return yaml.safe_load(written(to, of_all=of_all).text)


@pytest.mark.parametrize("to", ["github-actions", "gitlab", "circleci"])
def test_an_end_that_the_system_does_not_know_is_a_loss(to: str) -> None:
    assert "what `a` does after `fixed`" in [loss.message for loss in written(to).losses]


def test_github_runs_ends_by_what_became_of_the_job() -> None:
    steps = document("github-actions")["jobs"]["a"]["steps"]
    assert [(step.get("if"), step["run"]) for step in steps[1:]] == [
        (None, "make"),
        ("always()", "echo always"),
        ("failure()", "echo failure"),
    ]
    jobs = document("github-actions", of_all=True)["jobs"]
    assert (jobs["finally-2"]["needs"], jobs["finally-2"]["if"]) == (["a", "finally-1"], "failure()")


def test_gitlab_runs_ends_by_what_became_of_the_job() -> None:
    assert document("gitlab")["a"]["after_script"] == [
        "echo always",
        'if [ "$CI_JOB_STATUS" = failed ]; then\necho failure\nfi',
    ]
    made = document("gitlab", of_all=True)
    assert (made["finally-2"]["stage"], made["finally-2"]["when"]) == ("finally-2", "on_failure")
    assert made["stages"] == ["run", "finally-1", "finally-2"]


def test_circleci_runs_ends_by_what_became_of_the_job() -> None:
    steps = [step["run"] for step in document("circleci")["jobs"]["a"]["steps"][1:] if "run" in step]
    assert steps[-2:] == [
        {"command": "echo always", "when": "always"},
        {"command": "echo failure", "when": "on_fail"},
    ]


@pytest.mark.parametrize("of_all", [False, True])
def test_jenkins_knows_every_end(of_all: bool) -> None:
    text = " ".join(written("jenkins", of_all=of_all).text.split())
    assert "post { always { sh 'echo always' }" in text
    assert "fixed { sh" in text


def last_of(to: str, *conditions: str, count: int) -> Written:
    """A pipeline of some stages that is told at its end which of these conditions holds."""
    stages = tuple(stage(name, steps=(Shell("make"),)) for name in "abc"[:count])
    blocks = tuple(Finally(one, (Shell(f"echo {one}"),)) for one in conditions)
    return writer(to).write(Pipeline("jenkins", "Jenkinsfile", stages=stages, finally_=blocks))


def script_of(to: str, name: str, made: Written) -> str:
    read = yaml.safe_load(made.text)
    if to == "seatrial":
        return "\n".join(read["stages"][name]["run"])
    (job,) = (one for one in read["jobs"]["include"] if one["name"] == name)
    return str(job["script"])


@pytest.mark.parametrize("to", ["travis", "seatrial"])
def test_the_end_of_a_pipeline_of_one_job_is_that_of_the_job(to: str, tmp_path: Path) -> None:
    made = last_of(to, "always", "success", "failure", count=1)
    assert [loss for loss in made.losses if "whole pipeline" in loss.message] == []
    script = script_of(to, "a", made)
    for makes, said in (("true", "always\nsuccess\n"), ("false", "always\nfailure\n")):
        (tmp_path / "make").write_text(f"#!/bin/sh\n{makes}\n")
        (tmp_path / "make").chmod(0o755)
        env = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
        done = subprocess.run(["sh", "-ec", script], env=env, capture_output=True, text=True)
        assert (done.stdout, done.returncode) == (said, int(makes == "false"))


@pytest.mark.parametrize("to", ["travis", "seatrial", "circleci"])
def test_the_end_of_a_pipeline_of_more_jobs_is_a_job_and_the_end_of_each(to: str) -> None:
    made = last_of(to, "always", "fixed", count=2)
    told = [loss.message for loss in made.losses if "whole pipeline" in loss.message]
    assert told == [
        "what the whole pipeline does after `always` is done by each stage that fails",
        "what the whole pipeline does after `fixed`",
    ]
    if to == "circleci":
        read = yaml.safe_load(made.text)
        assert {"finally-1": {"requires": ["a", "b"]}} in read["workflows"]["seatrial"]["jobs"]
        end = {"run": {"command": "echo always", "when": "on_fail"}}
        assert [end in read["jobs"][name]["steps"] for name in ("a", "b", "finally-1")] == [True, True, False]
        return
    assert [script_of(to, name, made).count("echo always") for name in ("a", "b", "finally-1")] == [1, 1, 1]


def run(*steps: Any, folder: Path) -> tuple[int, str]:
    lines = "\n".join(as_line(command) for command in commands(steps) or ())
    done = subprocess.run(["sh", "-e", "-c", lines], cwd=folder, capture_output=True, text=True)
    return done.returncode, done.stdout


def test_a_line_does_what_the_steps_do(tmp_path: Path) -> None:
    inner = Dir("o'ne", (Shell("pwd > here; echo $X", env=(("X", "it's 1"),)), Dir("two", (Shell("pwd"),))))
    code, said = run(inner, Shell("exit 3", check=False), Echo("$X"), folder=tmp_path)
    assert (code, said) == (0, f"it's 1\n{tmp_path}/o'ne/two\n$X\n")
    assert (tmp_path / "o'ne/here").read_text() == f"{tmp_path}/o'ne\n"


def test_a_line_fails_where_the_step_does(tmp_path: Path) -> None:
    assert run(Echo("a"), Fail("no"), Echo("b"), folder=tmp_path) == (1, "a\n")
    assert run(Shell("sleep 9", timeout_seconds=0.1), folder=tmp_path)[0] == 124


def test_a_program_is_no_command() -> None:
    program = Program(lambda scope: iter(()), "x")  # type: ignore[arg-type,return-value]
    assert commands((Dir("a", (program,)),)) is None
