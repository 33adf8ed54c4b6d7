"""A stage that calls `seatrial release`: the supervisor that it starts is not the stage's."""

import os
from pathlib import Path

import pytest

from seatrial.release import wake
from seatrial.system import process, user
from tests.conftest import requires
from tests.scenarios.tiny import PIPELINE, Tiny, ended

pytestmark = [pytest.mark.needs_envoy, pytest.mark.slow]

# A supervisor of such surroundings would hand them to every server it ever starts.
DEPLOY = """\
  deploy:
    run: |
      mkdir -p lib && echo "raise SystemExit('not ours')" > lib/sitecustomize.py
      CUDA_VISIBLE_DEVICES=7 PYTHONPATH=$PWD/lib/.. TZ=Asia/Tokyo seatrial release tiny/tiny --to production
    secrets: [API_KEY]
    env: {LD_LIBRARY_PATH: /nowhere}
    needs: [package, evaluate]
"""


@pytest.fixture
def tiny(tmp_path):
    requires("git")
    with ended(Tiny(tmp_path)) as project:
        project.env |= {"API_KEY": "s3cret", "TZ": "Europe/Berlin"}
        stages, _, rest = PIPELINE.partition("  release: {release: production")
        project.write("seatrial.yaml", stages + DEPLOY + rest.partition("\n")[2])
        yield project


def supervisor_of(tiny):
    return next(pid for pid, command in tiny.processes().items() if "release.supervisor" in command)


def test_it_is_nobodys_and_has_nothing_of_the_stage(tiny):
    tiny.commit(1)
    told = tiny.seatrial("run")
    assert "revision 1 is stable" in told
    pid = supervisor_of(tiny)
    variables = process.variables(pid)
    assert set(variables) <= {*wake.INHERITED, "HOME", "SEATRIAL_HOME"}
    assert variables["TZ"] == "Europe/Berlin", "that of whoever started the run"
    assert variables["HOME"] == (user.home() or "/")
    assert "CUDA_VISIBLE_DEVICES" not in variables
    assert "LD_LIBRARY_PATH" not in variables
    assert variables.get("PYTHONPATH") == os.environ.get("PYTHONPATH")
    assert "s3cret" not in str(variables)
    folder = Path(f"/proc/{pid}")
    assert (folder / "cwd").readlink() == Path("/")
    held = {str(one.readlink()) for one in (folder / "fd").iterdir()}
    streams = {str((folder / "fd" / number).readlink()) for number in "012"}
    assert streams == {"/dev/null", str(tiny.home / "supervisor.log")}
    assert not any("workspaces" in one for one in held)
    assert os.getsid(pid) not in (os.getsid(0), os.getsid(1))
    assert process.parent(pid) != os.getpid()
    assert tiny.answer() == 1


def test_the_next_run_finds_it_and_it_outlives_the_stage(tiny):
    tiny.commit(1)
    tiny.seatrial("run")
    pid = supervisor_of(tiny)
    assert not any((tiny.home / "workspaces").glob("*"))
    tiny.commit(2)
    tiny.seatrial("run")
    assert tiny.answer() == 2
    assert supervisor_of(tiny) == pid


def test_outside_a_run_its_variables_are_those_of_whoever_called(monkeypatch):
    monkeypatch.delenv("SEATRIAL_RUN", raising=False)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert wake.outer_variables()["TZ"] == "Asia/Tokyo"
