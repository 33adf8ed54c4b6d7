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
@pytest.mark.parametrize("agent", ["dockerfile true", "docker { image 'a:1'; args '-v /a:/b' }"])
def test_what_an_image_does_not_tell_is_left_to_seatrial(name: str, agent: str) -> None:
    text, _ = written(name, agent)
    assert "seatrial run HEAD" in text
    assert "Dockerfile" not in text
    assert "a:1" not in text


def test_a_plain_image_is_written_and_what_stages_share_in_it_is_lost() -> None:
    text, lost = written("gitlab", "docker 'a:1'")
    assert "image: a:1" in text
    assert any("what others install in theirs is not in it" in line for line in lost), lost
