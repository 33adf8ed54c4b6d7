"""Stages in containers of a real engine: what they see, what they leave, what is beside them."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from seatrial.errors import STAGE_FAILED, BadInput
from seatrial.pipeline.container import Container
from seatrial.pipeline.pipeline import Resources, Service
from seatrial.run import recovery, services
from seatrial.run.events import StageRestored
from tests.engine import IMAGE
from tests.run.stages import Project, stage, statuses

pytestmark = pytest.mark.slow

BOX = {"image": IMAGE, "executor": "docker"}


@pytest.fixture(autouse=True)
def _with_an_engine(docker: str) -> None:
    """All of these run there."""


def left(kind: str) -> list[str]:
    listed = ["docker", kind, "ls", "--quiet", "--filter", "label=seatrial.run"]
    return subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split()


def build(name: str, script: str) -> None:
    """An image that runs a script."""
    file = f'FROM {IMAGE}\nENTRYPOINT ["sh", "-c", "{script}"]\n'
    command = ["docker", "build", "-q", "-t", name, "-"]
    subprocess.run(command, input=file.encode(), stdout=subprocess.DEVNULL, check=True)


def test_a_stage_sees_the_image_its_files_and_its_variables(project: Project) -> None:
    project.write("a", "hello\n")
    script = 'cat a > b; ls / > root; echo "$PATH $WORD" > said; touch "$HOME/x"; echo "$0" >&2'
    files = ("b", "root", "said")
    quoted = "it's\ntwo lines"
    result = project.run(stage("one", script, outputs=files, env=(("WORD", quoted),), **BOX))
    assert statuses(result) == {"one": "succeeded"}, project.log("one")
    made = project.output(result, "one")
    assert made["b"] == b"hello\n"
    assert b"usr" not in made["root"].split()  # this machine has one, the image has none
    assert made["said"] == f"/bin {quoted}\n".encode()
    assert project.log("one") == "/bin/sh"
    assert left("container") == []


def bash_image(context: Path) -> str:
    """An image whose `sh` is the bash of this machine, which hands on every variable."""
    program = shutil.which("bash")
    listed = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=True).stdout
    for source in re.findall(r"(/\S+) \(", listed):
        target = context / "root" / source[1:]
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    shutil.copy(str(program), context / "bash")
    link = '["/bin/busybox", "ln", "-sf", "bash", "/bin/sh"]'
    (context / "Dockerfile").write_text(f"FROM {IMAGE}\nCOPY root /\nCOPY bash /bin/\nRUN {link}\n")
    command = ["docker", "build", "-q", "--network", "host", "-t", "seatrial/bash:1", str(context)]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return "seatrial/bash:1"


def test_variables_whose_names_no_shell_can_export_arrive_too(project: Project, tmp_path: Path) -> None:
    env = (("image-tag", "one 'two'"), ("a.b", "dotted"), ("WORD", "plain"))
    result = project.run(stage("one", 'echo "$WORD"', env=env, **BOX))
    assert statuses(result) == {"one": "succeeded"}, project.log("one")
    assert project.log("one") == "plain"
    box = {"image": bash_image(tmp_path), "executor": "docker"}
    result = project.run(stage("bash", "exec env", env=env, **box))
    assert statuses(result) == {"bash": "succeeded"}, project.log("bash")
    said = project.log("bash").splitlines()
    assert {f"{name}={value}" for name, value in env} <= set(said), said


def test_what_it_makes_belongs_to_us(project: Project) -> None:
    result = project.run(stage("one", "id -u > who; id -g >> who", outputs=("who",), **BOX))
    assert project.output(result, "one")["who"] == f"{os.getuid()}\n{os.getgid()}\n".encode()


def test_the_user_of_an_image_is_not_that_of_the_commands(project: Project) -> None:
    """Nor is what only that user may do there, such as what only root may: a file has to name it."""
    file = f"FROM {IMAGE}\nUSER 4321:4321\n"
    command = ["docker", "build", "-q", "-t", "seatrial/other:1", "-"]
    subprocess.run(command, input=file.encode(), stdout=subprocess.DEVNULL, check=True)
    box = {"image": "seatrial/other:1", "executor": "docker"}
    result = project.run(stage("own", "id -u > who; touch made", outputs=("who",), **box))
    assert project.output(result, "own")["who"] == f"{os.getuid()}\n".encode()
    named = Container(options=("--user=4321:4321",))
    result = project.run(stage("named", "id -u > who; mkdir d", outputs=("who",), container=named, **box))
    assert project.output(result, "named")["who"] == b"4321\n", project.log("named")
    kept = [path for path in project.home.rglob("*") if path.lstat().st_uid != os.getuid()]
    assert kept == []


def test_exit_codes_and_times_are_those_of_the_command(project: Project) -> None:
    result = project.run(
        stage("bad", "exit 7", **BOX), stage("long", "sleep 600", timeout_seconds=2.0, **BOX), jobs=1
    )
    assert result.exit_code == STAGE_FAILED
    assert result.outcomes["bad"].message == "`exit 7` ended with exit code 7"
    left_of_it = r"`sleep 600` did not end within (2|[01](\.\d)?) s and was stopped"
    assert re.fullmatch(left_of_it, result.outcomes["long"].message)
    assert left("container") == []


def test_another_image_under_the_same_name_is_another_key(project: Project) -> None:
    one = stage("one", "echo done > b", inputs=(), outputs=("b",), **BOX)
    project.run(one)
    project.run(one)
    assert len(project.of(StageRestored)) == 1
    changed = ["docker", "run", "--name", "changed", IMAGE, "touch", "/tmp/x"]
    subprocess.run(changed, capture_output=True, check=True)
    old = subprocess.run(["docker", "image", "inspect", "--format", "{{.Id}}", IMAGE], capture_output=True)
    subprocess.run(["docker", "commit", "changed", IMAGE], capture_output=True, check=True)
    try:
        project.run(one)
        assert len(project.of(StageRestored)) == 1
    finally:
        subprocess.run(["docker", "rm", "changed"], capture_output=True, check=True)
        subprocess.run(["docker", "tag", old.stdout.decode().strip(), IMAGE], check=True)


def test_services_are_up_before_the_first_command_and_gone_after_the_last(project: Project) -> None:
    build("seatrial/served:1", "sleep 1; while echo $WORD | nc -l -p 7000; do :; done")
    beside = Service("db", "seatrial/served:1", (("WORD", "pong"),), ports=(7000,))
    ask = "until nc db 7000 > b; do sleep 0.1; done"
    result = project.run(stage("one", ask, outputs=("b",), services=(beside,), **BOX))
    assert statuses(result) == {"one": "succeeded"}, (project.log("one"), result.outcomes["one"].message)
    assert project.output(result, "one")["b"] == b"pong\n"
    assert (left("container"), left("network")) == ([], [])


def test_a_service_that_ends_fails_the_stage_with_its_last_words(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "_SETTLED_SECONDS", 120.0)
    build("seatrial/broken:1", "sleep 0.3; echo no disk; exit 1")
    beside = Service("db", "seatrial/broken:1")
    result = project.run(stage("one", "true", services=(beside,), **BOX))
    assert result.outcomes["one"].message == "the service db has ended:\nno disk"
    assert (left("container"), left("network")) == ([], [])


def test_a_service_that_is_a_part_of_the_stage_may_have_ended(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "_SETTLED_SECONDS", 120.0)
    monkeypatch.setattr(services, "_LOCAL_SECONDS", 120.0)
    build("seatrial/filled:1", "echo filled; exit 1")
    beside = Service("once", "seatrial/filled:1", is_local=True)
    result = project.run(stage("one", "true", services=(beside,), **BOX))
    assert statuses(result) == {"one": "succeeded"}, result.outcomes["one"].message
    assert "the service once has ended:\nfilled" in project.log("one")


def test_limits_are_the_containers(project: Project) -> None:
    limits = Resources(memory_bytes=64 << 20)
    told = "/sys/fs/cgroup/memory/memory.limit_in_bytes"  # of version 1; of version 2 below
    seen = f"(cat {told} || cat /sys/fs/cgroup/memory.max) > b"
    result = project.run(stage("one", seen, outputs=("b",), resources=limits, **BOX))
    assert project.output(result, "one")["b"].strip() == str(64 << 20).encode()


def test_an_image_that_nobody_has_is_said_with_its_name(project: Project) -> None:
    result = project.run(stage("one", "true", image="localhost:1/no/such:1", executor="docker"))
    assert result.outcomes["one"].status == "errored"
    assert "the image localhost:1/no/such:1 cannot be had" in result.outcomes["one"].message


@pytest.mark.parametrize("image", ["Not/Lower", "a:b:c", "-x", "two words"])
def test_a_name_that_no_image_can_have_is_bad_input_with_the_engines_words(
    project: Project, image: str
) -> None:
    outcome = project.run(stage("one", "true", image=image, executor="docker")).outcomes["one"]
    assert (outcome.status, outcome.exit_code) == ("errored", 2), outcome.message
    assert f"the image {image} cannot be had: " in outcome.message
    assert "invalid reference format" in outcome.message


@pytest.mark.parametrize("is_local", [True, False])
def test_a_container_without_a_working_shell_says_how_it_ended(
    project: Project, tmp_path: Path, is_local: bool
) -> None:
    name, beside = "seatrial/no-shell:1", Service("db", "seatrial/idle:1", is_local=is_local)
    build(beside.image, "sleep 99")
    (tmp_path / "sh").write_text("no program\n")
    (tmp_path / "sh").chmod(0o755)
    (tmp_path / "Dockerfile").write_text(f"FROM {IMAGE}\nCOPY sh /bin/sh\n")
    subprocess.run(["docker", "build", "-q", "-t", name, tmp_path], stdout=subprocess.DEVNULL, check=True)
    found = project.run(stage("one", "true", image=name, executor="docker", services=(beside,)))
    message = found.outcomes["one"].message
    assert message.startswith(f"the container of {name} ended at once, with exit code "), message
    assert "exec /bin/sh failed" in message
    assert left("container") == []


def test_without_an_engine_nothing_starts(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///no/such.sock")
    with pytest.raises(BadInput, match="no Docker engine answers"):
        project.run(stage("first", f"touch {project.home}/ran"), stage("one", "true", **BOX))
    assert not (project.home / "ran").exists()


def test_what_a_killed_run_left_is_removed_by_the_next(project: Project) -> None:
    pid = os.fork()
    if not pid:
        try:
            project.run(stage("one", f"touch {project.home}/begun 2>/dev/null; sleep 1000", **BOX))
        finally:
            os._exit(1)
    deadline = time.monotonic() + 120
    while not left("container"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    assert left("container")
    request = project.request(stage("one", "true"))
    recovery.recover(request.journal, request.home)
    request.journal.close()
    assert left("container") == []
