"""The unit for systemd: what systemd itself says of it, and the supervisor that it keeps."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from seatrial.release import unit, wake
from seatrial.release.supervisor import STAY
from seatrial.system import lock, process
from tests.release.site import environment, eventually, get, port_of

verifies = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")


@verifies
@pytest.mark.parametrize("home", ["/srv/state", '/srv/100% "ours" $HOME \\ back'])
def test_systemd_takes_the_unit(tmp_path, home):
    file = tmp_path / "seatrial.service"
    file.write_text(unit.text(Path(home)))
    command = ["systemd-analyze", "--user", "verify", "--man=no", str(file)]
    env = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path), "SYSTEMD_LOG_LEVEL": "info"}
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    complaints = [line for line in done.stderr.splitlines() if "seatrial.service" in line]
    assert (done.returncode, complaints) == (0, [])


def test_what_systemd_would_read_otherwise_is_escaped():
    assert unit.quoted('a "b" 5% \\') == '"a \\"b\\" 5%% \\\\"'


@pytest.mark.needs_envoy
@pytest.mark.slow
def test_one_that_stays_takes_over_and_stays_with_nothing_up(site):
    place = environment()
    site.release("one", place)
    [first] = site.supervisors()
    env = {**os.environ, "SEATRIAL_HOME": str(site.home)}
    staying = subprocess.Popen([*wake.program(), STAY], env=env, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: staying.pid in site.supervisors())
        process.send(first, signal.SIGKILL)
        eventually(lambda: not Path(f"/proc/{first}").exists())  # dying, it holds its lock a moment longer
        eventually(lambda: lock.is_held(wake.lock_file(site.home)))
        assert site.supervisors() == [staying.pid]
        assert site.release("two", place).status == "succeeded"
        assert get(port_of(place)).text == "two"
        eventually(lambda: site.supervisors() == [staying.pid])  # one that found it there may just be leaving
        site.down()
        eventually(lambda: site.pids() == {})
        with pytest.raises(subprocess.TimeoutExpired):
            staying.wait(timeout=4)
    finally:
        staying.kill()
        staying.wait()
