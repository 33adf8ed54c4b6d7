"""A file of labels: read whatever its format, a piece at a time, and safe to be added again."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from seatrial.errors import BadInput
from seatrial.journal import label_figures, labels
from seatrial.project import labels as adding
from seatrial.project.project import Home, open_home
from seatrial.release import predictions
from tests.release.labelled import NAME, PROJECT, answer, environment


@pytest.fixture
def opened(home: Path) -> Iterator[Home]:
    found = open_home({"SEATRIAL_HOME": str(home)})
    yield found
    found.journal.close()


def add(home: Home, path: Path, said: list[str] | None = None, **columns: str) -> dict[str, int]:
    """How many became what, those of which there are any, and how many still wait."""
    from seatrial.journal import releases

    row = releases.environment(home.journal, PROJECT, NAME)
    assert row is not None
    found = adding.add_file(home, row, path, columns, (said if said is not None else []).append)
    assert found.rows == sum(found.outcomes.values())
    return {**{name: n for name, n in found.outcomes.items() if n}, "still": found.still_waiting}


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def predicted(home: Home, *requests: str, **more: object) -> None:
    row = environment(home.journal, **more)
    with home.journal.change():
        predictions.keep(home.journal, row, [answer(request, "a") for request in requests])


@pytest.mark.parametrize("name", ["l.csv", "l.csv.gz", "l.jsonl", "l.parquet"])
def test_every_format_is_read(opened: Home, tmp_path: Path, name: str) -> None:
    predicted(opened, "7", "8")
    path, csv = tmp_path / name, "id,label,other\n7,a,x\n8,b,\n9,a,\n"
    if name.endswith("parquet"):
        import pyarrow as arrow
        from pyarrow import parquet

        parquet.write_table(arrow.table({"id": [7, 8, 9], "label": ["a", "b", "a"]}), path)
    elif name.endswith("gz"):
        path.write_bytes(gzip.compress(csv.encode()))
    else:
        lines = '{"id": 7, "label": "a"}\n{"id": "8", "label": "b"}\n{"id": 9, "label": "a"}\n'
        path.write_text(csv if name.endswith("csv") else lines)
    assert add(opened, path) == {"joined": 2, "waiting": 1, "still": 1}
    assert add(opened, path) == {"repeated": 3, "still": 1}
    found = [(pair.request, pair.label) for pair in labels.pairs(opened.journal, PROJECT, NAME)]
    assert found == [("7", "a"), ("8", "b")]


def test_columns_may_have_other_names(opened: Home, tmp_path: Path) -> None:
    predicted(opened, "7")
    path = written(tmp_path / "l.csv", "request,truth,id,label\n7,b,0,z\n")
    assert add(opened, path, id="request", label="truth") == {"joined": 1, "still": 0}
    assert labels.pairs(opened.journal, PROJECT, NAME)[0].label == "b"


def test_a_file_that_says_all_needs_no_log(opened: Home, tmp_path: Path) -> None:
    import datetime

    import pyarrow as arrow
    from pyarrow import parquet

    environment(opened.journal, source="labels")
    at = datetime.datetime(2026, 5, 3, 14, 7, tzinfo=datetime.UTC)
    columns = {"id": ["x"], "label": [1.5], "prediction": [1.25], "revision": [2], "answered": [at]}
    parquet.write_table(arrow.table(columns), tmp_path / "l.parquet")
    assert add(opened, tmp_path / "l.parquet") == {"joined": 1, "still": 0}
    [pair] = labels.pairs(opened.journal, PROJECT, NAME)
    assert pair[2:] == (1777817220.0, "reviews/production/2", "1.25", "1.5", "")


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("", "the file is empty", 0),
        ("id,label\n", "has no rows", None),
        ("id,lable\n1,a\n", "no column 'label'", 0),
        ("label\na\n", "no column 'id'", 0),
        ("id,label,id\n1,a,2\n", "2 times", 1),
        ("id,label\n1,a\n2,\n", "the 'label' is missing", 3),
        ("id,label\n1,a\n,b\n", "the 'id' is missing", 3),
        ("id,label,revision\n1,a,1\n2,b,77\n", "never had a revision '77'", 3),
        ("id,label,answered\n1,a,soon\n", "'soon' is no time", 2),
        ("id,label\n1,a\x07\n", "signs that cannot be printed", 2),
        ('id,label\n1,"a\n', "a quote is never closed", 2),
        (f"id,label\n{'1' * 200},a\n", "longer than 128", 2),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    opened: Home, tmp_path: Path, text: str, message: str, line: int | None
) -> None:
    environment(opened.journal)
    with pytest.raises(BadInput, match=message) as raised:
        add(opened, written(tmp_path / "l.csv", text))
    assert line is None or (raised.value.place and raised.value.place.line == line)
    assert label_figures.figures(opened.journal, PROJECT, NAME).labels == 0


def test_what_is_no_table_is_refused(opened: Home, tmp_path: Path) -> None:
    environment(opened.journal)
    for path in (tmp_path / "none.csv", tmp_path, written(tmp_path / "l.xls", "id,label\n")):
        with pytest.raises(BadInput):
            add(opened, path)


def test_a_role_that_is_none_is_refused(opened: Home, tmp_path: Path) -> None:
    environment(opened.journal)
    with pytest.raises(BadInput, match="'score'"):
        add(opened, written(tmp_path / "l.csv", "id,label\n1,a\n"), score="id")


def test_a_file_without_predictions_where_it_has_to_say_them(opened: Home, tmp_path: Path) -> None:
    environment(opened.journal, source="labels")
    with pytest.raises(BadInput, match="no column 'prediction'"):
        add(opened, written(tmp_path / "l.csv", "id,label\n1,a\n"))


def test_where_no_predictions_are_kept_labels_are_refused(opened: Home, tmp_path: Path) -> None:
    environment(opened.journal, None)
    with pytest.raises(BadInput, match="keeps no predictions") as raised:
        add(opened, written(tmp_path / "l.csv", "id,label\n1,a\n"))
    assert "predictions: {from: header}" in raised.value.hint


def test_what_was_added_before_an_error_stays_and_is_not_doubled(
    opened: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adding, "_AT_ONCE", 4)
    monkeypatch.setattr(adding, "_SAY_SECONDS", 0.0)
    predicted(opened, *map(str, range(10)))
    rows = [f"{number},a" for number in range(10)]
    broken = written(tmp_path / "l.csv", "\n".join(["id,label", *rows[:9], "9,"]))
    said: list[str] = []
    with pytest.raises(BadInput, match="'label' is missing") as raised:
        add(opened, broken, said)
    assert raised.value.place
    assert raised.value.place.line == 11
    assert "the 8 rows before were added" in raised.value.hint
    assert said == ["4 labels", "8 labels"]
    whole = written(tmp_path / "l.csv", "\n".join(["id,label", *rows]))
    assert add(opened, whole) == {"repeated": 8, "joined": 2, "still": 0}
    assert [pair.request for pair in labels.pairs(opened.journal, PROJECT, NAME)] == [*map(str, range(10))]
