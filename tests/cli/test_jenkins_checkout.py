"""A Jenkinsfile that says where the commit lies at first, run from a real repository."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cli.terminal import seatrial
from tests.conftest import Repository

pytestmark = pytest.mark.slow

FILE = """pipeline {
    agent any
    options { %s }
    stages { stage('one') { steps { sh 'find . -name .git -prune -o -type f -print' } } }
}"""


@pytest.mark.parametrize(
    ("option", "found"),
    [
        ("timestamps()", "./Jenkinsfile"),
        ("skipDefaultCheckout()", ""),
        ("skipDefaultCheckout(false)", "./Jenkinsfile"),
        ("checkoutToSubdirectory('src')", "./src/Jenkinsfile"),
    ],
)
def test_where_the_commit_lies(
    home: object, repository: Callable[..., Repository], option: str, found: str
) -> None:
    made = repository()
    made.write("Jenkinsfile", FILE % option)
    made.commit("first")
    ended = seatrial("run", "--yes", folder=made.folder)
    assert ended.code == 0, ended.err
    files = [line.split("│ ")[1] for line in ended.out.splitlines() if "│ ./" in line]
    assert files == ([found] if found else [])


LATER = """pipeline {
    agent any
    options { skipDefaultCheckout() }
    stages { stage('one') { steps {
        sh 'echo own > own.txt; mkdir -p src; echo old > Jenkinsfile'
        checkout scm
        sh 'git status --short; git log --format=%s; ls'
        script { def of = checkout scm; echo "commit ${of.GIT_COMMIT.size()}" }
        dir('below') { checkout scm; sh 'git log --format=%s; ls' }
    } } }
}"""


def test_a_checkout_of_a_step_is_one_that_git_knows(
    home: object, repository: Callable[..., Repository]
) -> None:
    made = repository()
    made.write("Jenkinsfile", LATER)
    made.commit("first")
    ended = seatrial("run", "--yes", folder=made.folder)
    assert ended.code == 0, ended.err
    said = [line.split("│ ")[1] for line in ended.out.splitlines() if "│ " in line and "│ +" not in line]
    assert said == [
        "?? own.txt",
        "first",
        "Jenkinsfile",
        "own.txt",
        "src",
        "commit 40",
        "first",
        "Jenkinsfile",
    ]
