from __future__ import annotations

import pytest

from seatrial.pipeline.load import load

JENKINSFILE = "pipeline {{ agent any; stages {{ stage('a') {{ steps {{\n  {}\n}} }} }} }}\n"


def warned(text: str, path: str) -> list[str]:
    return [
        str(one.place)
        for one in load(text, path).findings
        if one.severity == "warning" and "outside of a container" in one.message
    ]


@pytest.mark.parametrize(
    "step",
    [
        "sh 'sudo apt-get update'",
        "sh 'cd x && sudo make install'",
        "sh 'doas make install'",
        "dir('x') { sh 'true; sudo make install' }",
        "sh '''\n  make\n  sudo make install\n  '''",
    ],
)
def test_a_command_that_begins_with_sudo_is_warned_of(step: str) -> None:
    assert len(warned(JENKINSFILE.format(step), "Jenkinsfile")) == 1


@pytest.mark.parametrize(
    "step", ["sh 'echo no sudo here'", "sh 'man sudo'", "sh './sudo.sh x'", "echo 'sudo x'"]
)
def test_what_only_names_it_is_not(step: str) -> None:
    assert warned(JENKINSFILE.format(step), "Jenkinsfile") == []


def test_a_job_of_travis_is_warned_of_at_its_place() -> None:
    text = "language: python\nbefore_install:\n  - sudo apt-get update\nscript: pytest\n"
    assert warned(text, ".travis.yml") == [".travis.yml:1:1"]
    assert warned("language: python\nscript: pytest\n", ".travis.yml") == []


CIRCLECI = "version: 2.1\njobs:\n  build:\n    {}\n    steps: [checkout, {{run: sudo make}}]\n"


def test_a_job_of_circleci_may_have_it_in_its_image() -> None:
    path = ".circleci/config.yml"
    assert len(warned(CIRCLECI.format("machine: true"), path)) == 1
    assert warned(CIRCLECI.format("docker: [{image: cimg/base}]"), path) == []


IN_IMAGE = (
    "pipeline {{ agent {{ docker 'python:3.11' }}; stages {{ stage('a') {{ steps {{ sh '{}' }} }} }} }}\n"
)


@pytest.mark.parametrize(
    ("command", "wants"), [("sudo make", "sudo"), ("apt-get install -y jq", "apt-get"), ("apk add jq", "apk")]
)
def test_what_wants_root_in_an_image_is_noted(command: str, wants: str) -> None:
    found = load(IN_IMAGE.format(command), "Jenkinsfile").findings
    said = [one.message for one in found if one.severity == "note"]
    assert said == [f"`{wants}` wants root, and commands in a container run as who runs seatrial"]


def test_what_a_job_of_circleci_may_do_in_its_image_says_that_images_user() -> None:
    text = CIRCLECI.format("docker: [{image: 'python:3.11'}]").replace("sudo make", "apt-get install jq")
    assert load(text, ".circleci/config.yml").findings == ()


def test_a_file_that_names_the_user_of_its_container_is_taken_at_its_word() -> None:
    text = "pipeline {{ agent {{ docker {{ image 'x'{} }} }}\n"
    text += "stages {{ stage('a') {{ steps {{\n  {}\n}} }} }} }}\n"
    for args, count in (("", 1), ("; args '-u root'", 0)):
        found = load(text.format(args, "sh 'apt-get update'"), "Jenkinsfile").findings
        assert len([one for one in found if "wants root" in one.message]) == count, found


def test_our_own_files_are_of_this_machine() -> None:
    assert warned("stages: {a: sudo make}\n", "seatrial.yaml") == []
