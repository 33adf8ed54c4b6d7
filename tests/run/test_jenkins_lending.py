"""`sshagent` and `configFileProvider` of a Jenkinsfile: real agents with real keys, files at their places."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from seatrial.pipeline.dialects.jenkins import parse
from tests.conftest import requires
from tests.run.stages import RunResult
from tests.run.test_jenkins_credentials import run, said

pytestmark = pytest.mark.slow


def key(folder: Path, phrase: str = "", name: str = "key") -> str:
    """A new private key, as one line of secrets."""
    requires("ssh-agent")
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", phrase, "-C", name, "-f", str(folder / name)]
    subprocess.run(command, check=True)
    return (folder / name).read_text().rstrip().replace("\n", "\\n")


def lives(pid: str) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def is_ended(folder: Path) -> bool:
    """Whether the agent of a run has ended; one that is killed with its stage sees it soon."""
    pid, socket = (folder / "home/agent").read_text().split()
    end = time.monotonic() + 30
    while (lives(pid) or Path(socket).exists()) and time.monotonic() < end:
        time.sleep(0.05)
    return not lives(pid) and not Path(socket).exists()


NOTE = 'echo $SSH_AGENT_PID $SSH_AUTH_SOCK > "$SEATRIAL_HOME/agent"'
# Without -x: what two programs of a pipe are told to do would be written at once.
LIST = f"sh '''set +x; {NOTE}; ssh-add -L | cut -d\" \" -f1,3; [ -z \"${{KEY_0:-}}\" ]'''"

AFTER = "sh 'echo after ${SSH_AUTH_SOCK:-none}'"


@pytest.mark.parametrize(
    "step",
    [
        f"sshagent(['deploy', 'second']) {{ {LIST} }}; {AFTER}",
        f"sshagent(credentials: ['deploy', 'second']) {{ {LIST} }}; {AFTER}",
        f"sshagent(credentials: ['deploy', \"${{'sec' + 'ond'}}\", 'absent'], ignoreMissing: true)"
        f" {{ {LIST} }}; {AFTER}",
        f"script {{ def ids = 'second'; sshagent(['deploy', ids]) {{ {LIST} }}\n{AFTER} }}",
    ],
)
def test_an_agent_has_the_keys_and_ends_with_its_block(tmp_path: Path, step: str) -> None:
    secrets = {
        "DEPLOY": key(tmp_path, name="one"),
        "SECOND": key(tmp_path, "open sesame", "two"),
        "SECOND_PASSPHRASE": "open sesame",
    }
    project, result = run(tmp_path, f"steps {{ {step} }}", secrets=secrets)
    assert result.status == "succeeded", project.log("s0")
    lines = said(project, "s0")
    assert [line for line in lines if line.startswith(("ssh-", "after"))] == [
        "ssh-ed25519 one",
        "ssh-ed25519 two",
        "after none",
    ]
    assert is_ended(tmp_path)


@pytest.mark.parametrize(
    ("steps", "status"),
    [
        (f"sshagent(['deploy']) {{ sh '{NOTE}; exit 3' }}", "failed"),
        (
            f"timeout(time: 1, unit: 'SECONDS') {{ sshagent(['deploy']) {{ sh '{NOTE}; sleep 60' }} }}",
            "cancelled",
        ),
        (f"catchError {{ sshagent(['deploy']) {{ sh '{NOTE}'; error 'no' }} }}", "failed"),
        (
            f"sshagent(['deploy']) {{ sh '{NOTE}; kill -9 $SSH_AGENT_PID; rm -r ${{SSH_AUTH_SOCK%/*}}' }}",
            "succeeded",
        ),
    ],
)
def test_it_ends_whatever_becomes_of_the_steps(tmp_path: Path, steps: str, status: str) -> None:
    project, result = run(tmp_path, f"steps {{ {steps} }}", secrets={"DEPLOY": key(tmp_path)})
    assert result.status == status, project.log("s0")
    assert is_ended(tmp_path)


def refused(tmp_path: Path, steps: str, **secrets: str) -> RunResult:
    _, result = run(tmp_path, f"steps {{ {steps} }}", secrets=secrets)
    assert result.status in ("failed", "errored")
    return result


def test_a_key_that_is_not_here_or_cannot_be_opened_is_told(tmp_path: Path) -> None:
    steps = "sshagent(['deploy']) { sh 'true' }"
    assert "the credentials 'deploy' are not here" in refused(tmp_path, steps).outcomes["s0"].message
    wrong = key(tmp_path, "open sesame")
    (tmp_path / "wrong").mkdir()
    project, result = run(
        tmp_path / "wrong", f"steps {{ {steps} }}", secrets={"DEPLOY": wrong, "DEPLOY_PASSPHRASE": "sesame"}
    )
    assert result.status == "failed"
    assert "ssh-agent" not in project.log("s0")


SETTINGS = "<settings>\\n  <offline/>\\n</settings>"


@pytest.mark.parametrize(
    "step",
    [
        "configFileProvider([configFile(fileId: 'maven-settings', variable: 'SETTINGS')]) { %s }",
        "configFileProvider([configFile(fileId: \"maven-${'settings'}\", variable: 'SETTINGS',"
        " targetLocation: 'conf/own.xml')]) { sh 'cat conf/own.xml'; %s }",
        "configFileProvider([configFile(fileId: 'maven-settings', variable: 'SETTINGS',"
        " targetLocation: \"${env.WORKSPACE}/conf/\")]) { sh 'cat conf/maven-settings'; %s }",
        "script { def id = 'maven-settings'; configFileProvider([configFile(fileId: id, variable: 'SETTINGS',"
        " targetLocation: '.')]) { sh 'cat maven-settings'; %s } }",
    ],
)
def test_a_file_is_lent_by_its_id(tmp_path: Path, step: str) -> None:
    inner = "sh 'cat $SETTINGS; stat -c %a $SETTINGS'"
    project, result = run(
        tmp_path,
        f"steps {{ {step.replace('%s', inner)}\n sh 'echo after ${{SETTINGS:-none}}' }}",
        secrets={"MAVEN_SETTINGS": SETTINGS},
    )
    assert result.status == "succeeded", project.log("s0")
    lines = said(project, "s0")
    assert lines[-2:] == ["600", "after none"]
    assert "*" in lines[0] or lines[0].startswith("<settings>")


def test_a_file_that_is_not_here_is_told(tmp_path: Path) -> None:
    steps = "configFileProvider([configFile(fileId: 'maven-settings', variable: 'S')]) { sh 'true' }"
    message = refused(tmp_path, steps).outcomes["s0"].message
    assert "the credentials 'maven-settings' are not here" in message


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("sshagent('deploy') { sh 'x' }", "sshagent takes a list"),
        ("sshagent(['deploy'])", 'Expected a block with the "sshagent" step'),
        ("sshagent(keys: ['deploy']) { sh 'x' }", 'Invalid parameter "keys" of sshagent'),
        ("configFileProvider([file('x')]) { sh 'x' }", "configFile has a fileId"),
        ("configFileProvider([configFile(variable: 'X')]) { sh 'x' }", "configFile has a fileId"),
        (
            "configFileProvider([configFile(fileId: 'a', replaceTokens: true)]) { sh 'x' }",
            "configFile: 'replaceTokens' is not supported",
        ),
    ],
)
@pytest.mark.parametrize("around", ["%s", "script { %s }"])
def test_what_cannot_be_lent_is_a_finding(step: str, message: str, around: str) -> None:
    text = f"pipeline {{ agent any; stages {{ stage('a') {{ steps {{ {around % step} }} }} }} }}"
    _, findings = parse(text, "Jenkinsfile")
    if around != "%s" and "Expected a block" in message:
        return  # in a script a step without its block is Groovy all the same
    assert any(one.message.startswith(message) for one in findings if one.severity == "error"), findings
