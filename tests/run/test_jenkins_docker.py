"""`docker` in the scripts of a Jenkinsfile, on a real engine and a real registry."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from seatrial.gateway import ports
from seatrial.pipeline.dialects.jenkins import parse
from seatrial.pipeline.load import on_host
from seatrial.run import recovery
from tests.conftest import requires
from tests.engine import IMAGE
from tests.parts import path_of
from tests.run.jenkins import Project, RunResult, run, said
from tests.run.stages import stage

pytestmark = pytest.mark.slow

WHERE = "test -d /usr && echo here || echo in a container"


@pytest.fixture(autouse=True)
def _with_an_engine(docker: str) -> None:
    """All of these run there."""


def script(*statements: str) -> str:
    body = "\n".join(statements)
    return f"pipeline {{ agent any\n stages {{ stage('One') {{ steps {{ script {{\n{body}\n}} }} }} }} }}"


def scripted(tmp_path: Path, *statements: str, **env: str) -> tuple[Project, RunResult]:
    return run(tmp_path, script(*statements), DOCKER_HOST=os.environ["DOCKER_HOST"], **env)


def listed(*words: str) -> list[str]:
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=True).stdout.split()


def left() -> list[str]:
    return listed("container", "ls", "--all", "--quiet", "--filter", "label=seatrial.run")


def test_steps_inside_of_an_image_share_the_workspace_and_give_a_value(tmp_path: Path) -> None:
    project, result = scripted(
        tmp_path,
        "env.MADE = 'hello'",
        f"def said = docker.image('{IMAGE}').inside('-e MORE=more --tmpfs /scratch') {{",
        f"    sh '{WHERE}; echo $MADE $MORE > made; ls -d /scratch'",
        "    withEnv(['WORD=bye']) { sh(script: 'echo $WORD', returnStdout: true).trim() }",
        "}",
        f"sh '{WHERE}; cat made'",
        'echo "it said ${said}"',
    )
    assert result.status == "succeeded", project.log("One")
    assert said(project, "One") == ["in a container", "/scratch", "here", "hello more", "it said bye"]
    assert left() == []


def test_what_fails_inside_is_caught_and_the_container_is_gone(tmp_path: Path) -> None:
    project, result = scripted(
        tmp_path,
        "try {",
        f"    docker.image('{IMAGE}').inside {{ sh 'exit 3' }}",
        '} catch (e) { echo "caught ${e.message}" }',
        "sh 'set +x; docker container ls --all --quiet --filter label=seatrial.run | wc -l'",
    )
    assert result.status == "succeeded", project.log("One")
    assert said(project, "One") == ["caught script returned exit code 3", "0"]


def test_branches_of_a_script_have_containers_of_their_own_at_once(tmp_path: Path) -> None:
    wait = "touch $ME; n=0; until test -e $OTHER || test $n = 1200; do sleep 0.1; n=$((n + 1)); done"
    both = (("left", "right"), ("right", "left"))
    project, result = scripted(
        tmp_path,
        "parallel(",
        ",".join(
            f"{me}: {{ docker.image('{IMAGE}').inside('-e ME={me} -e OTHER={other}') {{ "
            f"sh 'set +x; {wait}; echo mine > /tmp/mine; ls /tmp; test -e $OTHER' }} }}"
            for me, other in both
        ),
        ")",
    )
    assert result.status == "succeeded", project.log("One")
    ended = sorted(line for line in said(project, "One") if line.endswith("mine"))
    assert ended == ["[left] mine", "[right] mine"]
    assert left() == []


def test_a_container_beside_the_steps(tmp_path: Path) -> None:
    serve = "sh -c 'while :; do echo pong | nc -l -p 7000; done'"
    project, result = scripted(
        tmp_path,
        "sh 'docker network create aside'",
        "try {",
        f"    docker.image('{IMAGE}').withRun('--init --network aside -e A=b', \"{serve}\") {{ c ->",
        "        sh \"docker inspect -f '{{.State.Running}}' ${c.id}\"",
        f"        docker.image('{IMAGE}').inside(\"--network aside -e TO=${{c.id.take(12)}}\") {{",
        "            retry(200) { sh 'sleep 0.2; nc $TO 7000 </dev/null' }",
        "        }",
        "    }",
        f"    def other = docker.image('{IMAGE}').run('--init', 'sleep 1000')",
        "    sh 'set +x; docker container ls --quiet --filter label=seatrial.run | wc -l'",
        "    other.stop()",
        "} finally { sh 'docker network rm aside' }",
    )
    assert result.status == "succeeded", project.log("One")
    lines = said(project, "One")
    assert "true" in lines
    assert "pong" in lines
    assert "1" in lines
    assert left() == []


def test_a_container_that_nobody_stops_ends_with_the_run(tmp_path: Path) -> None:
    _, result = scripted(tmp_path, f"docker.image('{IMAGE}').run('', 'sleep 1000')", "error 'over'")
    assert result.status == "failed"
    assert "over" in result.outcomes["One"].message
    assert left() == []


def test_what_a_killed_script_left_is_removed_by_the_next_run(tmp_path: Path) -> None:
    pid = os.fork()
    if not pid:
        try:
            scripted(tmp_path, f"docker.image('{IMAGE}').withRun('', 'sleep 1000') {{ sh 'sleep 1000' }}")
        finally:
            os._exit(1)
    deadline = time.monotonic() + 120
    while not left():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    assert left()
    request = Project(tmp_path / "home", tmp_path / "files", []).request(stage("one", "true"))
    recovery.recover(request.journal, request.home)
    request.journal.close()
    assert left() == []


def test_an_image_is_built_tagged_and_used(tmp_path: Path) -> None:
    files = {"ci/Dockerfile": f"FROM {IMAGE}\nARG WORD\nENV WORD=$WORD\n"}
    text = script(
        'def image = docker.build("seatrial/made:${env.BUILD_NUMBER}", \'--build-arg WORD="$(echo hi)" ci\')',
        'echo "${image.id} ${image.imageName()}"',
        "image.tag('latest')",
        "image.inside { sh 'echo $WORD' }",
        "docker.image('seatrial/made').inside { sh 'echo $WORD' }",
    )
    project, result = run(tmp_path, text, files, DOCKER_HOST=os.environ["DOCKER_HOST"])
    assert result.status == "succeeded", project.log("One")
    assert "seatrial/made:1 seatrial/made:1" in said(project, "One")
    assert said(project, "One")[-2:] == ["hi", "hi"]


def test_on_this_machine_what_is_inside_runs_here(tmp_path: Path) -> None:
    text = script(f"docker.image('nobody/has:it').inside('-u root') {{ sh '{WHERE}' }}")
    project, result = run(tmp_path, text, change=on_host)
    assert (result.status, said(project, "One")) == ("succeeded", ["here"])


def test_the_steps_beneath_are_there_too(tmp_path: Path, registry: str) -> None:
    text = f"""pipeline {{ agent any
        stages {{ stage('One') {{ steps {{
            withDockerContainer(image: '{IMAGE}', args: '-e WORD=hello') {{ sh '{WHERE}; echo $WORD' }}
            withDockerRegistry([url: 'http://{registry}', credentialsId: 'our-registry']) {{
                sh 'docker tag {IMAGE} {registry}/plain:1; docker push {registry}/plain:1'
            }}
            sh 'docker push {registry}/plain:1 || echo refused'
        }} }} }}
    }}"""
    project, result = run(tmp_path, text, DOCKER_HOST=os.environ["DOCKER_HOST"], **ADA)
    assert result.status == "succeeded", project.log("One")
    lines = said(project, "One")
    assert lines[:2] == ["in a container", "hello"]
    assert lines[-1] == "refused"


def test_there_is_no_container_within_a_container(tmp_path: Path) -> None:
    text = script(f"docker.image('{IMAGE}').inside {{ sh 'true' }}").replace(
        "agent any", f"agent {{ docker '{IMAGE}' }}"
    )
    _, result = run(tmp_path, text)
    assert "within a container" in result.outcomes["One"].message


@pytest.mark.parametrize(
    ("statement", "message", "column"),
    [
        (
            "docker.withServer('tcp://x:1') { }",
            "the method 'docker.withServer' is not supported in a script",
            1,
        ),
        ("docker.imag('x')", "the method 'docker.imag' is not supported in a script", 1),
        ("docker.image('x').inside('--restart always') { }", "--restart cannot be honoured", 26),
        ("docker.image('x').inside('-v /a:/b sh') { }", "'sh' is no option of docker run", 26),
    ],
)
def test_what_cannot_be_had_is_a_finding_at_its_place(statement: str, message: str, column: int) -> None:
    _, findings = parse(script(statement), "Jenkinsfile")
    errors = [one for one in findings if one.severity == "error"]
    assert [one.message for one in errors] == [message]
    assert (errors[0].place.line, errors[0].place.column) == (3, column)


# The user `ada` with the password of the tests below, as htpasswd writes it.
_USERS = "ada:$2b$04$rjP..Qbzl32OuBgUgmY22u3CFoG3RaeRzORTF9vps/rEm18HJX2N.\n"
_PASSWORD = "open sesame"


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[str]:
    """The address of a registry that lets only `ada` in."""
    requires("docker-registry")
    folder = tmp_path / "registry"
    folder.mkdir()
    (folder / "users").write_text(_USERS)
    address = f"localhost:{ports.free_port()}"
    (folder / "settings.yml").write_text(
        f"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {folder}/data}}}}\n"
        f"http: {{addr: '{address.replace('localhost', '127.0.0.1')}'}}\n"
        f"auth: {{htpasswd: {{realm: tests, path: {folder}/users}}}}\n"
    )
    program = path_of("docker-registry")
    assert program is not None
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([program, "serve", folder / "settings.yml"], stdout=log, stderr=log)
    try:
        _wait(server, address)
        yield address
    finally:
        server.terminate()
        server.wait()


def _wait(server: subprocess.Popen[bytes], address: str) -> None:
    deadline = time.monotonic() + 120
    while server.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://{address}/v2/").close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the registry does not answer")


ADA = {"OUR_REGISTRY_USR": "ada", "OUR_REGISTRY_PSW": _PASSWORD}


def test_images_go_to_a_registry_and_come_from_it_with_its_login(tmp_path: Path, registry: str) -> None:
    name = f"{registry}/team/tool"
    project, result = scripted(
        tmp_path,
        f"def where = 'http://{registry}', id = 'our-registry'",
        "docker.withRegistry(where, id) {",
        f"    sh 'docker tag {IMAGE} team/tool:2'",
        "    def image = docker.image('team/tool:2')",
        "    image.push()",
        "    image.push('latest')",
        "    echo image.imageName()",
        f"    sh 'docker rmi team/tool:2 {name}:2 {name}:latest'",
        "    image.pull()",
        f"    sh 'docker rmi {name}:2'",
        f"    docker.image('team/tool').inside {{ sh '{WHERE}' }}",
        "}",
        f"def status = sh(script: 'docker pull {name}:2', returnStatus: true)",
        'echo "without a login: ${status}"',
        **ADA,
    )
    assert result.status == "succeeded", project.log("One")
    lines = said(project, "One")
    assert f"{name}:2" in lines
    assert "in a container" in lines
    assert lines[-1] == "without a login: 1"
    assert _PASSWORD not in project.log("One")
    listed("rmi", f"{name}:latest")


def test_an_agent_comes_from_a_registry_with_its_login(tmp_path: Path, registry: str) -> None:
    scripted(
        tmp_path,
        f"docker.withRegistry('http://{registry}', 'our-registry') {{",
        f"    sh 'docker tag {IMAGE} agent:1'",
        "    docker.image('agent:1').push()",
        f"    sh 'docker rmi agent:1 {registry}/agent:1'",
        "}",
        **ADA,
    )
    agent = f"image 'agent:1'; registryUrl 'http://{registry}/'; registryCredentialsId 'our-registry'"
    text = f"""pipeline {{ agent {{ docker {{ {agent}; alwaysPull true }} }}
        stages {{ stage('One') {{ steps {{ sh '{WHERE}; ls -a $HOME/..' }} }} }} }}"""
    project, result = run(tmp_path, text, **ADA)
    assert result.status == "succeeded", result.outcomes["One"].message
    assert "in a container" in said(project, "One")
    assert not [line for line in said(project, "One") if line.startswith("docker-")]
    listed("rmi", f"{registry}/agent:1")
    _, result = run(tmp_path, text, OUR_REGISTRY_USR="ada", OUR_REGISTRY_PSW="wrong password")
    assert "docker login" in result.outcomes["One"].message
    _, result = run(tmp_path, text)
    assert "the credentials 'our-registry' are not here" in result.outcomes["One"].message


def test_a_container_tells_where_its_port_is(tmp_path: Path) -> None:
    serve = "sh -c 'while :; do echo pong | nc -l -p 7000; done'"
    words = "--init --network ports -p 127.0.0.1::7000"
    project, result = scripted(
        tmp_path,
        "sh 'docker network create ports'",
        "try {",
        f"    docker.image('{IMAGE}').withRun('{words}', \"{serve}\") {{ c ->",
        "        def at = c.port(7000)",
        "        echo \"at ${at.tokenize(':')[0]}, ${at.tokenize(':')[1].isInteger()}\"",
        "        retry(200) { sh \"sleep 0.2; bash -c 'cat < /dev/tcp/${at.replace(':', '/')}'\" }",
        "    }",
        "} finally { sh 'docker network rm ports' }",
    )
    assert result.status == "succeeded", project.log("One")
    assert {"at 127.0.0.1, true", "pong"} <= set(said(project, "One"))
    assert left() == []
