"""What steps of a Jenkinsfile write stays in the workspace, whatever paths and links they are given."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.run.jenkins import run, said

pytestmark = pytest.mark.slow

# `sub` is a link to a folder outside of the workspace, `t` one to a file that is not there yet.
_LINKS = "ln -s OUTSIDE sub; ln -s OUTSIDE/t t; mkdir -p in; ln -s in here"
_FILES = "echo x > data; cp OUTSIDE/../given.zip ."


def _file(script: str, outside: Path) -> str:
    made = f"{_LINKS}; {_FILES}".replace("OUTSIDE", str(outside))
    steps = f"sh '{made}'\n script {{ {script.replace('OUTSIDE', str(outside))} }}"
    return f"pipeline {{ agent any\n stages {{ stage('s') {{ steps {{ {steps} }} }} }} }}"


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    with zipfile.ZipFile(folder.parent / "given.zip", "w") as made:
        made.writestr("unpacked", "x")
    return folder


_GIVEN = "fileId: 'cfg', variable: 'C', targetLocation: '{}'"
_CONFIG = f"configFileProvider([configFile({_GIVEN})]) {{{{ echo 'in' }}}}"


@pytest.mark.parametrize(
    "script",
    [
        "touch 'OUTSIDE/new'",
        "touch 'sub/new'",
        "touch '../../new'",
        "zip zipFile: 'OUTSIDE/z.zip', dir: 'in'",
        "zip zipFile: 'sub/z.zip', dir: 'in'",
        "unzip zipFile: 'given.zip', dir: 'sub'",
        "unzip zipFile: 'given.zip', dir: 'OUTSIDE/more'",
        _CONFIG.format("sub/cfg"),
        _CONFIG.format("sub"),
        _CONFIG.format("sub/"),
        _CONFIG.format("OUTSIDE/deep/cfg"),
        "writeFile file: 'sub/new', text: 'x'",
        "writeFile file: '/new', text: 'x'",
        "writeJSON file: 'OUTSIDE/new', json: [a: 1]",
        "writeYaml file: 'sub/new', data: [a: 1]",
    ],
)
def test_no_step_writes_outside_of_the_workspace(tmp_path: Path, outside: Path, script: str) -> None:
    _, result = run(tmp_path, _file(script, outside), CFG="a secret")
    assert result.status == "errored"
    assert "leaves the workspace" in result.outcomes["s"].message
    assert not list(outside.iterdir())


@pytest.mark.parametrize(
    ("script", "made"),
    [
        ("touch 't'", "t"),
        ("zip zipFile: 't', glob: 'data'", "t"),
        ("writeFile file: 't', text: 'x'", "t"),
        (_CONFIG.format("t"), "t"),
        ("touch 'here/deep/new'", "in/deep/new"),
        ("touch 'data'", "data"),
        ("dir('in') { touch '../beside' }", "beside"),
        ("zip zipFile: 'here/z.zip', dir: '.', glob: 'data'", "in/z.zip"),
        ("unzip zipFile: 'given.zip', dir: 'here'", "in/unpacked"),
        ("unzip zipFile: 'given.zip'", "unpacked"),
        (_CONFIG.format("here"), "in/cfg"),
        (_CONFIG.format("new/"), "new/cfg"),
    ],
)
def test_a_link_in_the_place_of_a_file_goes_and_one_inside_is_followed(
    tmp_path: Path, outside: Path, script: str, made: str
) -> None:
    look = f"{script}\n sh '[ -f {made} ] && [ ! -L {made} ] && echo there'"
    project, result = run(tmp_path, _file(look, outside), CFG="a secret")
    assert result.status == "succeeded", (result.outcomes["s"].message, project.log("s"))
    assert said(project, "s")[-1] == "there"
    assert not list(outside.iterdir())
