"""Which files of other systems a person is asked about."""

from __future__ import annotations

from typing import Any, cast

import pytest

from seatrial.pipeline.dialects.jenkins import parse
from seatrial.project.project import Project
from seatrial.project.trust import runs_here


class _Project:
    """As much of a project as the question is about."""

    def __init__(self, text: str) -> None:
        self.pipeline, _ = parse(text, "Jenkinsfile")


@pytest.mark.parametrize(
    ("agent", "asked"),
    [
        ("any", True),
        ("{ docker 'python:3.12' }", False),
        ("{ docker { image 'python:3.12'; registryUrl 'https://a.example' } }", False),
        ("{ docker { image 'a'; registryUrl 'https://a.example'; registryCredentialsId 'b' } }", True),
        ("{ docker { image 'python:3.12'; args '-v /:/host' } }", True),
        ("{ docker { image 'python:3.12'; args \"-v ${WORKSPACE}:/host\" } }", True),
        ("{ dockerfile true }", False),
        ("{ dockerfile { additionalBuildArgs '--build-arg A=$(touch /tmp/x)' } }", True),
    ],
)
def test_a_file_whose_containers_may_touch_more_is_asked_about(agent: str, asked: bool) -> None:
    text = f"pipeline {{ agent {agent}\n stages {{ stage('a') {{ steps {{ sh 'true' }} }} }} }}"
    assert runs_here(cast(Project, cast(Any, _Project(text)))) is asked
