"""A function served by a server of ours, from the commit to the gate on labels that takes it back."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from seatrial.gateway.ports import free_port
from seatrial.journal import label_figures
from seatrial.project.project import open_home
from tests.cli.terminal import PROGRAM, seatrial
from tests.conftest import Repository
from tests.release.site import PATIENCE_SECONDS, Site, cleaned

PIPELINE = """\
project: parity
stages:
  train: {run: mkdir -p model && cp words model/, inputs: [words], outputs: [model/]}
  package:
    package: model/
    include: [predict.py]
    serve: {function: predict.py:answer}
    health: /health
  release: {release: production}
environments:
  production:
    address: 127.0.0.1:PORT
    from: [main]
    canary: [50%]
    warm_up: 1s
    within: 10m
    gates: [accuracy >= stable - 0.1]
"""
PREDICT = """\
import os
from pathlib import Path

WORDS = (Path(os.environ["MODEL"]) / "words").read_text().split()

def answer(value):
    return {"prediction": WORDS[value["number"] % 2], "number": value["number"]}
"""
LABELS = ("größer", "ungerade")


class Parity:
    def __init__(self, made: Repository, port: int) -> None:
        self.folder, self.commit, self.port, self.asked = made.folder, made.commit, port, 0

    def ask(self, times: int) -> None:
        """Ask so many times, every other time in chunks, and say the truth of each answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        rows = ["id,label"]
        for _ in range(times):
            self.asked += 1
            body = json.dumps({"number": self.asked}).encode()
            connection.request("POST", "/predict", iter([body[:5], body[5:]]) if self.asked % 2 else body)
            answered = connection.getresponse()
            assert (answered.status, json.loads(answered.read())["number"]) == (200, self.asked)
            rows.append(f"{answered.headers['x-request-id']},{LABELS[self.asked % 2]}")
        connection.close()
        (self.folder.parent / "today.csv").write_text("\n".join(rows))
        added = seatrial("labels", "add", self.folder.parent / "today.csv", folder=self.folder)
        assert added.code == 0, added.err


@pytest.fixture
def parity(home: Path, repository: Callable[..., Repository]) -> Iterator[Parity]:
    made, port = repository("parity"), free_port()
    made.write("seatrial.yaml", PIPELINE.replace("PORT", str(port)))
    made.write("predict.py", PREDICT)
    made.commit("first", words=" ".join(LABELS))
    with cleaned(Site(home, open_home().store)):
        yield Parity(made, port)


@pytest.mark.needs_envoy
@pytest.mark.slow
def test_labels_judge_what_the_server_of_ours_predicts(parity: Parity) -> None:
    checked = seatrial("check", folder=parity.folder)
    assert checked.code == 0, checked.out + checked.err
    first = seatrial("run", folder=parity.folder)
    assert first.code == 0, first.out + first.err
    parity.ask(20)
    parity.commit("the words are the wrong way round", words=" ".join(reversed(LABELS)))
    words = [*PROGRAM, "run"]
    with subprocess.Popen(
        words, cwd=parity.folder, env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while running.poll() is None:
            assert time.monotonic() < deadline, "the gate is not judged"
            parity.ask(100)
        assert running.stdout is not None
        said = running.stdout.read()
    assert running.returncode != 0, said
    assert "accuracy >= stable - 0.1" in said
    figures = label_figures.figures(open_home().journal, "parity", "production")
    assert [one.accuracy for one in figures.revisions] == [1.0, 0.0]
    status = seatrial("status", "--json", folder=parity.folder)
    assert "parity/production/1" in status.out
