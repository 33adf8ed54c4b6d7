"""Folders that jobs keep from run to run, in the words of each system."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from seatrial.pipeline.writers.all_writers import writer
from seatrial.pipeline.writers.source import source
from seatrial.pipeline.writers.writer import Written

CIRCLECI = """\
version: 2.1
jobs:
  test:
    docker: [{image: "python:3.11"}]
    steps:
      - checkout
      - run: cat *.txt > all.sum
      - restore_cache:
          keys:
            - v1-{{ checksum "all.sum" }}-{{ .Branch }}
            - v1-
      - run: {name: install, command: make install, no_output_timeout: 20m}
      - save_cache:
          key: v1-{{ checksum "all.sum" }}-{{ .Branch }}
          paths: [~/.cache/pip, venv]
      - run: make test
  other:
    docker: [{image: "python:3.11"}]
    steps: [checkout, {restore_cache: {key: nothing-keeps-it}}, {run: make}]
workflows: {all: {jobs: [test, other]}}
"""
TRAVIS = """\
language: minimal
cache: {directories: [$HOME/.m2, node_modules]}
services: [postgresql]
script: make
"""


def written(to: str, text: str, dialect: str, path: str) -> Written:
    return writer(to).write(source(text, path, dialect))


def of_circleci(to: str) -> Written:
    return written(to, CIRCLECI, "circleci", ".circleci/config.yml")


def of_travis(to: str) -> Written:
    return written(to, TRAVIS, "travis", ".travis.yml")


def losses(made: Written) -> list[str]:
    return [loss.message for loss in made.losses]


def test_github_takes_and_keeps_caches_where_the_author_did() -> None:
    made = of_circleci("github-actions")
    steps = yaml.safe_load(made.text)["jobs"]["test"]["steps"]
    assert [step.get("uses", step.get("run")) for step in steps] == [
        "actions/checkout@v4",
        "cat *.txt > all.sum",
        "actions/cache/restore@v4",
        "make install",
        "actions/cache/save@v4",
        "make test",
    ]
    key = "v1-${{ hashFiles('all.sum') }}-${{ github.ref_name }}"
    folders = "~/.cache/pip\nvenv"
    assert steps[2]["with"] == {"path": folders, "key": key, "restore-keys": "v1-"}
    assert steps[4]["with"] == {"path": folders, "key": key}
    assert "`other` takes a cache that nothing here keeps" in losses(made)
    assert "a command of `test` is not ended that says nothing for 1200 s" in losses(made)


def test_jenkins_ends_a_command_that_says_nothing() -> None:
    text = " ".join(of_circleci("jenkins").text.split())
    limit = "timeout(time: 1200, unit: 'SECONDS', activity: true)"
    assert f"{limit} {{ sh(label: 'install', script: 'make install') }}" in text


def test_the_cache_of_a_travis_job_is_renewed_each_time() -> None:
    steps = yaml.safe_load(of_travis("circleci").text)["jobs"]["test"]["steps"]
    assert steps[1] == {"restore_cache": {"keys": ["test-"]}}
    kept = {"key": "test-{{ epoch }}", "paths": ["~/.m2", "node_modules"], "when": "always"}
    assert steps[-1] == {"save_cache": kept}
    job = yaml.safe_load(of_travis("github-actions").text)["jobs"]["test"]
    assert job["steps"][-1]["if"] == "always()"
    assert job["steps"][-1]["with"]["key"].startswith("test-${{ github.run_id }}")


def test_services_beside_a_travis_job_are_beside_it_elsewhere() -> None:
    job = yaml.safe_load(of_travis("github-actions").text)["jobs"]["test"]
    assert job["services"]["postgresql"]["ports"] == ["5432:5432"]
    assert yaml.safe_load(of_travis("gitlab").text)["test"]["services"][0]["alias"] == "postgresql"
    for to in ("jenkins", "seatrial"):
        assert "the service `postgresql` beside `test`" in losses(of_travis(to))


def test_a_job_of_travis_has_one_cache() -> None:
    made = of_circleci("travis")
    jobs = {job["name"]: job for job in yaml.safe_load(made.text)["jobs"]["include"]}
    assert jobs["test"]["cache"] == {"directories": ["$HOME/.cache/pip", "venv"]}
    assert "`test` has one cache of its own, whatever its key says" in losses(made)


@pytest.mark.parametrize("to", ["seatrial", "jenkins"])
def test_what_has_no_caches_tells_so(to: str) -> None:
    assert "what `test` caches is not kept from run to run" in losses(of_circleci(to))


def test_gitlab_keeps_what_lies_outside_by_links(tmp_path: Path) -> None:
    made = of_circleci("gitlab")
    job: dict[str, Any] = yaml.safe_load(made.text)["test"]
    assert job["cache"] == [
        {
            "key": {"files": ["all.sum"], "prefix": "v1--$CI_COMMIT_REF_SLUG"},
            "paths": [".cached/.cache-pip", "venv"],
        }
    ]
    assert "`test` finds a cache by its whole key only" in losses(made)
    home, work = tmp_path / "home", tmp_path / "a job"
    (home / ".cache" / "pip" / "old").mkdir(parents=True)
    work.mkdir()
    script = f"{job['script'][0]}\necho kept > ~/.cache/pip/file"
    for _ in range(2):  # the second finds what the first has kept
        env = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
        done = subprocess.run(["bash", "-ec", script], cwd=work, env=env)
        assert done.returncode == 0
        assert (work / ".cached" / ".cache-pip" / "file").read_text() == "kept\n"
        (home / ".cache" / "pip").unlink()
