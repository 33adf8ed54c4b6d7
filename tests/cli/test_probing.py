"""Recorded requests and numbers from the commit to the end: check, a run, the dry run, status and history."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from seatrial.project.project import open_home
from tests.cli.terminal import seatrial
from tests.conftest import Repository
from tests.release.site import Site, cleaned

pytestmark = pytest.mark.slow

SERVER = Path(__file__).parents[1] / "release" / "model_server.py"
PIPELINE = """\
project: reviews
stages:
  train: {run: "cp word.txt model.txt", inputs: [word.txt], outputs: [model.txt]}
  package: {package: model.txt, include: [serve.py], serve: exec python3 serve.py}
  release: {release: production, needs: [package]}
environments:
  production:
    from: [main]
    canary: [probe, 50%]
    probe: data/requests.jsonl
    warm_up: 1s
    within: 10m
    metrics:
      queue: {command: echo 3, every: 1s}
    gates: [error_rate <= stable + 2pp, queue <= 5]
"""


@pytest.fixture
def reviews(home: Path, repository: Callable[..., Repository]) -> Iterator[Repository]:
    made = repository("reviews")
    made.write("seatrial.yaml", PIPELINE)
    made.write("serve.py", SERVER.read_text())
    made.write("data/requests.jsonl", "".join(f'{{"path": "/{n}"}}\n' for n in range(600)))
    made.commit("first", word_txt="word-0\n")
    with cleaned(Site(home, open_home().store)):
        yield made


def test_check_says_how_many_recorded_requests_and_readings_are_needed(reviews: Repository) -> None:
    ended = seatrial("check", folder=reviews.folder)
    assert ended.code == 0
    assert "production: queue <= 5: about 6 readings, if all keep it: 6 s at one every 1 s" in ended.out
    lines = [line for line in ended.out.splitlines() if "data/requests.jsonl: error_rate" in line]
    assert len(lines) == 1
    assert "600 of about 722 recorded requests" in lines[0]
    assert "data/requests.jsonl: 600 recorded requests, nothing to say against it" in ended.out


def test_check_reads_the_recorded_requests(reviews: Repository) -> None:
    reviews.write("data/requests.jsonl", '{"path": "/1"}\n{"path": "1"}\n\n{"path": "/"]\n')
    ended = seatrial("check", folder=reviews.folder)
    assert ended.code == 2
    assert 'data/requests.jsonl:2:1: error: `path` is not the path of a request\n  {"path": "1"}' in ended.out
    assert "data/requests.jsonl:4:13: error: a recorded request is a line of JSON" in ended.out
    assert "data/requests.jsonl: 3 recorded requests, 2 errors" in ended.out
    reviews.write("data/requests.jsonl", "\n")
    assert "there is no request in data/requests.jsonl" in seatrial("check", folder=reviews.folder).out
    (reviews.folder / "data/requests.jsonl").unlink()
    ended = seatrial("check", folder=reviews.folder)
    assert ended.code == 2
    assert "seatrial.yaml:10:12: error: the recorded requests of `production` cannot be read" in ended.out


def test_a_run_that_would_release_reads_them_before_its_first_stage(reviews: Repository) -> None:
    reviews.write("data/requests.jsonl", '{"path": "no"}\n')
    reviews.commit("a bad file")
    ended = seatrial("run", folder=reviews.folder)
    assert ended.code == 2
    assert "data/requests.jsonl:1:1" in ended.err
    assert "train" not in ended.out
    assert seatrial("run", "train", folder=reviews.folder).code == 0


@pytest.mark.needs_envoy
def test_a_commit_goes_live_by_recorded_requests_and_readings_alone(reviews: Repository) -> None:
    assert seatrial("run", folder=reviews.folder).code == 0
    reviews.commit("another", word_txt="word-1\n")
    ended = seatrial("run", folder=reviews.folder)
    assert ended.code == 0, ended.out + ended.err
    dry = seatrial("release", "--dry-run", "--json", folder=reviews.folder)
    probes = dict(json.loads(dry.out)["probes"])
    assert probes["error_rate <= stable + 2pp"].startswith("600 of about ")
    assert probes["queue <= 5"] == "recorded requests say nothing about it"
    told = seatrial("history", "2", folder=reviews.folder).out
    assert "replayed 600 recorded requests to both revisions: the candidate failed 0, stable 0" in told
    assert "readings beyond the bar" in told
