"""What is noted of places outside of a job on this machine: one rule for all that steps write to."""

from __future__ import annotations

import pytest

from seatrial.pipeline.load import load

TEXT = """\
version: 2.1
jobs:
  build:
    {where}
    working_directory: /go/src/app
    parallelism: 2
    steps:
      - checkout: {{path: /code}}
      - attach_workspace: {{at: /tmp/workspace}}
      - save_cache: {{key: k, paths: [~/.x, /root/.m2, sub]}}
      - store_artifacts: {{path: /tmp/out}}
      - run: echo
"""


def noted(where: str) -> list[tuple[str, str]]:
    findings = load(TEXT.format(where=where), ".circleci/config.yml").findings
    found = [one for one in findings if one.severity == "note" and "is not touched" in one.message]
    return [(f"{one.place.line}:{one.place.column}", one.message.split("`")[1]) for one in found]


def test_each_place_outside_that_a_step_writes_to_is_noted_once() -> None:
    assert noted("machine: true") == [
        ("5:24", "/go/src/app"),
        ("8:26", "/code"),
        ("9:32", "/tmp/workspace"),
        ("10:44", "/root/.m2"),
    ]


@pytest.mark.parametrize("where", ["docker: [{image: 'python:3'}]"])
def test_in_a_container_there_is_nothing_to_note(where: str) -> None:
    assert noted(where) == []
