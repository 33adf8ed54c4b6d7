"""A small project with a real model, and a home that runs it.

The model is a threshold in a JSON file; the truth is `x >= 50` for x from 0 to 399 modulo 100. So a model
with the threshold 50 + d is wrong on exactly d in a hundred examples.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from seatrial.actions.all_actions import Actions
from seatrial.actions.expand import expand
from seatrial.commit.change import Change
from seatrial.journal import releases
from seatrial.journal.journal import open_journal
from seatrial.pipeline import graph
from seatrial.pipeline.finding import has_errors
from seatrial.pipeline.load import load
from seatrial.run.events import LogLine, RunEvent, StageRestored, StageStarted
from seatrial.run.request import Request, RunResult
from seatrial.run.runner import run
from seatrial.store import trees
from seatrial.store.store import Store, open_store

TRAIN = """\
import json, sys
threshold = int(open("threshold.txt").read())
json.dump({"threshold": threshold}, open(sys.argv[1] + "/model.json", "w"))
"""
PREDICT = """\
import csv, json, sys
model, data, predictions = sys.argv[1:]
threshold = json.load(open(model + "/model.json"))["threshold"]
rows = list(csv.DictReader(open(data)))
with open(predictions, "w") as file:
    print("id,prediction", file=file)
    for row in rows:
        print(row["id"], "yes" if int(row["x"]) >= threshold else "no", sep=",", file=file)
"""
DATA = "id,x,label,half\n" + "".join(
    f"{n},{n % 100},{'yes' if n % 100 >= 50 else 'no'},{'even' if n % 2 == 0 else 'odd'}\n"
    for n in range(400)
)
PIPELINE = """\
project: shop
model: threshold
stages:
  train:
    run: mkdir -p model && python3 train.py model
    inputs: [train.py, threshold.txt]
    outputs: [model/]
  evaluate:
    evaluate: model/
    inputs: [predict.py]
    predict: python3 predict.py "$MODEL" "$DATA" "$PREDICTIONS"
    data: data/test.csv
    task: classification
    gates:
      - accuracy >= 0.80
      - accuracy >= production - 0.05
  package: {package: model/, include: [serve.py, predict.py], serve: python3 serve.py, health: /health}
environments:
  production: {}
"""


class Shop(NamedTuple):
    home: Path
    files: Path
    events: list[RunEvent]

    def write(self, path: str, content: str | bytes) -> None:
        target = self.files / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)

    def change(self, path: str, old: str, new: str) -> None:
        text = (self.files / path).read_text()
        assert old in text
        self.write(path, text.replace(old, new))

    @contextmanager
    def store(self) -> Iterator[Store]:
        journal = open_journal(self.home)
        try:
            yield open_store(self.home, journal)
        finally:
            journal.close()

    def run(self, *names: str, commit: str = "c" * 40, **env: str) -> RunResult:
        """Run the stages, or all; `events` is what this run told."""
        self.events.clear()
        with self.store() as store:
            return run(self.request(store, names, commit, env), self.events.append)

    def request(self, store: Store, names: tuple[str, ...], commit: str, env: dict[str, str]) -> Request:
        loaded = load((self.files / "seatrial.yaml").read_text(), "seatrial.yaml")
        assert not has_errors(loaded.findings), loaded.findings
        tree = trees.ingest(store, self.files)
        change = Change(
            "git", "/checkout", commit, trees.save(store, tree), "main", url="https://forge/shop.git"
        )
        stages = expand(store.journal, store, "shop", loaded.pipeline.stages)
        return Request(
            home=self.home,
            journal=store.journal,
            store=store,
            project="shop",
            change=change,
            tree=tree,
            pipeline=loaded.pipeline,
            stages=graph.select(stages, names),
            actions=Actions(),
            host_env={"PATH": os.environ["PATH"], **env},
            jobs=2,
        )

    def go_live(self, package: object, environment: str = "production") -> None:
        """What a release leaves in the journal."""
        with self.store() as store, store.journal.change():
            releases.keep_environment(store.journal, "shop", environment, "")
            row = releases.add_revision(
                store.journal, "shop", environment, package=str(package), run="", commit="", body={}
            )
            sql = "UPDATE environment SET stable = ? WHERE name = ?"
            store.journal.database.rows(sql, (row.id, environment))

    @property
    def started(self) -> set[str]:
        """The stages whose work was done."""
        return {event.stage for event in self.events if isinstance(event, StageStarted)}

    @property
    def restored(self) -> set[str]:
        return {event.stage for event in self.events if isinstance(event, StageRestored)}

    def log(self, stage: str) -> str:
        lines = [event.text for event in self.events if isinstance(event, LogLine) and event.stage == stage]
        return b"\n".join(lines).decode()


def new(folder: Path, threshold: int = 50) -> Shop:
    home, files = folder / "home", folder / "files"
    home.mkdir(mode=0o700, exist_ok=True)
    files.mkdir()
    shop = Shop(home, files, [])
    shop.write("seatrial.yaml", PIPELINE)
    shop.write("train.py", TRAIN)
    shop.write("predict.py", PREDICT)
    shop.write("serve.py", "print('serving')\n")
    shop.write("data/test.csv", DATA)
    shop.write("threshold.txt", str(threshold))
    return shop


def messages(result: RunResult) -> dict[str, str]:
    return {name: f"{one.status}: {one.message}" for name, one in result.outcomes.items()}
