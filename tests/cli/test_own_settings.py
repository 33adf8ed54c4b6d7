"""What is the user's and does not lie in HOME: another system's file on this machine finds the run's instead.

Each test runs the real program, with something of the user's to find or to change.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from seatrial.run import guards
from tests.cli.terminal import seatrial
from tests.conftest import Repository, requires

pytestmark = pytest.mark.slow


class Job:
    """A Jenkinsfile that runs a script, whose first word is a file to write to."""

    def __init__(self, made: Repository, said: Path) -> None:
        self._made, self._said = made, said

    def says(self, script: str, env: dict[str, str] | None = None, first: str = "#!/bin/sh -e") -> list[str]:
        """The lines that the script writes to `$1`."""
        self._made.write("look.sh", f"{first}\n{script}\n", 0o755)
        step = f"sh './look.sh {self._said}'"
        self._made.write(
            "Jenkinsfile", f"pipeline {{ agent any; stages {{ stage('a') {{ steps {{ {step} }} }} }} }}\n"
        )
        self._made.commit("look")
        ended = seatrial("run", "--yes", folder=self._made.folder, env=env)
        assert ended.code == 0, ended.out + ended.err
        return self._said.read_text().splitlines()


@pytest.fixture
def job(home: object, repository: Callable[..., Repository], tmp_path: Path) -> Job:
    return Job(repository(), tmp_path / "said")


@pytest.fixture
def short_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A home for jobs that make sockets, whose paths have at most 107 characters."""
    with tempfile.TemporaryDirectory(prefix="st-") as folder:
        monkeypatch.setenv("SEATRIAL_HOME", folder)
        yield


def test_what_git_is_told_for_all_users_stays_in_the_run(job: Job, home: Path) -> None:
    said = job.says(
        'git config --system seatrial.pigeon yes; git config seatrial.pigeon > "$1"\n'
        'git config --show-origin seatrial.pigeon >> "$1"'
    )
    assert said[0] == "yes"
    assert said[1].startswith(f"file:{home}/workspaces/")
    assert subprocess.run(["git", "config", "--system", "seatrial.pigeon"], check=False).returncode == 1


def test_java_takes_the_home_of_the_run(job: Job, home: Path) -> None:
    requires("java")
    said = job.says(
        'java -XshowSettings:properties -version 2>&1 | grep -F user.home\\ = > "$1"; echo $HOME >> "$1"'
    )
    assert said[0].split(" = ")[1] == said[1]
    assert said[1].startswith(f"{home}/workspaces/")


JAVA = {
    "Jenkinsfile": """\
pipeline {{ agent any; environment {{ JAVA_TOOL_OPTIONS = '-Xmx99m' }}; stages {{
  stage('a') {{ steps {{
    sh './look.sh {0}'
    withEnv(['JAVA_TOOL_OPTIONS=-Xmx99m']) {{ sh './look.sh {0}' }}
  }} }}
}} }}
""",
    ".travis.yml": """\
language: generic
env: {{global: [JAVA_TOOL_OPTIONS=-Xmx99m]}}
script: [./look.sh {0}, ./look.sh {0}]
""",
    ".circleci/config.yml": """\
version: 2.1
jobs:
  build:
    machine: true
    environment: {{JAVA_TOOL_OPTIONS: -Xmx99m}}
    steps:
      - checkout
      - run: ./look.sh {0}
      - run: {{command: ./look.sh {0}, environment: {{JAVA_TOOL_OPTIONS: -Xmx99m}}}}
""",
}
ASK_JAVA = """\
#!/bin/sh -e
java -XX:+PrintFlagsFinal -XshowSettings:properties -version 2>&1 |
    sed -n 's/.* \\(MaxHeapSize\\|user.home\\) *= \\([^ ]*\\).*/\\2/p' | sort | xargs >> "$1"
"""


@pytest.mark.parametrize("name", JAVA)
def test_java_takes_the_home_of_the_run_beside_the_options_of_a_file(
    home: Path, repository: Callable[..., Repository], tmp_path: Path, name: str
) -> None:
    requires("java")
    made, said = repository(), tmp_path / "said"
    made.write("look.sh", ASK_JAVA, 0o755)
    made.write(name, JAVA[name].format(said))
    made.commit("look")
    ended = seatrial("run", "--yes", folder=made.folder)
    assert ended.code == 0, ended.out + ended.err
    lines = [line.split() for line in said.read_text().splitlines()]
    assert len(lines) == 2
    for where, size in lines:
        assert where.startswith(f"{home}/workspaces/")
        assert int(size) <= 100 * 2**20


def test_gnupg_asks_no_agent_of_the_user(job: Job) -> None:
    """GnuPG asks the agent in /run/user/UID, which has the keys of the user, whatever HOME says."""
    requires("gpg")
    apart = ["unshare", "-rm", "sh", "-c", "mount -t tmpfs none /run"]
    if subprocess.run(apart, capture_output=True, check=False).returncode:
        pytest.skip("nobody may have a /run of their own here")
    said = job.says(
        "unshare -rm sh -ec 'mount -t tmpfs none /run; mkdir -m 700 -p /run/user/0\n"
        'gpg --batch --list-keys; gpgconf --list-dirs agent-socket\' > "$1"; ls -A ~/.gnupg >> "$1"'
    )
    socket = next(line for line in said if "S.gpg-agent" in line)
    assert socket != "/run/user/0/gnupg/S.gpg-agent"
    assert "trustdb.gpg" in said


def test_a_terminal_that_the_user_has_left_open_is_not_ended(
    job: Job, tmp_path: Path, short_home: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    requires("tmux")
    monkeypatch.setenv("TMUX_TMPDIR", str(tmp_path))
    subprocess.run(["tmux", "-f", os.devnull, "new-session", "-d", "sleep", "600"], check=True)
    try:
        said = job.says(
            'tmux kill-server || echo none > "$1"\ntmux -f /dev/null new-session -d "sleep 600"\n'
            'tmux list-sessions -F "#{socket_path}" >> "$1"'
        )
        assert said[0] == "none"
        assert "/workspaces/" in said[1]
        subprocess.run(["tmux", "has-session"], check=True)
    finally:
        subprocess.run(["tmux", "kill-server"], check=False)


def test_what_is_kept_for_a_login_is_the_runs(job: Job) -> None:
    said = job.says('echo "$DBUS_SESSION_BUS_ADDRESS" > "$1"; stat -c "%a %n" "$XDG_RUNTIME_DIR" >> "$1"')
    assert said[0] == "disabled:"
    assert said[1].startswith("700 ") and "/workspaces/" in said[1]


def test_a_login_shell_finds_what_stands_on_the_path(job: Job, home: Path, tmp_path: Path) -> None:
    said = job.says(
        'command -v sudo pip > "$1"; echo "PATH=/more:$PATH" >> ~/.profile\n'
        'sh -lc \'command -v sudo; echo "$PATH"\' >> "$1"',
        first="#!/bin/bash -l",
        env={"PATH": f"{os.environ['PATH']}:{tmp_path}/last"},
    )
    assert said[0] == said[2] == f"{home}/guards/sudo"
    assert said[1].startswith(f"{home}/workspaces/")
    assert said[3].startswith("/more:") and f"{tmp_path}/last" in said[3].split(":")


@pytest.mark.parametrize("name", ["crontab", "at", "batch"])
def test_what_outlives_a_run_is_refused(job: Job, name: str) -> None:
    said = job.says(f'echo "* * * * * true" | {name} - 2> "$1" || true')
    assert said == [f"{name} is refused outside of a container: {name} -"]


def test_a_guard_of_an_earlier_version_is_renewed(tmp_path: Path) -> None:
    made = guards.folder(tmp_path)
    texts = {path.name: path.read_text() for path in made.iterdir()}
    (made / "ssh").write_text("#!/bin/sh\n")
    (made / "sudo").unlink()
    guards.folder(tmp_path)
    assert {path.name: path.read_text() for path in made.iterdir()} == texts


@pytest.mark.parametrize("shell", ["sh", "busybox sh"])
def test_ssh_is_led_by_any_shell(tmp_path: Path, shell: str) -> None:
    """That of busybox takes its own sed."""
    requires("ssh")
    requires(shell.split()[0])
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "config").write_text("Host *\n  IdentityFile ~/mine\n")
    asked = [*shell.split(), str(guards.folder(tmp_path) / "ssh"), "-G", "host"]
    env = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    said = subprocess.run(asked, env=env, capture_output=True, text=True, check=True).stdout
    assert f"identityfile {tmp_path}/mine\nidentityfile none\n" in said


def test_ssh_is_not_started_where_it_cannot_be_led(tmp_path: Path) -> None:
    requires("ssh")
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "sed").symlink_to("/bin/false")
    env = {"HOME": str(tmp_path), "PATH": f"{tmp_path}/tools:{os.environ['PATH']}"}
    asked = ["sh", str(guards.folder(tmp_path) / "ssh"), "-G", "host"]
    ended = subprocess.run(asked, env=env, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (255, "")


KEYS = """\
ssh-keygen -q -t ed25519 -N "" < /dev/null
echo | ssh-keygen -q -N "" > /dev/null
ssh-keygen -q -t rsa -b 2048 -N "" -f ./mine
echo "host ssh-ed25519 AAAA" > ~/.ssh/known_hosts; ssh-keygen -R host > /dev/null 2>&1 || true
ls ~/.ssh > "$1"; ls mine* >> "$1"; ssh-keygen -y | cut -d " " -f 1 >> "$1"
"""


def test_keys_are_made_and_hosts_forgotten_in_the_home_of_the_run(job: Job) -> None:
    requires("ssh-keygen")
    mine = Path("~/.ssh").expanduser()
    before = sorted(mine.iterdir()) if mine.is_dir() else []
    said = job.says(KEYS)
    assert {"id_ed25519", "id_ed25519.pub", "known_hosts"} <= set(said)
    assert {"mine", "mine.pub"} <= set(said)
    assert said[-1].startswith("ssh-")
    assert (sorted(mine.iterdir()) if mine.is_dir() else []) == before


@pytest.mark.parametrize(
    ("kind", "name"),
    [("RSA", "rsa"), ("ssh-ed25519", "ed25519"), ("ecdsa-sha2-nistp256", "ecdsa"), ("Ecdsa", "ecdsa")],
)
def test_a_key_is_named_as_openssh_names_it(job: Job, kind: str, name: str) -> None:
    requires("ssh-keygen")
    said = job.says(f'ssh-keygen -q -t {kind} -N "" < /dev/null; ls ~/.ssh > "$1"')
    assert said == [f"id_{name}", f"id_{name}.pub"]


AGENT = """\
eval "$(ssh-agent -s)" > /dev/null; trap 'ssh-agent -k > /dev/null' EXIT
ssh-add 2> "$1" || true
ssh-keygen -q -t ed25519 -N "" -C pigeon -f ~/.ssh/id_ed25519
ssh-keygen -q -t ed25519 -N "" -C other -f ./other
ssh-add -t 60 2> /dev/null; ssh-add ./other 2> /dev/null; ssh-add -l | cut -d " " -f 3 >> "$1"
"""


def test_an_agent_is_given_the_keys_of_the_run(job: Job, short_home: None) -> None:
    requires("ssh-agent")
    said = job.says(AGENT)
    assert said[0].startswith("there is no key in ")
    assert said[1:] == ["pigeon", "other"]


def test_subversion_keeps_its_passwords_in_the_home_of_the_run(job: Job, tmp_path: Path) -> None:
    requires("svn")
    subprocess.run(["svnadmin", "create", tmp_path / "there"], check=True)
    said = job.says(f'svn checkout -q file://{tmp_path}/there x; ls -d ~/.subversion/auth > "$1"')
    assert "/workspaces/" in said[0]


def test_psql_reads_no_passwords_of_the_user(job: Job) -> None:
    said = job.says('echo "$PGPASSFILE" "$HOME" > "$1"')[0].split()
    assert said[0] == f"{said[1]}/.pgpass"
