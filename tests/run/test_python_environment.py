"""Real virtual environments; packages come from wheels that the tests write, so no index is asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from seatrial.errors import BadInput, Infrastructure
from seatrial.journal.journal import Journal
from seatrial.run import python_build, python_environment
from seatrial.run.events import RunFinished, StageFinished
from seatrial.run.ingredient import PACKAGES
from tests.run.stages import Project, stage

ENV = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/root")}


def wheel(folder: Path, name: str, version: str) -> None:
    """A package of one module that knows its version."""
    info = f"{name}-{version}.dist-info"
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as file:
        file.writestr(f"{name}.py", f"version = {version!r}\n")
        file.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        file.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{info}/RECORD", "")


def text(folder: Path, *lines: str) -> str:
    return "".join(f"{line}\n" for line in ("--no-index", f"--find-links {folder}", *lines))


@pytest.mark.slow
def test_built_once_and_known_by_what_is_in_it(home: Path, journal: Journal, tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    wheel(wheels, "tiny", "1.0")
    log: list[bytes] = []
    wanted = text(wheels, "tiny")
    built = python_environment.ensure(home, journal, wanted, log.append, host_env=ENV)
    assert dict(built.packages)["tiny"] == "1.0"
    assert "pip" not in dict(built.packages)
    assert b"Successfully installed tiny-1.0" in b"".join(log)
    assert log[-1] == b"the Python environment is ready\n", "what a person sees while the stage says nothing"
    assert str(home).encode() not in b"".join(log).partition(b"Collecting")[2]
    compiled = "lib/python3*/site-packages/__pycache__/tiny.*.pyc"
    assert list(built.folder.glob(compiled)) == []  # pip compiles nothing that may never be imported
    code = "import tiny, sys; print(tiny.version, sys.version.split()[0])"
    said = subprocess.run([built.folder / "bin" / "python", "-c", code], capture_output=True, text=True)
    assert said.stdout.split() == ["1.0", built.python_version]

    log.clear()
    assert python_environment.ensure(home, journal, wanted, log.append, host_env=ENV) == built
    assert log == []
    assert [event.kind for event in journal.events()] == ["environment.built"]

    comment = python_environment.ensure(home, journal, "# why\n" + wanted, log.append, host_env=ENV)
    assert comment.folder != built.folder
    assert comment.identity == built.identity

    wheel(wheels, "tiny", "1.1")
    newer = python_environment.ensure(home, journal, wanted + "\n", log.append, host_env=ENV)
    assert newer.identity != built.identity
    tiny = dict(python_environment.ingredients(newer))[PACKAGES].splitlines()[-1]
    assert tiny.startswith("tiny 1.1 ")


@pytest.mark.slow
def test_what_a_killed_build_left_is_built_again(home: Path, journal: Journal) -> None:
    code = (
        "import sys; from pathlib import Path; from seatrial.journal.journal import open_journal\n"
        "from seatrial.run import python_environment as p; home = Path(sys.argv[1])\n"
        "p.ensure(home, open_journal(home), '', lambda _: None)"
    )
    builder = subprocess.Popen([sys.executable, "-c", code, str(home)], env=ENV, start_new_session=True)
    folder = python_environment.folder_of(home, "", ENV)
    while not folder.exists():
        assert builder.poll() is None
        time.sleep(0.01)
    builder.send_signal(signal.SIGKILL)
    builder.wait()
    assert python_environment.known(home, "", host_env=ENV) is None
    built = python_environment.ensure(home, journal, "", lambda _: None, host_env=ENV)
    assert python_environment.known(home, "", host_env=ENV) == built


@pytest.mark.slow
def test_what_pip_cannot_do_is_said_in_its_words(home: Path, journal: Journal, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="No matching distribution found for nothing-like-it"):
        python_environment.ensure(
            home, journal, text(tmp_path, "nothing-like-it"), lambda _: None, host_env=ENV
        )
    assert python_environment.known(home, text(tmp_path, "nothing-like-it"), host_env=ENV) is None


@pytest.mark.slow
def test_stage_runs_in_its_environment_and_is_restored_for_a_comment(
    project: Project, tmp_path: Path
) -> None:
    wheels = tmp_path / "wheels"
    wheel(wheels, "tiny", "1.0")
    project.write("requirements.txt", text(wheels, "tiny"))
    one = stage(
        "one",
        "python -c 'import tiny; print(tiny.version)'; echo $VIRTUAL_ENV",
        inputs=(),
        python="requirements.txt",
    )
    project.run(one)
    [ended] = [event for event in project.events if isinstance(event, StageFinished)]
    [whole] = [event for event in project.events if isinstance(event, RunFinished)]
    assert ended.seconds > whole.seconds / 2, "the building of its Python is the stage's time"
    assert list(project.home.glob("environments/*/lib/python3*/site-packages/__pycache__/tiny.*.pyc"))
    lines = project.log("one").splitlines()
    assert lines[-2] == "1.0"
    assert lines[-1].startswith(str(project.home / "environments"))
    project.events.clear()
    project.write("requirements.txt", "# why\n" + text(wheels, "tiny"))
    project.run(one)
    assert [type(event).__name__ for event in project.events if "Stage" in type(event).__name__] == [
        "StageStarted",
        "StageRestored",
    ]


@pytest.mark.parametrize(
    ("output", "kind", "said"),
    [
        ("ERROR: No matching distribution found for x", BadInput, "No matching distribution"),
        (
            "Retrying after NewConnectionError\nERROR: No matching distribution",
            Infrastructure,
            "no connection",
        ),
        ("OSError: [Errno 28] No space left on device", Infrastructure, "could not be built"),
        ("", BadInput, "could not be built"),
    ],
)
def test_what_the_last_words_mean(output: str, kind: type[Exception], said: str) -> None:
    problem = python_build.problem(output)
    assert type(problem) is kind
    assert said in problem.message


def test_packages_are_seen_by_their_metadata(tmp_path: Path) -> None:
    site = tmp_path / "lib" / "python3.11" / "site-packages"
    for name in ("Some_Thing-1.2.dist-info", "other-0.1.dist-info", "other", "x.egg-link"):
        (site / name).mkdir(parents=True)
    (site / "other-0.1.dist-info" / "direct_url.json").write_text('{"vcs_info": {"commit_id": "c0ffee"}}')
    (site / "old-3.0.egg-info").write_text("Metadata-Version: 1.0\n")
    (tmp_path / "local" / "lib" / "python3.11" / "dist-packages" / "by_pip-4.dist-info").mkdir(parents=True)
    assert python_environment.installed(tmp_path) == (
        ("by-pip", "4"),
        ("old", "3.0"),
        ("other", "0.1@c0ffee"),
        ("some-thing", "1.2"),
    )


def test_builds_of_one_version_are_told_apart_by_what_they_installed(tmp_path: Path) -> None:
    info = tmp_path / "lib" / "python3.11" / "site-packages" / "tiny-1.0.dist-info"
    info.mkdir(parents=True)

    def described(*record: str) -> python_environment.PythonEnvironment:
        (info / "RECORD").write_text("".join(f"{line}\n" for line in record))
        return python_environment.describe(tmp_path, "3.11.2", "linux", "tiny")[0]

    one = described("tiny.py,sha256=abc,3", "tiny-1.0.dist-info/REQUESTED,,", "../../../bin/t,sha256=d,1")
    assert described("../../../bin/t,sha256=e,2", "tiny.py,sha256=abc,3") == one
    other = described("tiny.py,sha256=xyz,3")
    assert other.packages == one.packages
    assert other.identity != one.identity
    assert python_environment.ingredients(other) != python_environment.ingredients(one)


def test_a_variable_in_the_requirements_is_part_of_what_is_asked_for(home: Path) -> None:
    def folder(text: str, **variables: str) -> Path:
        return python_environment.folder_of(home, text, ENV | variables)

    assert folder("tiny==${V}", V="1.0") != folder("tiny==${V}", V="2.0")
    assert folder("tiny==${V}", V="") != folder("tiny==${V}")
    assert folder("tiny==1.0", V="1.0") == folder("tiny==1.0", V="2.0")


def test_a_marker_of_an_older_version_is_still_an_environment(tmp_path: Path) -> None:
    text = '{"packages": [["tiny", "1.0"]], "python": "3.11.2", "identity": "x"}'
    (tmp_path / python_environment.MARKER).write_text(text)
    found = python_environment.read(tmp_path, "tiny")
    assert found is not None
    assert python_environment.ingredients(found) == (("python", "3.11.2"), (PACKAGES, "tiny 1.0"))


@pytest.mark.parametrize(
    ("for_all", "chosen", "found"),
    [
        ("3.11.7\n", "", "versions/3.11.7/bin/python3"),
        ("3.12.1\n3.11.7\n", "", "versions/3.12.1/bin/python3"),
        ("3.12.1\n", "3.11.7", "versions/3.11.7/bin/python3"),
        ("3.12\n", "", "versions/3.12.1/bin/python"),
        ("system\n", "", "shims/python3"),
    ],
)
def test_a_shim_of_pyenv_is_what_it_starts(tmp_path: Path, for_all: str, chosen: str, found: str) -> None:
    for folder in ("shims", "versions/3.11.7/bin", "versions/3.12.1/bin"):
        for name in ("python3", "python"):
            program = tmp_path / folder / name
            program.parent.mkdir(parents=True, exist_ok=True)
            program.touch(0o755)
    (tmp_path / "version").write_text(for_all)
    shims = f"{tmp_path}/shims"
    assert python_environment.on_path(shims, chosen) == f"{tmp_path}/{found}"
    assert python_environment.interpreter({"PATH": shims, "PYENV_VERSION": chosen}).endswith(found)


def test_interpreter_is_that_of_path(tmp_path: Path) -> None:
    (tmp_path / "python3").symlink_to(sys.executable)
    assert python_environment.on_path(f"{tmp_path}:/usr/bin") == f"{tmp_path}/python3"
    assert python_environment.on_path("/nowhere:relative") == ""
    with pytest.raises(BadInput, match="no python3 on PATH"):
        python_environment.interpreter({"PATH": "/nowhere"})
    assert python_environment.host_ingredients("/nowhere") == (("python", ""),)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"packages": 1, "python": 2, "identity": 3}', "\xff"])
def test_marker_that_is_none_is_no_environment(tmp_path: Path, content: str) -> None:
    (tmp_path / python_environment.MARKER).write_bytes(content.encode("latin-1"))
    assert python_environment.read(tmp_path, "") is None
