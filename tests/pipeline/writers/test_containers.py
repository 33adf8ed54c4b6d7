"""A container that is more than an image is left to seatrial, and never written as an image of that name."""

from __future__ import annotations

import pytest

from seatrial.pipeline.writers.all_writers import ALL_WRITERS, writer
from seatrial.pipeline.writers.source import source

FILE = """pipeline {{ agent {{ {agent} }}
    stages {{ stage('One') {{ steps {{ sh 'make' }} }} }} }}"""


def written(name: str, agent: str) -> tuple[str, list[str]]:
    made = writer(name).write(source(FILE.format(agent=agent), "Jenkinsfile", "jenkins"))
    return made.text, [loss.message for loss in made.losses]


@pytest.mark.parametrize("name", sorted(ALL_WRITERS))
def test_an_image_that_is_built_is_left_to_seatrial(name: str) -> None:
    text, _ = written(name, "dockerfile true")
    assert "seatrial run HEAD" in text
    assert "Dockerfile" not in text


@pytest.mark.parametrize("name", sorted(ALL_WRITERS))
def test_options_of_a_container_are_written_or_lost(name: str) -> None:
    text, lost = written(name, "docker { image 'a:1'; args '-v /a:/b'; alwaysPull true }")
    is_written = {"jenkins": "args '--volume=/a:/b'", "github-actions": "options: --volume=/a:/b"}
    assert is_written.get(name, "") in text
    is_told = any("the options `--volume=/a:/b` of the container of `One`" in line for line in lost)
    assert is_told == (name not in is_written)


def test_a_plain_image_is_written_and_what_stages_share_in_it_is_lost() -> None:
    text, lost = written("gitlab", "docker 'a:1'")
    assert "image: a:1" in text
    assert any("what others install in theirs is not in it" in line for line in lost), lost
