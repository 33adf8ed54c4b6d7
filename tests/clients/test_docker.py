"""What Docker's words mean, without an engine."""

from __future__ import annotations

import pytest

from seatrial.clients import docker


@pytest.mark.parametrize(
    ("words", "is_of_name"),
    [
        ("invalid reference format: repository name (library/Not) must be lowercase", True),
        ("manifest for busybox:none not found: manifest unknown: manifest unknown", True),
        ("pull access denied for a/b, repository does not exist or may require 'docker login'", True),
        ('failed to resolve reference "docker.io/library/busybox:none": not found', True),
        ("permission denied while trying to connect to the Docker daemon socket", False),
        ("dial tcp: lookup nowhere.invalid: no such host", False),
        ('exec: "docker-credential-x": executable file not found in $PATH', False),
    ],
)
def test_what_the_engine_blames(words: str, is_of_name: bool) -> None:
    assert docker.is_of_name(words) == is_of_name
