"""What starts a pipeline in the system of its file: written where there is a word for it, else told."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from seatrial.pipeline.dialects.jenkins.schedules import schedule_of
from seatrial.pipeline.load import load
from seatrial.pipeline.writers.all_writers import ALL_WRITERS, writer
from seatrial.pipeline.writers.source import source
from seatrial.pipeline.writers.writer import Written

JENKINS = """\
pipeline {
  agent any
  triggers {
    cron('''TZ=Europe/Berlin
# at night
30 2 * * 1-5
H/15 * * * 7''')
    pollSCM 'H/5 * * * *'
    upstream(upstreamProjects: 'one,two', threshold: 'SUCCESS')
    githubPush()
  }
  stages { stage('Build') { steps { sh 'make' } } }
}
"""
FILE = "pipeline {\n agent any\n triggers { %s }\n stages { stage('a') { steps { sh 'make' } } }\n}\n"
CONDITIONAL = FILE % "cron(env.BRANCH_NAME == 'main' ? '0 4 * * *' : '')"
UNKNOWN = FILE % "cron(NIGHTLY)"
CIRCLECI = """\
version: 2.1
jobs:
  build: {docker: [{image: debian}], steps: [checkout, run: make]}
workflows:
  nightly:
    triggers:
      - schedule:
          cron: "0 4 * * *"
          filters: {branches: {only: main}}
    jobs: [build]
"""


def converted(text: str, dialect: str, to: str) -> Written:
    path = {"jenkins": "Jenkinsfile", "circleci": ".circleci/config.yml"}[dialect]
    return writer(to).write(source(text, path, dialect))


def told(written: Written) -> list[tuple[int, str]]:
    return [(one.place.line, one.message) for one in written.losses]


def test_github_has_the_schedules_and_tells_what_it_does_not_say() -> None:
    written = converted(JENKINS, "jenkins", "github-actions")
    crons = [one["cron"] for one in yaml.load(written.text, yaml.BaseLoader)["on"]["schedule"]]
    assert crons[0] == "30 2 * * 1-5"
    assert re.fullmatch(r"\d+-59/15 \* \* \* 0", crons[1])
    losses = told(written)
    assert (4, f"the schedule `{crons[0]}`, `{crons[1]}` goes by UTC, and not by Europe/Berlin") in losses
    assert (8, "`pollSCM('H/5 * * * *')`: each push starts a run at once") in losses
    assert any(line == 9 and text.startswith("`upstream(") for line, text in losses)
    assert not any(line == 10 for line, _ in losses)


def test_github_has_a_schedule_that_hangs_on_something_and_tells_of_it() -> None:
    written = converted(CONDITIONAL, "jenkins", "github-actions")
    assert "- cron: 0 4 * * *" in written.text.replace("'", "")
    losses = told(written)
    assert (3, "the schedule `0 4 * * *` goes by UTC, and not by the time of its own server") in losses
    assert any(line == 3 and "whatever `(env.BRANCH_NAME == 'main')` says" in text for line, text in losses)
    assert (3, "`cron(NIGHTLY)` starts no run") in told(converted(UNKNOWN, "jenkins", "github-actions"))


def test_jenkins_keeps_them() -> None:
    written = converted(JENKINS, "jenkins", "jenkins")
    assert "TZ=Europe/Berlin\n30 2 * * 1-5\n" in written.text
    assert "pollSCM('H/5 * * * *')" in written.text
    assert not any("starts no run" in text for _, text in told(written))
    for text in (CONDITIONAL, UNKNOWN):
        assert [line for line, said in told(converted(text, "jenkins", "jenkins")) if "no run" in said] == [3]


@pytest.mark.parametrize("to", sorted({*ALL_WRITERS} - {"github-actions", "jenkins"}))
def test_elsewhere_they_are_settings(to: str) -> None:
    losses = told(converted(JENKINS, "jenkins", to))
    assert (4, "the schedule `30 2 * * 1-5` (Europe/Berlin) must be entered in the other system") in losses
    assert {line for line, _ in losses} >= {4, 8, 9}
    losses = told(converted(CONDITIONAL, "jenkins", to))
    assert any(line == 3 and "where `(env.BRANCH_NAME == 'main')`" in text for line, text in losses)


@pytest.mark.parametrize(
    ("to", "wanted"), [("github-actions", "- cron: 0 4 * * *"), ("jenkins", "TZ=UTC\n0 4")]
)
def test_so_are_those_of_circleci(to: str, wanted: str) -> None:
    written = converted(CIRCLECI, "circleci", to)
    assert wanted in written.text.replace("'0 4 * * *'", "0 4 * * *")
    assert not any("goes by" in text for _, text in told(written))


TWO = CIRCLECI.replace("cron:", "cron: 5 3 * * 1\n      - schedule:\n          cron:", 1)


def test_one_trigger_of_jenkins_has_all_schedules() -> None:
    written = converted(TWO, "circleci", "jenkins")
    assert written.text.count("cron(") == 1
    assert "TZ=UTC\n5 3 * * 1\n0 4 * * *" in written.text
    assert not any("starts no run" in text for _, text in told(written))
    assert load(written.text, "Jenkinsfile", "jenkins").pipeline.triggers[0].crons == (
        "5 3 * * 1",
        "0 4 * * *",
    )


def test_one_trigger_of_jenkins_has_one_time_zone() -> None:
    pipeline = source(TWO, ".circleci/config.yml", "circleci")
    first, second = pipeline.triggers
    pipeline = pipeline._replace(triggers=(first, second._replace(zone="Europe/Berlin")))
    written = writer("jenkins").write(pipeline)
    assert "TZ=UTC\n5 3 * * 1'" in written.text
    assert (second.place.line, "`cron: 0 4 * * *` starts no run") in told(written)


def test_what_jenkins_chooses_lies_in_its_bounds() -> None:
    bounds: tuple[tuple[str, Any], ...] = (
        ("@daily", ((0, 59), (0, 23))),
        ("@midnight", ((0, 59), (0, 2))),
        ("@monthly", ((0, 59), (0, 23), (1, 28))),
        ("H(10-20) H(3-4) * * *", ((10, 20), (3, 4))),
    )
    for text, wanted in bounds:
        zone, (line,) = schedule_of(text)
        for field, (low, high) in zip(line.split(), wanted, strict=False):
            assert low <= int(field) <= high, (text, line)
        assert (zone, len(line.split())) == ("", 5)


def test_a_schedule_of_steps_begins_anywhere_in_the_first() -> None:
    _, (line,) = schedule_of("H/20 8-18 * * *")
    first, _, rest = line.partition("-")
    assert int(first) < 20
    assert rest == "59/20 8-18 * * *"
