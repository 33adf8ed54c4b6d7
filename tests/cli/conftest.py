"""A small project that a run takes through in an instant."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import Repository

PIPELINE = """\
project: tiny
stages:
  prepare:
    run: |
      echo preparing
      cp in.txt out.txt
    inputs: [in.txt]
    outputs: [out.txt]
  count:
    run: wc -c < out.txt > count.txt
    inputs: [out.txt]
    outputs: [count.txt]
  look: grep -q . in.txt
"""


@pytest.fixture
def tiny(home: object, repository: Callable[..., Repository]) -> Repository:
    """A repository with PIPELINE, committed."""
    made = repository()
    made.write("seatrial.yaml", PIPELINE)
    made.write("in.txt", "one\n")
    made.commit("the first")
    return made
