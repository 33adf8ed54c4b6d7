"""Examples: labels, predictions and slices of one test set, joined by id from one or more files.

One pass over each file, a block of rows at a time; what stays in memory is a byte or two a row for a label,
eight for a number, and the ids.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from seatrial.errors import BadInput, Place, some
from seatrial.evaluation import column as cells
from seatrial.evaluation import table
from seatrial.evaluation.join import Ids, match
from seatrial.evaluation.labels import in_order
from seatrial.evaluation.metric import CLASSIFICATION, REGRESSION
from seatrial.evaluation.moments import GREATEST, LEAST
from seatrial.evaluation.spelling import Spellings
from seatrial.named_tuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy import float64, integer
    from numpy.typing import NDArray

    Column = NDArray[integer] | NDArray[float64]
    Floats = NDArray[float64]

MOST_SLICES = 10_000

_HALF_LENGTH = 1e-6  # the relative rounding of a float of 32 bits, and some


class Columns(NamedTuple):
    """What the columns are called."""

    id: str = "id"
    label: str = "label"
    prediction: str = "prediction"
    score: str = "score"


class Predictions(NamedTuple):
    """A model's predictions, in the order of the labels: codes or numbers, and scores if there are some."""

    prediction: Column
    score: Floats | None


class Slices(NamedTuple):
    """The values of a column, and for each example the position of its own."""

    column: str
    values: tuple[str, ...]
    codes: NDArray[integer]


class Examples(NamedTuple):
    """`labels` are the classes that occur anywhere, empty for a regression; codes are positions in it."""

    labels: tuple[str, ...]
    label: Column
    candidate: Predictions
    slices: tuple[Slices, ...]
    baselines: Mapping[str, Predictions]
    notes: tuple[str, ...]

    @property
    def n(self) -> int:
        return len(self.label)


class _Wanted(NamedTuple):
    """Which columns to read from one file."""

    path: Path
    names: Mapping[str, str]  # a role (id, label, prediction, score, or slice) -> the file's column
    slices: tuple[str, ...] = ()


class _Loaded(NamedTuple):
    rows: int
    ids: Any  # arrow texts, or None
    columns: Mapping[str, Column]  # by role, or by the name of a slice


class _Known(NamedTuple):
    """What is shared by all files of an evaluation, and learns as they are read."""

    task: str
    labels: dict[str, int]
    slices: dict[str, dict[str, int]]
    stated: dict[str, int]  # the labels in files that are not asked for them
    without_scores: list[str] | None  # what is wrong with scores that nobody needs; None: they are needed
    spellings: Spellings


def read(
    predictions: Path,
    data: Path | None,
    baselines: Mapping[str, Path],
    *,
    columns: Columns,
    task: str,
    slices: tuple[str, ...],
    needs_scores: bool = True,
) -> Examples:
    """Read and join. Raises BadInput, with its place, for whatever is missing, doubled or of the wrong kind.

    Labels come from `data`, or else from `predictions`; slices likewise. Rows are joined by id; where no
    file has the column they are taken to be in the same order, and a note says so. Scores that cannot be
    used are a note where they are not needed.
    """
    known = _Known(task, {}, {name: {} for name in slices}, {}, None if needs_scores else [], Spellings())
    wanted = _plan(predictions, data, columns, slices)
    loaded = {role: _load(want, known) for role, want in wanted.items()}
    others = {name: _load(_plan_baseline(path, columns), known) for name, path in baselines.items()}
    truth = loaded.get("data", loaded["predictions"])
    truth_path = data or predictions
    if not truth.rows:
        raise BadInput("the file has no rows", "there is nothing to judge", Place(str(truth_path)))
    notes: list[str] = list(known.without_scores or ())

    def joined(path: Path, given: _Loaded) -> dict[str, Column]:
        return _joined(Ids(truth_path, truth.ids, truth.rows), Ids(path, given.ids, given.rows), given, notes)

    candidate = joined(predictions, loaded["predictions"])
    every = {**candidate, **truth.columns}
    found = {name: joined(baselines[name], other) for name, other in others.items()}
    for path, given in ((predictions, candidate), *((baselines[name], found[name]) for name in found)):
        _check_stated(known, every["label"], given, path, Ids(truth_path, truth.ids, truth.rows))
    _check_classes(known, every["label"], truth_path)
    _check_strangers(known, every["label"], candidate["prediction"], predictions)
    _check_errors(known, every["label"], candidate["prediction"], predictions)
    for name, other in found.items():
        notes += _strangers(known, every["label"], other["prediction"], f" of {name}")
    notes += known.spellings.notes()
    return _in_order(known, every, candidate, found, tuple(dict.fromkeys(notes)))


def _plan(
    predictions: Path, data: Path | None, columns: Columns, slices: tuple[str, ...]
) -> dict[str, _Wanted]:
    ours = table.columns(predictions)
    theirs = table.columns(data) if data else ()
    if columns.prediction not in ours:
        raise table.missing(predictions, columns.prediction, ours, "prediction")
    names = {"prediction": columns.prediction}
    if columns.score in ours:
        names["score"] = columns.score
    place_of_label = "data" if columns.label in theirs else "predictions"
    if place_of_label == "predictions" and columns.label not in ours:
        raise table.missing(data or predictions, columns.label, theirs or ours, "label")
    wanted = {"predictions": _Wanted(predictions, names)}
    if data:
        if place_of_label == "data" and _states_labels(ours, columns):
            names["stated"] = columns.label
        wanted["data"] = _Wanted(data, {})
        _plan_ids(wanted, columns, ours, theirs)
    elif columns.id in ours:
        wanted["predictions"] = _with(wanted["predictions"], "id", columns.id)
    wanted[place_of_label] = _with(wanted[place_of_label], "label", columns.label)
    for name in slices:
        holder = "data" if name in theirs else "predictions"
        if holder == "predictions" and name not in ours:
            raise table.missing(data or predictions, name, theirs or ours)
        wanted[holder] = wanted[holder]._replace(slices=(*wanted[holder].slices, name))
    return wanted


def _plan_ids(
    wanted: dict[str, _Wanted], columns: Columns, ours: tuple[str, ...], theirs: tuple[str, ...]
) -> None:
    if columns.id not in ours and columns.id not in theirs and columns.id == Columns().id:
        return
    for role, names in (("predictions", ours), ("data", theirs)):
        if columns.id not in names:
            problem = table.missing(wanted[role].path, columns.id, names, "id")
            if columns.id == Columns().id:
                problem.hint += "; with ids in neither file, rows belong together by their order"
            raise problem
        wanted[role] = _with(wanted[role], "id", columns.id)


def _plan_baseline(path: Path, columns: Columns) -> _Wanted:
    names = table.columns(path)
    if columns.prediction not in names:
        raise table.missing(path, columns.prediction, names, "prediction")
    roles = {"prediction": columns.prediction}
    roles |= {role: name for role, name in (("id", columns.id), ("score", columns.score)) if name in names}
    if _states_labels(names, columns):
        roles["stated"] = columns.label
    return _Wanted(path, roles)


def _states_labels(names: tuple[str, ...], columns: Columns) -> bool:
    """Whether a file that is not asked for labels has them all the same: they must not be others."""
    return columns.label in names and columns.label not in (columns.prediction, columns.score, columns.id)


def _with(wanted: _Wanted, role: str, name: str) -> _Wanted:
    return wanted._replace(names={**wanted.names, role: name})


def _load(wanted: _Wanted, known: _Known) -> _Loaded:
    import numpy as np

    parts: dict[str, list[Any]] = {key: [] for key in (*wanted.names, *(f"slice {s}" for s in wanted.slices))}
    names = tuple(dict.fromkeys([*wanted.names.values(), *wanted.slices]))
    rows = 0
    for block in table.blocks(wanted.path, names):
        for role, name in wanted.names.items():
            source = cells.Source(wanted.path, name, rows)
            if role == "score" and known.without_scores is not None:
                _take_scores(parts, block[name], known.without_scores, source)
            else:
                parts[role].append(_compact(role, block[name], known, source))
        for name in wanted.slices:
            source = cells.Source(wanted.path, name, rows)
            parts[f"slice {name}"].append(_slice(block[name], known, source))
        rows += len(block[names[0]])
    ids = _one_array(parts.pop("id")) if "id" in parts else None
    return _Loaded(
        rows, ids, {role: np.concatenate(found) if found else np.zeros(0) for role, found in parts.items()}
    )


def _take_scores(parts: dict[str, list[Any]], block: Any, problems: list[str], source: cells.Source) -> None:
    """Until the first that cannot be used: then the file has none."""
    if "score" not in parts:
        return
    try:
        parts["score"].append(cells.numbers(block, source, infinite=True))
    except BadInput as problem:
        del parts["score"]
        problems.append(
            f"the scores of {source.path.name} were not used, as no gate asks for them: {problem.message}"
        )


def _one_array(parts: list[Any]) -> Any:
    import pyarrow as arrow

    return arrow.chunked_array(parts, arrow.large_string()).combine_chunks()


def _compact(role: str, block: Any, known: _Known, source: cells.Source) -> Any:
    if role == "id":
        return cells.ids(block, source)
    if role == "score":
        return cells.numbers(block, source, infinite=True)
    is_stated = role == "stated"
    if known.task == CLASSIFICATION:
        names = known.stated if is_stated else known.labels
        return cells.codes(block, names, source, known.spellings, optional=is_stated)
    return cells.numbers(block, source, optional=is_stated)


def _slice(block: Any, known: _Known, source: cells.Source) -> Any:
    values = known.slices[source.column]
    found = cells.codes(block, values, source, known.spellings, optional=True)
    if len(values) > MOST_SLICES:
        raise source.error(
            0, f"{source.column!r} has more than {MOST_SLICES:,} values: no slices to judge by"
        )
    return found


def _joined(truth: Ids, given_ids: Ids, given: _Loaded, notes: list[str]) -> dict[str, Column]:
    order = match(truth, given_ids, notes)
    if order is None:
        return dict(given.columns)
    return {name: values[order] for name, values in given.columns.items()}


def _check_stated(known: _Known, label: Column, given: Mapping[str, Column], path: Path, truth: Ids) -> None:
    """The labels that a file of predictions has beside them are those that it is judged by."""
    if "stated" not in given:
        return
    differs = _differs(known, label, given["stated"])
    count, row = int(differs.sum()), int(differs.argmax())
    if not count:
        return
    which = f"row {row + 1:,}" if truth.values is None else f"id {truth.values[row].as_py()!r}"
    judged, stated = _shown(known, label[row], given["stated"][row])
    message = f"{count:,} of {len(differs):,} labels are not those of {truth.path}"
    hint = "are these the same examples? if the column is an old one, remove or rename it"
    raise BadInput(f"{message}: of {which} {stated}, not {judged}", hint, Place(str(path)))


def _differs(known: _Known, label: Column, stated: Column) -> Any:
    """Where both are there and not the same. Numbers may come from a float of half the length."""
    import numpy as np

    if known.task != CLASSIFICATION:
        return np.abs(label - stated) > _HALF_LENGTH * np.maximum(np.abs(label), np.abs(stated))
    none = len(known.labels)
    same = np.array([known.labels.get(name, none) for name in known.stated], np.int64)
    empty = known.stated.get(cells.MISSING, -1)
    return (same[stated] != label) & (stated != empty)


def _shown(known: _Known, label: Any, stated: Any) -> tuple[str, str]:
    if known.task != CLASSIFICATION:
        return f"{label:g}", f"{stated:g}"
    return repr(list(known.labels)[int(label)]), repr(list(known.stated)[int(stated)])


def _check_classes(known: _Known, label: Column, path: Path) -> None:
    if known.task == CLASSIFICATION and (label == label[0]).all():
        name = list(known.labels)[int(label[0])]
        hint = "a classifier is judged on examples of two classes or more"
        all_are = "the only label is" if len(label) == 1 else f"all {len(label):,} labels are"
        raise BadInput(f"{all_are} {name!r}", hint, Place(str(path)))


def _check_strangers(known: _Known, label: Column, prediction: Column, path: Path) -> None:
    if strangers := _strangers(known, label, prediction):
        hint = "a label and its prediction are spelt alike: true is not 1, 01 is not 1"
        raise BadInput(strangers[0], hint, Place(str(path)))


def _check_errors(known: _Known, label: Column, prediction: Column, path: Path) -> None:
    """Whose squares cannot be told from 0 have no interval: it would be a point, and decide."""
    import numpy as np

    greatest = float(np.abs(prediction - label).max()) if known.task == REGRESSION else 0.0
    if 0 < greatest < LEAST:
        hint = f"write both in a smaller unit: errors may lie between {LEAST:g} and {GREATEST:g}"
        raise BadInput(
            f"the largest error is {greatest:.3g}, which is too small to judge", hint, Place(str(path))
        )


def _strangers(known: _Known, label: Column, prediction: Column, whose: str = "") -> tuple[str, ...]:
    """A sentence where no prediction is any of the labels: most likely they are spelt differently."""
    import numpy as np

    if known.task != CLASSIFICATION:
        return ()
    labels, predictions = np.unique(label), np.unique(prediction)
    if np.intersect1d(labels, predictions).size:
        return ()
    names = list(known.labels)
    theirs, ours = (some(in_order([names[int(i)] for i in found])) for found in (labels, predictions))
    return (f"no prediction{whose} is any of the labels: the labels are {theirs}, the predictions {ours}",)


def _in_order(
    known: _Known,
    every: Mapping[str, Column],
    candidate: Mapping[str, Column],
    baselines: Mapping[str, Mapping[str, Column]],
    notes: tuple[str, ...],
) -> Examples:
    names = in_order(list(known.labels))
    recode = _recoder(known.labels, names)

    def of(columns: Mapping[str, Column]) -> Predictions:
        score: Any = columns.get("score")
        return Predictions(recode(columns["prediction"]), score)

    slices = tuple(_slices(name, values, every[f"slice {name}"]) for name, values in known.slices.items())
    return Examples(
        tuple(names),
        recode(every["label"]),
        of(candidate),
        slices,
        {name: of(columns) for name, columns in baselines.items()},
        notes,
    )


def _slices(name: str, values: dict[str, int], codes: Any) -> Slices:
    ordered = in_order(list(values))
    return Slices(name, tuple(ordered), _recoder(values, ordered)(codes))


def _recoder(known: Mapping[str, int], ordered: list[str]) -> Any:
    """From the order in which labels were met to `ordered`, in a byte where that is enough."""
    import numpy as np

    if not ordered:
        return lambda values: values
    position = {name: index for index, name in enumerate(ordered)}
    lookup = np.array([position[name] for name in known], np.uint8 if len(ordered) <= 1 << 8 else np.uint16)
    return lambda values: lookup[values]
