"""What is written does what was read: whole pipelines, run by us and as the other system would."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from seatrial.pipeline.writers.all_writers import ALL_WRITERS, writer
from seatrial.pipeline.writers.names import identifiers
from seatrial.pipeline.writers.source import source
from tests import bare_python
from tests.cli.terminal import seatrial
from tests.conftest import Repository
from tests.pipeline.writers.sources import SOURCES, TRAIL, Source
from tests.pipeline.writers.systems import github, gitlab
from tests.pipeline.writers.systems.ran import BIN, FAILURE, SKIPPED, SUCCESS, Ran

pytestmark = pytest.mark.slow

_OURS = {"succeeded": SUCCESS, "failed": FAILURE, "skipped": SKIPPED, "cancelled": FAILURE}
# What cannot be the same, and is said as a loss: stages that only their log shows as failed.
_FORGIVEN = {
    ("travis", system): {"DB-two"} for system in ("seatrial", "circleci", "github-actions", "gitlab")
}
# Stages that ask in their scripts whether they are left out, and are shown as run.
_ASKING = {"printed": {"Elsewhere", "Fast"}}
_ELSEWHERE = {"github-actions": github.run, "gitlab": gitlab.run}
_LOST = {("ended-without", "seatrial")}  # the end of a pipeline, where one of its stages may be left out
_TWICE = [
    (name, to)
    for name, one in SOURCES.items()
    for to in ALL_WRITERS
    if to != one.dialect and (name, to) not in _LOST
]  # fmt: skip


class Yard(NamedTuple):
    """Runs a text as the file of a system, each time in a fresh repository that has the first file too.

    Each has its own home: no home takes two repositories for one project.
    """

    folder: Path
    repository: Callable[..., Repository]
    monkeypatch: pytest.MonkeyPatch
    log: list[str]

    def ran(self, one: Source, system: str, text: str) -> Ran:
        made = self._laid_out(one, ALL_WRITERS[system].filename, text)
        if system in _ELSEWHERE:
            return self._there(made, system)
        words = (
            "run",
            "--yes",
            "--json",
            "--jobs",
            "1",
            "-f",
            ALL_WRITERS[system].filename,
            "--dialect",
            system,
        )
        ended = seatrial(*words, folder=made.folder)
        assert ended.code in (0, 1), ended.err
        stages = json.loads(ended.out)["stages"]
        names = identifiers(stage["name"] for stage in stages)
        statuses = {names[stage["name"]]: _OURS[stage["status"]] for stage in stages}
        return Ran(ended.code, statuses, self._trail(made))

    def told(self) -> str:
        """What all of its runs wrote."""
        homes = {self.folder / home.name.removeprefix("home-"): home for home in self.folder.glob("home-*")}
        ours = (seatrial("logs", folder=made, env={"SEATRIAL_HOME": str(homes[made])}) for made in homes)
        return "".join((*self.log, *(f"{one.out}{one.err}" for one in ours)))

    def _there(self, made: Repository, system: str) -> Ran:
        place = self.folder / "there"
        place.mkdir()
        text = (made.folder / ALL_WRITERS[system].filename).read_text()
        results = _ELSEWHERE[system](text, made.folder, place, self.log)
        return Ran(int(FAILURE in results.values()), results, self._trail(made))

    def _laid_out(self, one: Source, path: str, text: str) -> Repository:
        made = self.repository(f"checkout-{path.strip('.').partition('/')[0]}")
        home = self.folder / f"home-{made.folder.name}"
        home.mkdir(mode=0o700)
        self.monkeypatch.setenv("SEATRIAL_HOME", str(home))
        for name, content in (*one.files, (one.path, one.text), (path, text)):
            filled = content.replace(TRAIL, str(made.folder.with_suffix(".trail")))
            made.write(name, filled, mode=0o755 if name.endswith(".sh") else 0o644)
        made.commit()
        return made

    def _trail(self, made: Repository) -> list[str]:
        file = made.folder.with_suffix(".trail")
        return file.read_text().splitlines() if file.exists() else []


@pytest.fixture
def yard(repository: Callable[..., Repository], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Yard:
    monkeypatch.setenv("PATH", BIN, prepend=":")
    monkeypatch.setenv("PATH", bare_python.path_with(tmp_path))
    return Yard(tmp_path, repository, monkeypatch, [])


@pytest.fixture(scope="module")
def firsts() -> dict[str, Ran]:
    """What the files that are written for several systems came to themselves, each run once."""
    return {}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "to"), _TWICE)
def test_the_written_file_comes_to_the_same(name: str, to: str, yard: Yard, firsts: dict[str, Ran]) -> None:
    one = SOURCES[name]
    first = firsts[name] = firsts.get(name) or yard.ran(one, one.dialect, one.text)
    written = writer(to).write(source(one.text, one.path, one.dialect)).text
    second = yard.ran(one, to, written)

    def told() -> str:
        return f"{written}\n{yard.told()}"

    assert second.code == first.code, told()
    assert sorted(second.trail) == sorted(first.trail), told()
    for before, after in one.needs:
        assert in_order(first.trail, before, after) and in_order(second.trail, before, after), second.trail
    if len(second.statuses) > 1:  # else one job runs the whole file
        added = {name for name in second.statuses if not name.startswith("finally-")}
        assert added - first.statuses.keys() <= {"train"}, told()  # a matrix, which we expand
        for stage in second.statuses.keys() & first.statuses.keys():
            is_forgiven = stage in _FORGIVEN.get((name, to), ())
            # A job that its filters leave out passes with us; the trail shows that it did nothing.
            is_filtered = to == "circleci" and first.statuses[stage] == SKIPPED
            if not is_filtered and stage not in _ASKING.get(name, ()):
                became = SUCCESS if is_forgiven else first.statuses[stage]
                assert (stage, second.statuses[stage]) == (stage, became), told()


def in_order(trail: list[str], before: str, after: str) -> bool:
    """Whether a stage has told all before another tells anything."""
    told = [line.partition("|")[0] for line in trail]
    return before not in told[told.index(after) :]


@pytest.mark.parametrize("name", SOURCES)
def test_losses_have_places_in_the_file(name: str) -> None:
    one = SOURCES[name]
    count = one.text.count("\n")
    for to in ALL_WRITERS:
        if to != one.dialect:
            losses = writer(to).write(source(one.text, one.path, one.dialect)).losses
            assert all(loss.place.path == one.path and 1 <= loss.place.line <= count for loss in losses)


def test_schemas_accept_all_of_them(tmp_path: Path) -> None:
    schemas = {
        "circleci": "vendor.circle-ci",
        "github-actions": "vendor.github-workflows",
        "gitlab": "vendor.gitlab-ci",
        "travis": "vendor.travis",
    }
    for to, schema in schemas.items():
        files = []
        for name, one in SOURCES.items():
            files.append(tmp_path / f"{to}-{name}.yml")
            files[-1].write_text(writer(to).write(source(one.text, one.path, one.dialect)).text)
        words = [f"{BIN}/check-jsonschema", "--builtin-schema", schema, *files]
        done = subprocess.run(words, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stdout + done.stderr
