from __future__ import annotations

import os
from pathlib import Path

import pytest

from seatrial.journal.journal import Journal
from seatrial.run import pinned, python_environment, requirements


@pytest.mark.slow
def test_an_environment_that_still_fits_is_taken_as_it_is(home: Path, journal: Journal) -> None:
    said: list[bytes] = []
    env = {"PATH": os.environ["PATH"]}
    built = python_environment.ensure(home, journal, "# nothing\n", said.append, host_env=env)
    packages = pinned.listed(built)
    assert pinned.ensure(home, journal, "# nothing\n", packages, said.append, host_env=env) == built
    assert pinned.ensure(home, journal, "# nothing\n", ("other==1",), said.append, host_env=env) != built


def test_other_versions_than_those_of_then_are_not_taken() -> None:
    text = pinned.with_constraints("numpy\ngit+https://forge/x", ("numpy==2.3.1", "x==1.0@abc"))
    assert requirements.split(text) == ("numpy\ngit+https://forge/x\n", "numpy==2.3.1\n")
    assert pinned.with_constraints("", ("numpy==2.3.1",)) == "#constraint: numpy==2.3.1\n"
