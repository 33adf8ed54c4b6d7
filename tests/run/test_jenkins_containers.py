"""The containers of a Jenkinsfile's agents, on a real engine: who shares one, and what it is given."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from seatrial.clients import docker as engine
from seatrial.pipeline.load import on_host
from tests.engine import IMAGE
from tests.run.jenkins import run, said

pytestmark = pytest.mark.slow

INSTALL, FIND = "echo tool > /tmp/tool", "cat /tmp/tool || echo none"


@pytest.fixture(autouse=True)
def _with_an_engine(docker: str) -> None:
    """All of these run there."""


def left() -> list[str]:
    listed = ["docker", "container", "ls", "--all", "--quiet", "--filter", "label=seatrial.run"]
    return subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split()


def images() -> set[str]:
    listed = ["docker", "image", "ls", "--quiet", "--no-trunc"]
    return set(subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split())


def one_stage(agent: str, script: str) -> str:
    return f"""pipeline {{ agent {{ {agent} }}
        stages {{ stage('One') {{ steps {{ sh '{script}' }} }} }} }}"""


def test_the_agent_of_the_pipeline_is_one_container_for_all_its_stages(tmp_path: Path) -> None:
    text = f"""pipeline {{ agent {{ docker {{ image '{IMAGE}'; label 'linux' }} }}
        stages {{
            stage('Install') {{ steps {{ sh '{INSTALL}; sleep 1000 &' }} }}
            stage('Use') {{ steps {{ sh '{FIND}; ps' }}; post {{ always {{ sh '{FIND}' }} }} }}
            stage('Beside') {{ agent {{ docker {{ image '{IMAGE}'; reuseNode true }} }}
                steps {{ sh '{FIND}' }} }}
            stage('Both') {{ parallel {{
                stage('Left') {{ steps {{ sh '{FIND}' }} }}
                stage('Right') {{ steps {{ sh '{FIND}' }} }} }} }}
        }}
        post {{ always {{ sh '{FIND}' }} }}
    }}"""
    project, result = run(tmp_path, text)
    assert result.status == "succeeded", project.log("Use")
    first, *processes, last = said(project, "Use")
    assert (first, last) == ("tool", "tool")
    assert any("sleep 1000" in line for line in processes), processes  # as in Jenkins, what goes on goes on
    assert said(project, "Beside")[-1] == "none"
    assert [said(project, name) for name in ("Left", "Right", "finally")] == [["tool"]] * 3
    assert left() == []


def test_a_stage_with_an_agent_has_one_container_for_the_stages_in_it(tmp_path: Path) -> None:
    text = f"""pipeline {{ agent none
        stages {{
            stage('Group') {{ agent {{ docker '{IMAGE}' }}
                stages {{
                    stage('Install') {{ steps {{ sh '{INSTALL}' }} }}
                    stage('Use') {{ steps {{ sh '{FIND}' }} }} }}
                post {{ always {{ sh '{FIND}' }} }} }}
            stage('After') {{ agent {{ docker '{IMAGE}' }}; steps {{ sh '{FIND}' }} }}
        }}
    }}"""
    project, result = run(tmp_path, text)
    assert result.status == "succeeded", project.log("Use")
    assert [said(project, name)[-1] for name in ("Use", "Group", "After")] == ["tool", "tool", "none"]
    assert left() == []


def test_a_folder_is_emptied_also_by_what_little_an_image_has(tmp_path: Path) -> None:
    made = "mkdir -p sub/.hidden .dot; touch a 'b c' .d ..e sub/f; ls -A"
    text = f"""pipeline {{ agent {{ docker '{IMAGE}' }}
        stages {{ stage('One') {{ steps {{
            sh "{made}"
            dir('sub') {{ deleteDir() }}
            sh 'ls -A sub | wc -l'
            cleanWs()
            script {{ sh "touch x"; deleteDir() }}
            sh 'set +x; ls -A | wc -l'
        }} }} }}
    }}"""
    project, result = run(tmp_path, text)
    assert result.status == "succeeded", project.log("One")
    assert said(project, "One")[-1] == "0"


def test_a_new_container_per_stage_is_one(tmp_path: Path) -> None:
    text = f"""pipeline {{ agent {{ docker '{IMAGE}' }}; options {{ newContainerPerStage() }}
        stages {{
            stage('Install') {{ steps {{ sh '{INSTALL}' }} }}
            stage('Use') {{ steps {{ sh '{FIND}' }} }}
        }}
    }}"""
    project, result = run(tmp_path, text)
    assert (result.status, said(project, "Use")[-1]) == ("succeeded", "none")


def test_the_options_of_docker_run_are_honoured(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "word").write_text("from outside\n")
    (tmp_path / "variables").write_text("FILED=filed\n")
    args = (
        f"-v {tmp_path}/shared:/mnt:ro -v $HOME/.cache:/cache -e WORD='two words' -eSHORT=s --env-file "
        f"{tmp_path}/variables -u 1234:1234 --entrypoint= --memory 64m --shm-size=1m --hostname box --rm -it"
    )
    script = (
        "cat /mnt/word; touch /mnt/x || echo read only; "
        'echo "$WORD $SHORT $FILED"; id -u; hostname; ls -d /cache; touch made'
    )
    text = one_stage(f'docker {{ image "{IMAGE}"; args "{args.replace("$", chr(92) + "$")}" }}', script)
    project, result = run(tmp_path, text)
    assert result.status == "succeeded", project.log("One")
    lines = [line for line in said(project, "One") if "touch" not in line]
    assert lines == ["from outside", "read only", "two words s filed", "1234", "box", "/cache"]


def test_what_another_user_makes_in_the_workspace_is_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"""pipeline {{ agent any
        stages {{
            stage('Make') {{ agent {{ docker {{ image '{IMAGE}'; args '-u 0:0'; reuseNode true }} }}
                steps {{ sh 'touch made' }} }}
            stage('See') {{ steps {{ sh 'stat -c %u made' }} }}
        }}
    }}"""
    monkeypatch.setattr(os, "getuid", lambda: 4321)
    project, result = run(tmp_path, text)
    assert result.status == "succeeded", project.log("See")
    assert said(project, "See") == ["4321"]


def test_an_entrypoint_of_the_file_starts_first(tmp_path: Path) -> None:
    entry = tmp_path / "entry"
    entry.write_text('#!/bin/sh\ntouch /tmp/entered\nexec "$@"\n')
    entry.chmod(0o755)
    args = f"-v {entry}:/entry --entrypoint /entry"
    text = one_stage(f"docker {{ image '{IMAGE}'; args '{args}' }}", "ls /tmp/entered")
    project, result = run(tmp_path, text)
    assert (result.status, said(project, "One")) == ("succeeded", ["/tmp/entered"])


def test_an_image_may_hang_on_a_parameter_an_axis_or_a_variable(tmp_path: Path) -> None:
    text = f"""def NAME = '{IMAGE.partition(":")[0]}'
    def named(tag) {{ return "${{env.JOB_NAME ? 'seatrial' : ''}}/tiny:${{tag.trim()}}" }}
    pipeline {{ agent {{ docker {{ image "${{params.NAME}}:${{TAG}}"; args "-e AT=${{env.TAG}}" }} }}
        environment {{ TAG = '{IMAGE.partition(":")[2]}' }}
        parameters {{ string(name: 'NAME', defaultValue: '{IMAGE.partition(":")[0]}') }}
        stages {{
            stage('Parameter') {{ steps {{ sh 'echo $AT; ls -d /usr || echo none' }} }}
            stage('Constant') {{ agent {{ docker NAME + ':1' }}; steps {{ sh 'ls -d /usr || echo none' }} }}
            stage('Method') {{ agent {{ docker {{ image named(" 1"); label 'x' }} }}
                steps {{ sh 'ls -d /usr || echo none' }} }}
            stage('All') {{ matrix {{ axes {{ axis {{ name 'V'; values '1' }} }}
                agent {{ docker "${{NAME}}:${{V}}" }}
                stages {{ stage('Cell') {{ steps {{ sh 'ls -d /usr || echo $V' }} }} }} }} }}
        }}
    }}"""
    project, result = run(tmp_path, text)
    assert result.status == "succeeded", result.outcomes
    assert [said(project, name)[-1] for name in ("Parameter", "Constant", "Method", "Cell")] == [
        "none",
        "none",
        "none",
        "1",
    ]


def test_on_this_machine_nothing_is_asked_of_an_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///no/such.sock")
    text = one_stage("docker { image 'nobody/has:it'; args '-u root' }", "ls -d /usr")
    project, result = run(tmp_path, text, change=on_host)
    assert (result.status, said(project, "One")) == ("succeeded", ["/usr"])


DOCKERFILE = f"""FROM {IMAGE}
ARG WORD=none
ENV WORD=$WORD
COPY word /word
RUN ["/bin/sh", "-c", "cat /word > /made"]
"""


def test_a_dockerfile_is_built_once_and_streamed(tmp_path: Path) -> None:
    text = one_stage("dockerfile true", "cat /made; echo $WORD")
    files = {"Dockerfile": DOCKERFILE, "word": "from the context\n"}
    project, result = run(tmp_path, text, files)
    assert result.status == "succeeded", project.log("One")
    assert said(project, "One")[-2:] == ["from the context", "none"]
    assert "docker build --file Dockerfile ." in project.log("One")
    assert "COPY word /word" in project.log("One")
    made = images()
    project.events.clear()
    project, result = run(tmp_path, text, files)
    assert "docker build" not in project.log("One")
    assert images() == made
    project, result = run(tmp_path, text, files | {"word": "another\n"})
    assert said(project, "One")[-2:] == ["another", "none"]


def test_a_dockerfile_of_a_folder_with_words_of_a_shell(tmp_path: Path) -> None:
    agent = """dockerfile { filename 'ci.Dockerfile'; dir 'build'; label 'x'; args '-e MORE=more'
        additionalBuildArgs '--build-arg WORD="$(echo two words)"' }"""
    files = {"build/ci.Dockerfile": DOCKERFILE, "build/word": "below\n"}
    project, result = run(tmp_path, one_stage(agent, "cat /made; echo $WORD $MORE"), files)
    assert result.status == "succeeded", project.log("One")
    assert said(project, "One")[-2:] == ["below", "two words more"]


@pytest.mark.parametrize(
    ("agent", "files", "message"),
    [
        ("dockerfile true", {}, "there is no file Dockerfile to build an image from"),
        ("dockerfile { dir '../..' }", {}, "../../Dockerfile leaves the workspace"),
        ("dockerfile true", {"Dockerfile": f"FROM {IMAGE}\nRUN exit 3\n"}, "cannot be built"),
    ],
)
def test_a_dockerfile_that_gives_no_image_fails_the_stage(
    tmp_path: Path, agent: str, files: dict[str, str], message: str
) -> None:
    _, result = run(tmp_path, one_stage(agent, "true"), files)
    assert message in result.outcomes["One"].message
    assert left() == []


def test_a_name_that_a_build_gives_is_there_for_the_next_stage(tmp_path: Path) -> None:
    text = """pipeline { agent any
        stages {
            stage('Make') { agent { dockerfile { additionalBuildArgs '-t made/here:$TAG' } }
                environment { TAG = '3' }
                steps { sh 'true' } }
            stage('Use') { agent { docker 'made/here:3' }; steps { sh 'cat /made' } }
        }
    }"""
    files = {"Dockerfile": DOCKERFILE, "word": "named\n"}
    for _ in range(2):
        project, result = run(tmp_path, text, files)
        assert result.status == "succeeded", project.log("Use")
        assert said(project, "Use")[-1] == "named"
        subprocess.run(["docker", "rmi", "made/here:3"], capture_output=True, check=True)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ("--network nowhere", "network nowhere not found"),
        ("-m much", "invalid size"),
    ],
)
def test_what_the_engine_refuses_is_said_in_its_words(tmp_path: Path, args: str, message: str) -> None:
    _, result = run(tmp_path, one_stage(f"docker {{ image '{IMAGE}'; args '{args}' }}", "true"))
    assert message in result.outcomes["One"].message
    assert "--help" not in result.outcomes["One"].message


def test_a_build_ends_with_the_time_of_its_stage(tmp_path: Path) -> None:
    text = """pipeline { agent none
        stages { stage('One') { agent { dockerfile true }; options { timeout(time: 2, unit: 'SECONDS') }
            steps { sh 'true' } } } }"""
    files = {"Dockerfile": f'FROM {IMAGE}\nRUN ["/bin/sh", "-c", "sleep 1000"]\n'}
    _, result = run(tmp_path, text, files)
    assert result.outcomes["One"].message == "the time of the stage was over before its image was there"
    assert result.outcomes["One"].body["timed_out"]


def test_what_is_asked_before_the_agent_is_asked_outside_of_it(tmp_path: Path) -> None:
    """The image has no such file, and this machine has."""
    asked = "sh(script: 'test -e /etc/passwd && echo yes || echo no', returnStdout: true).trim()"
    stages = "".join(
        f"""stage('{name}') {{
            agent {{ docker {{ image '{IMAGE}' }} }}
            when {{ {before} expression {{ {asked} == '{wanted}' }} }}
            steps {{ sh 'pwd' }} }}
        """
        for name, before, wanted in (("Before", "beforeAgent true;", "yes"), ("Inside", "", "no"))
    )
    _, result = run(tmp_path, f"pipeline {{ agent any; stages {{ {stages} }} }}")
    assert result.status == "succeeded"
    statuses = {name: outcome.status for name, outcome in result.outcomes.items()}
    assert statuses == {"When Before": "succeeded", "Before": "succeeded", "Inside": "succeeded"}


def _image(name: str, entrypoint: str) -> None:
    text = f"FROM {IMAGE}\nENTRYPOINT {entrypoint}\n"
    subprocess.run(["docker", "build", "-q", "-t", name, "-"], input=text.encode(), check=True)


@pytest.mark.parametrize(
    ("entrypoint", "args", "said_there"),
    [
        ('["/bin/sh", "-c", "touch /tmp/entered; exec \\"$@\\"", "sh"]', "", "entered"),
        ('["/bin/sh", "-c", "touch /tmp/entered; exec \\"$@\\"", "sh"]', "--entrypoint=", "not entered"),
        ('["/bin/false"]', "", "not entered"),
        ('["/no/such/program"]', "", "not entered"),
    ],
)
def test_the_entry_point_of_an_image_starts_first_where_it_starts_what_it_is_given(
    tmp_path: Path, entrypoint: str, args: str, said_there: str
) -> None:
    _image("seatrial/entered:1", entrypoint)
    asked = f"; args '{args}'" if args else ""
    steps = "test -e /tmp/entered && echo entered || echo not entered"
    project, result = run(tmp_path, one_stage(f"docker {{ image 'seatrial/entered:1'{asked} }}", steps))
    assert result.status == "succeeded", project.log("One")
    found = said(project, "One")
    assert found[-1] == said_there
    is_left_out = any("the entry point of" in line for line in found)
    assert is_left_out == (said_there == "not entered" and not args)


def test_an_entry_point_that_ends_while_it_is_looked_at_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _image("seatrial/entered:1", '["/bin/sh", "-c", "exit 0"]')
    looked = engine.inspect

    def late(kind: str, name: str) -> Any:
        """What was so a moment ago, as an engine says it of what then ends."""
        found = looked(kind, name)
        if kind == "container" and "exit 0" in found["Args"]:
            subprocess.run(["docker", "wait", name], stdout=subprocess.DEVNULL, check=True)
            found["State"]["Running"] = True
        return found

    monkeypatch.setattr(engine, "inspect", late)
    project, result = run(tmp_path, one_stage("docker { image 'seatrial/entered:1' }", "echo ran"))
    assert result.status == "succeeded", project.log("One")
    why, ran = said(project, "One")
    assert why.endswith("is left out: it did not start the words that it was given")
    assert ran == "ran"
    assert left() == []


@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_a_script_with_an_interpreter_of_its_own_is_that_of_the_user_of_a_container(
    tmp_path: Path, mask: int
) -> None:
    before = os.umask(mask)
    try:
        agent = f"docker {{ image '{IMAGE}'; args '-u 4321:4321' }}"
        project, result = run(tmp_path, one_stage(agent, "#!/bin/sh\\nid -u; touch x"))
    finally:
        os.umask(before)
    assert result.status == "succeeded", project.log("One")
    assert said(project, "One") == ["4321"]


def test_steps_on_files_need_no_program_of_the_image(tmp_path: Path) -> None:
    steps = """
        touch 'in/a.txt'
        writeFile file: 'in/sub/b.txt', text: 'of b\\n'
        sh 'echo secret > in/.gitignore; chmod 755 in/a.txt; ln -s /etc/hosts far.zip'
        zip zipFile: 'made/in.zip', dir: 'in', glob: '**/*.txt'
        unzip zipFile: 'made/in.zip', dir: 'back'
        sh 'set +x; cd back; find . -type f | sort; test -x a.txt; cat sub/b.txt'
        script {
            echo "${findFiles(glob: 'in/**.txt, back/*/*.txt')*.path}"
            echo "${findFiles(glob: '**/.gitignore').size()}"
            echo "${fileExists('back/sub/b.txt')} ${fileExists('nowhere')}"
            echo readFile('back/sub/b.txt').trim()
            for (bad in ['in/a.txt', 'none.zip', 'far.zip']) {
                try { unzip bad; echo 'never' } catch (e) { echo 'refused' }
            }
        }"""
    text = f"pipeline {{ agent {{ docker '{IMAGE}' }}\nstages {{ stage('One') {{ steps {{ {steps} }} }} }} }}"
    project, result = run(tmp_path, text)
    assert result.status == "succeeded", project.log("One")
    lines = [one for one in said(project, "One") if one[:2] != "+ "]
    assert lines == [
        *("./a.txt", "./sub/b.txt", "of b"),
        *("[back/sub/b.txt, in/a.txt]", "0", "true false", "of b", *["refused"] * 3),
    ]
