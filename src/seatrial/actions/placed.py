"""What an evaluation judges, as files that the judge can read, and under the names that people know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from seatrial.actions.judged import PREDICTIONS, Judged
from seatrial.actions.locate import Located
from seatrial.errors import Problem
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.pipeline import Evaluate
from seatrial.run.action import Context
from seatrial.store import blobs, stat_cache
from seatrial.store.store import Store

# What the first bytes of a file say of its format, whatever its command called it.
_SUFFIXES = ((b"PAR1", ".parquet"), (b"{", ".jsonl"), (b"\x1f\x8b", ".csv.gz"))


class Files(NamedTuple):
    """As `seatrial.evaluation.evaluate.Request` takes them: a baseline without a revision has no file."""

    predictions: Path
    data: Path | None
    baselines: Mapping[str, Path | None]


@contextmanager
def placed(options: Evaluate, found: Judged, context: Context) -> Iterator[Files]:
    """Place the files in a folder that is removed at the end, by the run's next driver if we die.

    A Problem that is raised within names them as the pipeline file does.
    """
    from tempfile import TemporaryDirectory

    parent = context.home / "workspaces" / context.run
    parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=parent) as name:
        folder = Path(name)
        if found.predictions.outside:  # kept, so that a later candidate can be compared with them
            stat_cache.keep(context.store, Path(found.predictions.outside))
        files = _files(context.store, found, folder)
        try:
            yield files
        except Problem as problem:
            _say_as_known(problem, _names(options, files))
            raise


def _files(store: Store, found: Judged, folder: Path) -> Files:
    baselines: dict[str, Path | None] = {}
    for number, one in enumerate(found.baselines):
        located = Located(one.predictions, name=PREDICTIONS)
        baselines[one.environment] = place(store, located, folder / f"{number}") if one.package else None
    return Files(
        place(store, found.predictions, folder / "candidate"),
        place(store, found.data, folder / "data") if found.data else None,
        baselines,
    )


def place(store: Store, located: Located, folder: Path) -> Path:
    if located.outside:
        return Path(located.outside)
    folder.mkdir()
    path = folder / located.name
    blobs.place(store, located.digest, path)
    with path.open("rb") as file:
        start = file.read(4)
    suffix = next((suffix for sign, suffix in _SUFFIXES if start.startswith(sign)), ".csv")
    return path.rename(path.with_suffix(suffix)) if path.suffix == ".csv" and suffix != ".csv" else path


def _say_as_known(problem: Problem, names: Mapping[str, str]) -> None:
    """Let a problem name the files as the pipeline file does, not as we placed them."""
    for path, known in names.items():
        problem.message = problem.message.replace(path, known)
        if problem.place and problem.place.path == path:
            problem.place = problem.place._replace(path=known)


def _names(options: Evaluate, files: Files) -> dict[str, str]:
    names = {path: f"the predictions of {name}" for name, path in files.baselines.items()}
    names[files.predictions] = options.predictions or "the predictions of the candidate"
    names[files.data] = options.data
    return {str(path): name for path, name in names.items() if path is not None}
