"""Files of other systems on this machine: who says that they may run, and what they cannot reach."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.terminal import seatrial, under_terminal
from tests.commit.svn_servers import make_room_for_sshd
from tests.conftest import Repository, requires
from tests.parts import path_of

pytestmark = pytest.mark.slow

JENKINSFILE = "pipeline {{ agent any; stages {{ stage('a') {{ steps {{ sh '{}' }} }} }} }}\n"


@pytest.fixture
def foreign(home: object, repository: Callable[..., Repository], tmp_path: Path) -> Repository:
    """A Jenkinsfile that leaves a trace where it was run."""
    made = repository()
    made.write("Jenkinsfile", JENKINSFILE.format(f"touch {tmp_path}/trace"))
    made.commit("first")
    return made


def test_a_new_file_is_not_run_where_nobody_can_be_asked(foreign: Repository, tmp_path: Path) -> None:
    ended = seatrial("run", folder=foreign.folder)
    assert ended.code == 2
    assert "Jenkinsfile is new to this machine" in ended.err
    assert "run it once with --yes" in ended.err
    assert not (tmp_path / "trace").exists()


def test_yes_is_said_once_for_a_file(foreign: Repository, tmp_path: Path) -> None:
    assert seatrial("run", "--yes", folder=foreign.folder).code == 0
    (tmp_path / "trace").unlink()
    assert seatrial("run", folder=foreign.folder).code == 0
    assert (tmp_path / "trace").exists()


def test_an_edited_file_is_a_new_one(foreign: Repository) -> None:
    assert seatrial("run", "--yes", folder=foreign.folder).code == 0
    foreign.write("Jenkinsfile", JENKINSFILE.format("true"))
    foreign.commit("second")
    assert seatrial("run", folder=foreign.folder).code == 2


def test_another_clone_of_the_file_is_known(
    foreign: Repository, repository: Callable[..., Repository]
) -> None:
    assert seatrial("run", "--yes", folder=foreign.folder).code == 0
    other = repository("other")
    other.write("Jenkinsfile", (foreign.folder / "Jenkinsfile").read_text())
    other.commit("the same file")
    assert seatrial("run", folder=other.folder).code == 0


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 2)])
def test_a_person_at_a_terminal_is_asked(foreign: Repository, tmp_path: Path, answer: str, code: int) -> None:
    ended, text = under_terminal(("run",), foreign.folder, answer=answer)
    assert "Jenkinsfile is new to this machine. Run its commands here" in text
    assert ended == code
    assert (tmp_path / "trace").exists() == (code == 0)
    assert seatrial("run", folder=foreign.folder).code == code, "the answer yes is kept"


def test_what_would_run_is_told_without_asking(foreign: Repository, tmp_path: Path) -> None:
    assert seatrial("run", "--dry-run", folder=foreign.folder).code == 0
    assert not (tmp_path / "trace").exists()


def test_a_file_of_our_own_asks_nothing(tiny: Repository) -> None:
    assert seatrial("run", folder=tiny.folder).code == 0


@pytest.mark.parametrize("name", ["sudo", "doas"])
def test_sudo_refuses_on_this_machine(foreign: Repository, tmp_path: Path, name: str) -> None:
    foreign.write("Jenkinsfile", JENKINSFILE.format(f"{name} touch {tmp_path}/trace"))
    foreign.commit("as root")
    ended = seatrial("run", "--yes", folder=foreign.folder)
    assert ended.code == 1
    assert f"{name} is refused outside of a container: {name} touch" in ended.out
    assert not (tmp_path / "trace").exists()


LOOK = r"""
mkdir -p "$HOME/.ssh/more" && cd "$HOME/.ssh" && touch id_rsa id_ed25519 key
cat > config <<'END'
include more/*
Host ours
  IdentityFile ~/.ssh/deploy
  UserKnownHostsFile "~/.ssh/my hosts" %d/hosts
  RemoteCommand cd ~/app && echo %%d
END
printf 'Host inner\n  Include ~/.ssh/deep' > more/one
echo 'CertificateFile=~/cert' > deep
echo 'IdentityFile ~/theirs' > theirs
look() {
    ssh -G "$@" < /dev/null | sed -n 's/^\(identity\|userknownhosts\|certificate\)file //p; /^remotec/p' |
        sed "s,$HOME,HOME,g" | xargs
}
{
    look host; look -i key host; look ours; look inner
    look -o UserKnownHostsFile=/dev/null -oIdentityFile=~/mine host
    look -F theirs host; look host -Ftheirs; look -F none host -F theirs
    stat -c %a .led/* | sort -u; ls .led | wc -l
} > "$1"
"""
OWN, KNOWN = "none HOME/.ssh/id_rsa HOME/.ssh/id_ed25519", "HOME/.ssh/known_hosts"
FOUND = [
    f"{OWN} {KNOWN}",
    f"key {OWN} {KNOWN}",
    f"cd ~/app && echo %d HOME/.ssh/deploy {OWN} HOME/.ssh/my hosts HOME/hosts",
    f"{OWN} HOME/cert {KNOWN}",
    f"HOME/mine {OWN} /dev/null",
    *[f"HOME/theirs {OWN} {KNOWN}"] * 3,
]


def test_ssh_looks_in_the_home_of_the_run(foreign: Repository, tmp_path: Path) -> None:
    requires("ssh")
    foreign.write("look.sh", LOOK)
    foreign.write("Jenkinsfile", JENKINSFILE.format(f"bash look.sh {tmp_path}/trace"))
    foreign.commit("over the network")
    assert seatrial("run", "--yes", folder=foreign.folder).code == 0
    *said, mode, number = (tmp_path / "trace").read_text().splitlines()
    assert [line.removeprefix("remotecommand ") for line in said] == FOUND
    assert (mode, number) == ("600", "2"), "of the last call only"


SERVER = """\
HostKey {0}/host
AuthorizedKeysFile {0}/allowed
StrictModes no
UsePAM no
PidFile none
"""
TALK = """\
mkdir -p ~/.ssh && cp {0}/key ~/.ssh/deploy
cat > ~/.ssh/config <<END
Host ours
  HostName 127.0.0.1
  StrictHostKeyChecking accept-new
  IdentityFile ~/.ssh/deploy
  ProxyCommand {1} -i -f {0}/server
END
ssh -v -o BatchMode=yes ours true 2> {0}/said || true
ls ~/.ssh >> {0}/said
"""


def test_a_server_is_offered_the_keys_of_the_run_and_is_known_in_it(
    foreign: Repository, tmp_path: Path, home: Path
) -> None:
    """By a server that is asked through a pipe, so that it needs no port."""
    requires("ssh-keygen")
    requires("sshd")
    make_room_for_sshd()
    for name in ("host", "key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name], check=True)
    (tmp_path / "key.pub").rename(tmp_path / "allowed")
    (tmp_path / "server").write_text(SERVER.format(tmp_path))
    foreign.write("talk.sh", TALK.format(tmp_path, path_of("sshd")))
    foreign.write("Jenkinsfile", JENKINSFILE.format("sh -e talk.sh"))
    foreign.commit("over the network")
    ended = seatrial("run", "--yes", folder=foreign.folder)
    assert ended.code == 0, ended.out
    said = (tmp_path / "said").read_text().splitlines()
    offered = [line.split()[4] for line in said if "Offering public key" in line]
    assert offered and all(path.startswith(f"{home}/workspaces/") for path in offered), said
    assert "known_hosts" in said


def test_no_program_gains_rights_wherever_it_lies(foreign: Repository) -> None:
    requires("setpriv")
    foreign.write("Jenkinsfile", JENKINSFILE.format("grep NoNewPrivs /proc/self/status"))
    foreign.commit("as it may be")
    assert "NoNewPrivs:\t1" in seatrial("run", "--yes", folder=foreign.folder).out
    foreign.write("seatrial.yaml", "stages: {a: grep NoNewPrivs /proc/self/status}\n")
    foreign.commit("our own")
    assert "NoNewPrivs:\t0" in seatrial("run", "-f", "seatrial.yaml", folder=foreign.folder).out


def test_what_npm_installs_for_all_stays_in_the_run(foreign: Repository, tmp_path: Path, home: Path) -> None:
    requires("npm")
    foreign.write("package/package.json", '{"name": "pigeon", "version": "1.0.0", "bin": "pigeon.sh"}')
    foreign.write("package/pigeon.sh", f"#!/bin/sh\necho $0 > {tmp_path}/trace\n", 0o755)
    install = "npm install --global --offline --no-audit --no-fund $(npm pack --silent ./package) && pigeon"
    foreign.write("Jenkinsfile", JENKINSFILE.format(install))
    foreign.commit("a package for all")
    ended = seatrial("run", "--yes", folder=foreign.folder)
    assert ended.code == 0, ended.out
    assert (tmp_path / "trace").read_text().startswith(f"{home}/workspaces/")


def test_home_and_temporary_files_are_those_of_the_run(
    foreign: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    monkeypatch.setenv("HOME", str(mine))
    foreign.write("Jenkinsfile", JENKINSFILE.format('mkdir ~/.ssh && touch ~/.ssh/config "$TMPDIR/x"'))
    foreign.commit("write home")
    assert seatrial("run", "--yes", folder=foreign.folder).code == 0
    assert list(mine.iterdir()) == []


def wheel(folder: Path) -> Path:
    """A package of one empty module, as pip takes it."""
    path, about = folder / "pigeon-1-py3-none-any.whl", "pigeon-1.dist-info"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("pigeon.py", "")
        file.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: pigeon\nVersion: 1\n")
        file.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(
            f"{about}/RECORD", f"pigeon.py,,\n{about}/METADATA,,\n{about}/WHEEL,,\n{about}/RECORD,,\n"
        )
    return path


def test_what_is_installed_stays_in_the_run(foreign: Repository, tmp_path: Path, home: Path) -> None:
    """By the real pip, as `pip` and as `python3 -m pip`; what the Python on PATH has is there as well."""
    foreign.write(
        "install.sh",
        f"""#!/bin/sh -e
        pip install --quiet --no-deps --no-index {wheel(tmp_path)}
        python3 -c "import pigeon; print(pigeon.__file__)" > {tmp_path}/trace
        python3 -c "import pytest, seatrial"
        python3 -m pip uninstall --quiet --yes pigeon
        """,
        0o755,
    )
    foreign.write("Jenkinsfile", JENKINSFILE.format("./install.sh"))
    foreign.commit("a package")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ended = seatrial("run", "--yes", folder=foreign.folder, env={"PATH": path})
    assert ended.code == 0, ended.out
    where = (tmp_path / "trace").read_text().strip()
    assert where.startswith(f"{home}/workspaces/")
    assert not Path(where).exists(), "the run is over"
    assert importlib.util.find_spec("pigeon") is None


def test_a_pip_of_no_virtual_environment_refuses(foreign: Repository) -> None:
    base = os.path.realpath(sys.executable)
    foreign.write("Jenkinsfile", JENKINSFILE.format(f"{base} -m pip install --no-index pigeon"))
    foreign.commit("around it")
    ended = seatrial("run", "--yes", folder=foreign.folder)
    assert ended.code == 1
    assert "Could not find an activated virtualenv" in ended.out
