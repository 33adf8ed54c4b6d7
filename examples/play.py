"""Play examples/vision as a repository of its own: from a commit to live traffic, on evidence, and back.

`make demo` runs this. Everything happens in a temporary folder, which is removed at the end but for --keep.
"""

import argparse
import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

EXAMPLE = Path(__file__).parent / "vision"
BIN = Path(sys.executable).parent
COLOUR = sys.stdout.isatty() and "NO_COLOR" not in os.environ
REFUSED = 3

POST_DIGITS = """
local bodies = {}
for line in io.lines(os.getenv("DIGITS")) do bodies[#bodies + 1] = line end
local turn = 0
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
function request()
  turn = turn % #bodies + 1
  return wrk.format(nil, "/predict", nil, bodies[turn])
end
"""


class Failed(Exception):  # noqa: N818 - what happened, not an error of a program
    """The story did not go as told."""


def say(text):
    line = textwrap.fill(text, 100)
    print(f"\n\033[1;36m{line}\033[0m" if COLOUR else f"\n{line}", flush=True)


def expect(condition, what):
    if not condition:
        raise Failed(what)


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
        print(("\033[2m$ {}\033[0m" if COLOUR else "$ {}").format(" ".join(words)), flush=True)
        started = time.monotonic()
        done = subprocess.run(words, cwd=self.repository, env=self.env)
        print(f"  ({time.monotonic() - started:.2f} s, exit code {done.returncode})", flush=True)
        expect(
            done.returncode in exit_codes,
            f"`{' '.join(words)}` ended with {done.returncode}, not {exit_codes}",
        )

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

    def edit(self, name, old, new):
        path = self.repository / name
        text = path.read_text()
        expect(old in text, f"{name} has no {old!r}")
        path.write_text(text.replace(old, new))
        print(f"  {name}: {old!r} → {new!r}", flush=True)

    def address(self):
        return next(
            e["address"] for e in self.ask("seatrial", "status")["environments"] if e["name"] == "production"
        )

    def prepare(self):
        shutil.copytree(EXAMPLE, self.repository, ignore=shutil.ignore_patterns("__pycache__"))
        subprocess.run([sys.executable, self.repository / "data.py", self.repository / "data"], check=True)
        (self.repository / ".gitignore").write_text("__pycache__/\n")
        self.git("init", "-b", "main")
        with (self.repository / "data" / "test.csv").open(newline="") as file:
            self.digits = [
                (int(r["label"]), [int(r[f"p{i}"]) for i in range(784)]) for r in csv.DictReader(file)
            ]
        bodies = "\n".join(json.dumps({"pixels": pixels}) for _, pixels in self.digits[:200])
        (self.folder / "digits.jsonl").write_text(bodies)
        (self.folder / "post.lua").write_text(POST_DIGITS)

    def predict(self, count=5):
        """Ask the gateway for some digits and show what answers."""
        address = self.address()
        for label, pixels in self.digits[:count]:
            answer, revision = post(address, pixels)
            print(f"  a {label}: answered {answer['digit']} ({answer['score']:.3f}), by revision {revision}")
        return revision

    @contextmanager
    def load(self):
        """Requests with real digits for as long as the block takes, and how they ended."""
        print(
            "  load on the gateway: wrk, 8 connections"
            if shutil.which("wrk")
            else "  load: 8 threads of Python"
        )
        with (self.wrk if shutil.which("wrk") else self.threads)() as result:
            yield
        print(f"  under load: {result['answered']} requests answered, {result['failed']} failed", flush=True)
        expect(result["answered"] > 0 and result["failed"] == 0, "requests failed during the release")

    @contextmanager
    def wrk(self):
        result = {}
        env = {**self.env, "DIGITS": str(self.folder / "digits.jsonl")}
        command = ["wrk", "-t1", "-c8", "-d600s", "-s", self.folder / "post.lua", f"http://{self.address()}"]
        process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
        try:
            yield result
        finally:
            process.send_signal(2)
            text = process.communicate()[0]
        errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
        refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
        result["answered"] = int(re.search(r"(\d+) requests in", text).group(1))
        result["failed"] = sum(map(int, errors.groups() if errors else ())) + int(
            refused.group(1) if refused else 0
        )

    @contextmanager
    def threads(self):
        result, done, address = {}, [], self.address()

        def client(turn):
            answered = failed = 0
            while not done:
                try:
                    post(address, self.digits[(turn + answered) % len(self.digits)][1])
                    answered += 1
                except OSError:
                    failed += 1
            return answered, failed

        with ThreadPoolExecutor(8) as pool:
            clients = [pool.submit(client, turn) for turn in range(8)]
            try:
                yield result
            finally:
                done.append(True)
        result["answered"], result["failed"] = (
            sum(part) for part in zip(*(c.result() for c in clients), strict=True)
        )


def post(address, pixels):
    """The answer to one request and the revision that gave it. Raises OSError."""
    request = urllib.request.Request(
        f"http://{address}/predict",
        json.dumps({"pixels": pixels}).encode(),
        {"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as reply:
        return json.load(reply), reply.headers["seatrial-revision"]


def first_release(story):
    say(
        "Commit 1. A logistic regression: trained, tested, judged, packaged and released. "
        "There is no production yet, so the gate against it does not apply."
    )
    story.commit("A first classifier of digits")
    story.type("seatrial", "run")
    return story.predict()


def nothing_to_do(story):
    say("Commit 1 again: everything is restored, nothing runs, and the release is there already.")
    story.type("seatrial", "run")
    say("A stricter gate: nothing is trained again, only judged again.")
    story.edit("seatrial.yaml", "- accuracy >= 0.80\n", "- accuracy >= 0.82\n")
    story.commit("Ask for a little more")
    story.type("seatrial", "run")
    story.type("seatrial", "explain", "evaluate")


def dirty_run(story):
    say("An edit that nobody committed: it runs, is marked dirty, and ends before the release.")
    story.edit("train.py", "C=0.02", "C=0.01")
    story.type("seatrial", "run")
    story.git("checkout", "train.py")


def better_model(story):
    say(
        "Commit 2, a small neural network. Production's own code predicts the same digits, so the "
        "comparison is paired; and the release happens under load."
    )
    story.edit("train.py", "HIDDEN = ()", "HIDDEN = (128,)")
    story.commit("A network with a hidden layer")
    with story.load():
        story.type("seatrial", "run")
    return story.predict()


def worse_model(story):
    say(
        "Commit 3 trains faster, on a fifth of the digits. Good enough for every fixed bar, "
        "but worse than what is live."
    )
    story.edit("train.py", "HIDDEN = (128,)", "HIDDEN = (24,)")
    story.edit("train.py", "ROWS = 3_500", "ROWS = 700")
    story.commit("Train five times faster")
    story.type("seatrial", "run", exit_codes=(REFUSED,))


def back_and_forth(story, first, second):
    expect(story.predict(1) == second, "the refused model must not have touched production")
    say("One command brings the first revision back. Nothing is built again.")
    with story.load():
        story.type("seatrial", "rollback")
    expect(story.predict(1) == first, "the next request must be answered by the old revision")
    say("What was live when, from which commit, on what evidence.")
    story.type("seatrial", "history")
    story.type("seatrial", "status")
    say("Down, and up again.")
    story.type("seatrial", "down")
    story.type("seatrial", "up")
    expect(story.predict(1) == first, "after `up` the same revision must serve")


def play(folder):
    started = time.monotonic()
    story = Story(folder)
    story.prepare()
    try:
        first = first_release(story)
        nothing_to_do(story)
        dirty_run(story)
        second = better_model(story)
        expect(second != first, "commit 2 must be another revision")
        worse_model(story)
        back_and_forth(story, first, second)
    finally:
        story.type("seatrial", "down", exit_codes=range(256))
    say(f"That was all, in {time.monotonic() - started:.0f} s.")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", action="store_true", help="leave the folder, to look around in it")
    keep = parser.parse_args().keep
    folder = Path(tempfile.mkdtemp(prefix="seatrial-demo-"))
    try:
        play(folder)
    except Failed as failure:
        sys.exit(f"\nthe demo failed: {failure}")
    finally:
        if keep:
            print(f"kept: {folder} (SEATRIAL_HOME={folder}/home)")
        else:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
