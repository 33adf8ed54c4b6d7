"""What a person types in a repository of their own, and what has to come of it."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
import time
from contextlib import contextmanager
from csv import DictReader
from difflib import ndiff
from pathlib import Path

import load

from seatrial.release import wake
from seatrial.system import lock

EXAMPLE = Path(__file__).parent / "vision"
BIN = Path(sys.executable).parent
COLOUR = sys.stdout.isatty() and "NO_COLOR" not in os.environ
PENCIL = 0.25  # how dark a pencil draws, where the pen of the test digits is 1
SNAPSHOT_SECONDS = 2.0
PATIENCE_SECONDS = 600.0


class Failed(Exception):  # noqa: N818 - what happened, not an error of a program
    """The story did not go as told."""


def say(text):
    line = textwrap.fill(text, 100)
    print(f"\n\033[1;36m{line}\033[0m" if COLOUR else f"\n{line}", flush=True)


def show(line):
    print(f"\033[2m{line}\033[0m" if COLOUR else line, flush=True)


def expect(condition, what):
    if not condition:
        raise Failed(what)


def eventually(condition, what):
    """What `condition` gives as soon as that is something. Failed after ten minutes."""
    patience = time.monotonic() + PATIENCE_SECONDS
    while not (found := condition()):
        expect(time.monotonic() < patience, f"{what}: not within {PATIENCE_SECONDS:.0f} s")
        time.sleep(0.2)
    return found


class Story:
    """A repository, a home for seatrial's state, and what a person would type."""

    def __init__(self, folder):
        self.repository = folder / "digits"
        self.folder = folder
        self.env = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("GIT_", "SEATRIAL_"))
            },
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "SEATRIAL_HOME": str(folder / "home"),
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        self.digits = []

    def type(self, *words, exit_codes=(0,)):
        """Run a command as a person would see it; Failed when it ends in another way than told."""
        self.done(words, self.begin(words), exit_codes, time.monotonic())

    def watch(self, *words, exit_codes=(0,)):
        """The same for a release. A terminal has the whole picture each second, a pipe now and then."""
        started = time.monotonic()
        process = self.begin(words)
        while not sys.stdout.isatty():
            try:
                process.wait(SNAPSHOT_SECONDS)
                break
            except subprocess.TimeoutExpired:
                self.snapshot()
        self.done(words, process, exit_codes, started)

    def begin(self, words):
        show(f"$ {' '.join(words)}")
        return subprocess.Popen(words, cwd=self.repository, env=self.env)

    def done(self, words, process, exit_codes, started):
        try:
            process.wait()
        finally:
            if process.poll() is None:
                process.terminate()
        code = process.returncode
        print(f"  ({time.monotonic() - started:.2f} s, exit code {code})", flush=True)
        expect(code in exit_codes, f"`{' '.join(words)}` ended with {code}, not {exit_codes}")

    def snapshot(self):
        """What `seatrial status` says of a release under way."""
        words = ["seatrial", "status"]
        done = subprocess.run(words, cwd=self.repository, env=self.env, capture_output=True, text=True)
        if "under way" in done.stdout:
            print(textwrap.indent(done.stdout, "    "), end="", flush=True)

    def end(self):
        """Down, and nothing is left that runs: a supervisor stays a moment for more to do."""
        self.type("seatrial", "down", exit_codes=range(256))
        supervisor = wake.lock_file(self.folder / "home")
        if supervisor.exists():
            eventually(lambda: not lock.is_held(supervisor), "the supervisor must leave when all is down")

    def ask(self, *words):
        """What a command says as JSON, unseen."""
        done = subprocess.run(
            [*words, "--json"], cwd=self.repository, env=self.env, capture_output=True, text=True
        )
        expect(done.returncode == 0, f"`{' '.join(words)}` ended with {done.returncode}: {done.stderr}")
        return json.loads(done.stdout)

    def git(self, *words):
        command = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *words]
        subprocess.run(command, cwd=self.repository, env=self.env, check=True, capture_output=True)

    def commit(self, message):
        self.git("add", "-A")
        self.git("commit", "-m", message)
        print(f"$ git commit -m {message!r}", flush=True)

    def revert(self):
        self.git("revert", "--no-edit", "HEAD")
        print("$ git revert HEAD", flush=True)

    def edit(self, name, old, new):
        """Replace a text, and show it: in a line where it is short, else as a difference."""
        path = self.repository / name
        text = path.read_text()
        expect(old in text, f"{name} has no {old!r}")
        path.write_text(text.replace(old, new))
        if "\n" not in new.strip():
            print(f"  {name}: {old!r} → {new!r}", flush=True)
            return
        print(f"  {name}:", flush=True)
        for line in ndiff(old.splitlines(), new.splitlines()):
            if line.startswith(("-", "+")):
                print(f"    {line}".rstrip(), flush=True)

    def production(self):
        found = self.ask("seatrial", "status")["environments"]
        return next(one for one in found if one["name"] == "production")

    def prepare(self):
        shutil.copytree(EXAMPLE, self.repository, ignore=shutil.ignore_patterns("__pycache__"))
        subprocess.run([sys.executable, self.repository / "data.py", self.repository / "data"], check=True)
        (self.repository / ".gitignore").write_text("__pycache__/\n")
        self.git("init", "-b", "main")
        self.digits = digits(self.repository)

    def predict(self, count=5):
        """Ask the gateway for some digits and show what answers."""
        address = self.production()["address"]
        for label, pixels in self.digits[:count]:
            _, content, headers = load.post(address, load.body(pixels))
            answer, revision = json.loads(content), headers["seatrial-revision"]
            print(f"  a {label}: answered {answer['digit']} ({answer['score']:.3f}), by revision {revision}")
        return revision

    @contextmanager
    def load(self, name, digits, pause_seconds=0.0):
        """Requests with digits for as long as the block takes."""
        bodies = [load.body(pixels) for _, pixels in digits]
        requests = load.Load(self.folder, name, bodies, self.production()["address"], pause_seconds)
        print(f"  load on the gateway: {load.makers()}", flush=True)
        with load.running(requests):
            yield requests

    @contextmanager
    def unharmed(self, name):
        """Load while the block takes, of which no request may fail."""
        with self.load(name, self.digits[:200]) as requests:
            yield
        answers = requests.answers()
        failed = requests.lost + sum(one.failed for one in answers)
        print(f"  under load: {len(answers)} requests answered, {failed} failed", flush=True)
        expect(answers and not failed, "requests failed during the release")


def digits(repository):
    """(label, pixels) of each test digit."""
    with (repository / "data" / "test.csv").open(newline="") as file:
        return [(int(row["label"]), [int(row[f"p{i}"]) for i in range(784)]) for row in DictReader(file)]


def todays(digits):
    """What people draw today: the test digits, but one of four draws with a pencil."""
    return [
        (label, pixels if index % 4 else [int(PENCIL * value) for value in pixels])
        for index, (label, pixels) in enumerate(digits)
    ]
