"""Steps of a Jenkinsfile that run the program of a plugin: the words and the variables that it gets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from seatrial.pipeline.dialects.jenkins import parse
from tests.run.test_jenkins_credentials import run, said

pytestmark = pytest.mark.slow

# A program that tells its words, one a line, and some variables; it ends with what WHAT_CODE says.
PROGRAM = """#!/bin/sh
for word; do echo "<$word>"; done
echo "key ${ANSIBLE_HOST_KEY_CHECKING:-unset} pass ${SSHPASS:+set}"
exit "${WHAT_CODE:-0}"
"""


def within(
    tmp_path: Path, steps: str, secrets: Mapping[str, str] = {}, **programs: str
) -> tuple[list[str], str, str]:
    """(lines, status, message) of steps beside programs on PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, text in programs.items():
        file = folder / name.replace("_", "-")
        file.write_text(text)
        file.chmod(0o755)
    stage = f"steps {{ withEnv(['PATH+OURS={folder}']) {{ {steps} }} }}"
    project, result = run(tmp_path, stage, secrets=dict(secrets))
    return said(project, "s0"), result.status, result.outcomes["s0"].message


def test_a_playbook_is_played_with_the_words_of_the_plugin(tmp_path: Path) -> None:
    step = """ansiblePlaybook playbook: 'site.yml', inventory: 'hosts', limit: 'web', tags: 'a,b',
        skippedTags: 'c', become: true, forks: 3, disableHostKeyChecking: true, extras: '-v --diff',
        extraVars: [one: 'x y', two: true, three: [value: 'z', hidden: false]]"""
    lines, status, _ = within(tmp_path, step, ansible_playbook=PROGRAM)
    assert status == "succeeded"
    words = [
        "site.yml",
        "-i",
        "hosts",
        "-l",
        "web",
        "-t",
        "a,b",
        "-f",
        "3",
        "--skip-tags=c",
        "-b",
        "--become-user",
        "root",
        "-e",
        "one='x_y'",
        "-e",
        '{"two":true}',
        "-e",
        "three=z",
        "-v",
        "--diff",
    ]
    assert lines == [*(f"<{word.replace('_', ' ')}>" for word in words), "key False pass "]


def test_a_key_is_a_file_and_a_password_goes_by_sshpass(tmp_path: Path) -> None:
    step = "script { ansiblePlaybook(playbook: 'p.yml', credentialsId: ID, vaultCredentialsId: 'vault') }"
    key = "-----BEGIN OPENSSH PRIVATE KEY-----\\nx\\n-----END OPENSSH PRIVATE KEY-----"
    secrets = {"KEY": key, "KEY_USR": "git", "BOTH_USR": "eve", "BOTH_PSW": "secret-5", "VAULT": "open-up"}
    for at, (id_, ends) in enumerate({"key": "<-u> <git>", "both": "<-u> <eve> <-k>"}.items()):
        own = tmp_path / str(at)
        own.mkdir()
        by = '#!/bin/sh\nshift\nexec "$@"\n'
        lines, status, _ = within(
            own, step.replace("ID", f"'{id_}'"), secrets, ansible_playbook=PROGRAM, sshpass=by
        )
        assert status == "succeeded", lines
        assert ends in " ".join(lines)
        assert ("<--private-key>" in lines) == (id_ == "key")
        assert ("pass set" in lines[-1]) == (id_ == "both")
        assert "<--vault-password-file>" in lines


def test_a_playbook_that_fails_fails_the_stage(tmp_path: Path) -> None:
    step = "withEnv(['WHAT_CODE=2']) { ansiblePlaybook 'p.yml' }"
    _, status, message = within(tmp_path, step, ansible_playbook=PROGRAM)
    assert (status, message) == ("failed", "Ansible playbook execution failed: exit code 2 (line 3)")


def test_dependency_check_has_the_words_that_the_file_does_not_say(tmp_path: Path) -> None:
    more = '--disableYarnAudit --out "${WORKSPACE}/o o" $NO'
    step = f"dependencyCheck additionalArguments: '{more}', odcInstallation: 'DP'"
    lines, status, _ = within(tmp_path, step, ansible_playbook=PROGRAM)
    assert status == "failed" and "there is no dependency-check.sh on PATH" in " ".join(lines)
    own = tmp_path / "own"
    own.mkdir()
    lines, status, _ = within(own, step, dependency_check=PROGRAM)
    assert status == "succeeded", lines
    assert lines[0] == "<--project>" and lines[1].endswith("#1>") and lines[2] == "<--scan>"
    assert lines[4:7] == ["<--format>", "<XML>", "<--disableYarnAudit>"]
    assert lines[8].endswith("/o o>") and lines[9] == "<$NO>"


@pytest.mark.parametrize(
    ("code", "more", "status", "goes_on"),
    [("14", "", "succeeded", True), ("13", "", "failed", True), ("13", "stopBuild: true, ", "failed", False)],
)
def test_dependency_check_fails_the_run_and_ends_it_where_it_is_to(
    tmp_path: Path, code: str, more: str, status: str, goes_on: bool
) -> None:
    step = f"withEnv(['WHAT_CODE={code}']) {{ dependencyCheck {more}nvdCredentialsId: 'nvd'; echo 'on' }}"
    lines, ended, _ = within(tmp_path, step, {"NVD": "nvd-key-7"}, dependency_check=PROGRAM)
    assert ended == status
    assert ("on" in lines) == goes_on
    assert "<--nvdApiKey>" in lines and "nvd-key-7" not in " ".join(lines)


def test_the_keys_and_the_region_of_a_cloud(tmp_path: Path) -> None:
    seen = "sh 'echo \"$AWS_ACCESS_KEY_ID ${AWS_SECRET_ACCESS_KEY:+has} $AWS_REGION $AWS_DEFAULT_REGION\"'"
    step = f"withAWS(credentials: 'cloud', region: 'eu-west-1') {{ {seen} }}; {seen}"
    lines, status, _ = within(tmp_path, step, {"CLOUD_USR": "AKIA-1", "CLOUD_PSW": "secret-aws"})
    assert status == "succeeded"
    assert lines == ["AKIA-1 has eu-west-1 eu-west-1", "   "]


@pytest.mark.parametrize(
    "step", ["withAWS(role: 'deploy') { echo 'x' }", "ansiblePlaybook(playbook: 'p', sudo: true)"]
)
@pytest.mark.parametrize("around", ["{}", "script {{ {} }}"])
def test_a_parameter_that_cannot_be_honoured_is_refused_or_passed_over_whole(step: str, around: str) -> None:
    text = f"pipeline {{ agent any\n stages {{ stage('a') {{ steps {{ {around.format(step)} }} }} }} }}"
    _, findings = parse(text, "Jenkinsfile")
    wrong = [one for one in findings if one.severity == "error"]
    assert [one.skippable for one in wrong] == [True]
    assert wrong[0].message.startswith("Invalid parameter")
