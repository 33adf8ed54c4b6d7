"""Files of predictions: what they are read as, and what is said of those that cannot be used."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as arrow
import pytest
from pyarrow import parquet

from seatrial.errors import BadInput, Place
from seatrial.evaluation import table
from seatrial.evaluation.dataset import MOST_SLICES, Columns, Examples, read
from seatrial.evaluation.evaluate import Request, evaluate
from seatrial.evaluation.record import Confusion
from seatrial.evaluation.tables import csv as csv_table

GOOD = "id,label,prediction\n1,a,a\n2,b,a\n3,a,b\n"


class Folder:
    """Files of a test, and reading them."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, name: str, content: str | bytes) -> Path:
        file = self.path / name
        raw = content.encode() if isinstance(content, str) else content
        file.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
        return file

    def read(self, name: str, content: str | bytes, **options: Any) -> Examples:
        return load(self.write(name, content), **options)

    def error(self, name: str, content: str | bytes, **options: Any) -> BadInput:
        with pytest.raises(BadInput) as caught:
            self.read(name, content, **options)
        assert caught.value.place is not None
        return caught.value


def load(predictions: Path, data: Path | None = None, baselines: Any = (), **options: Any) -> Examples:
    defaults: dict[str, Any] = {"columns": Columns(), "task": "classification", "slices": ()}
    return read(predictions, data, dict(baselines), **(defaults | options))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def shown(examples: Examples) -> list[tuple[str, str]]:
    """(label, prediction) of each row."""
    names = examples.labels
    pairs = zip(examples.label.tolist(), examples.candidate.prediction.tolist(), strict=True)
    return [(names[int(label)], names[int(prediction)]) for label, prediction in pairs]


PAIRS = [("a", "a"), ("b", "a"), ("a", "b")]
LINES = "".join(json.dumps({"id": i, "label": y, "prediction": c}) + "\n" for i, (y, c) in enumerate(PAIRS))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("p.csv", GOOD),
        ("p.CSV", GOOD),
        ("p.csv.gz", GOOD),
        ("p.csv", "\ufeff" + GOOD),
        ("p.csv", GOOD.replace("\n", "\r\n")),
        ("p.csv", GOOD.rstrip("\n")),
        ("p.csv", GOOD.replace("a,", '"a",')),
        ("p.csv", GOOD.replace("\n", "\r")),
        ("p.csv", GOOD.replace("\n", "\n\n")),
        ("p.csv", "\n\r\n" + GOOD.replace("\n", "\r\n", 1).replace("a\n2", "a\r2") + "\n\n"),
        ("p.csv", '"id","label","prediction"\r\n"1","a","a"\r\n"2","b","a"\r\n"3","a","b"'),
        ("p.csv", '\ufeff"id","label","prediction"\n1,a,a\n2,b,a\n3,a,"b"'),
        ("p.csv", 'text,label,prediction,text\n5" pipe,a,a,\n"",b,a,"""x"""\n6",a,b,\n'),
        ("p.csv", "text,id,label,prediction\n" + '"a\nb, ""c""",1,a,a\n,2,b,a\n,3,a,b\n'),
        ("p.jsonl", LINES),
        ("p.ndjson", "\ufeff" + LINES.replace("\n", "\r\n\n")),
        ("p.jsonl.gz", LINES),
    ],
)
def test_formats(folder: Folder, name: str, content: str) -> None:
    assert shown(folder.read(name, content)) == PAIRS


@pytest.mark.parametrize(
    "kind",
    [
        arrow.string(),
        arrow.large_string(),
        arrow.string_view(),
        arrow.dictionary(arrow.int8(), arrow.string()),
    ],
)
def test_parquet(tmp_path: Path, kind: Any) -> None:
    label, prediction = (arrow.array(side, arrow.string()).cast(kind) for side in zip(*PAIRS, strict=True))
    path = tmp_path / "p.parquet"
    parquet.write_table(arrow.table({"id": [1, 2, 3], "label": label, "prediction": prediction}), path)
    assert shown(load(path)) == PAIRS


def test_labels_are_compared_as_text(tmp_path: Path, folder: Folder) -> None:
    """1, 1.0 and the text "1.0" are one label, "01" is another; booleans are true and false."""
    data = folder.write("data.csv", "id,label\nx,1\ny,2\nz,01\nu,1\n")
    rows = [{"id": "x", "prediction": 1}, {"id": "y", "prediction": 2.0}, {"id": "z", "prediction": "1.0"}]
    lines = "".join(json.dumps(row) + "\n" for row in [*rows, {"id": "u", "prediction": "01"}])
    found = load(folder.write("p.jsonl", lines), data)
    assert shown(found) == [("1", "1"), ("2", "2"), ("01", "1"), ("1", "01")]
    path = tmp_path / "p.parquet"
    parquet.write_table(
        arrow.table({"label": [True, False, True], "prediction": ["True", "FALSE", "true"]}), path
    )
    assert shown(load(path)) == [("true", "true"), ("false", "false"), ("true", "true")]


def test_labels_stand_in_the_order_of_numbers_or_of_text(folder: Folder) -> None:
    assert folder.read("p.csv", "label,prediction\n10,9\n9,10\n1,9\n").labels == ("1", "9", "10")
    assert folder.read("p.csv", "label,prediction\nb,a\nc,c\n").labels == ("a", "b", "c")


def test_rows_are_joined_by_id(folder: Folder) -> None:
    data = folder.write("data.csv", "id,label,domain\n1,a,x\n2,b,y\n3,a,\n")
    ours = folder.write("p.csv", "prediction,id,score\na,3,0.3\nb,1,0.1\nb,2,-inf\n")
    theirs = folder.write(
        "b.jsonl",
        '{"id": 2, "prediction": "a"}\n{"id": 3.0, "prediction": "a"}\n{"id": "1", "prediction": "b"}',
    )
    found = load(ours, data, {"production": theirs}, slices=("domain",))
    assert shown(found) == [("a", "b"), ("b", "b"), ("a", "a")]
    assert found.candidate.score is not None
    assert found.candidate.score.tolist() == [0.1, -np.inf, 0.3]
    assert [found.labels[int(i)] for i in found.baselines["production"].prediction] == ["b", "a", "a"]
    assert found.baselines["production"].score is None
    (slices,) = found.slices
    assert [slices.values[int(i)] for i in slices.codes] == ["x", "y", "(missing)"]


def test_columns_may_have_other_names(folder: Folder) -> None:
    columns = Columns("key", "truth", "guess", "p")
    found = folder.read("p.csv", "key,truth,guess,p\n1,a,b,0.5\n2,b,b,1\n", columns=columns)
    assert shown(found) == [("a", "b"), ("b", "b")]
    assert found.candidate.score is not None


def test_without_ids_the_order_counts_and_is_noted(folder: Folder) -> None:
    data = folder.write("data.csv", "label\na\nb\n")
    found = load(folder.write("p.csv", "prediction\nb\nb\n"), data)
    assert shown(found) == [("a", "b"), ("b", "b")]
    assert found.notes == ("the files have no ids, so their rows are taken to be in the same order",)
    error = folder.error("q.csv", "prediction\nb\n", data=data)
    assert error.message == f"1 rows, but {data} has 2"


def test_a_regression(folder: Folder) -> None:
    found = folder.read("p.csv", "label,prediction\n1, 1.5 \n-2e3,7\n", task="regression")
    assert found.label.tolist() == [1.0, -2000.0]
    assert found.candidate.prediction.tolist() == [1.5, 7.0]
    assert found.labels == ()


@pytest.mark.parametrize(
    ("labels", "predictions", "shown"),
    [
        (["pos", "neg"], ["positive", "positive"], "'neg', 'pos', the predictions 'positive'"),
        ([True, False, True], [1, 0, 1], "'false', 'true', the predictions '0', '1'"),
        (["00", "01"], ["0", "1"], "'00', '01', the predictions '0', '1'"),
        ([*range(6)], [*range(10, 16)], "'0', '1', '2', '3', '4', …, the predictions '10', '11',"),
    ],
)
def test_predictions_none_of_which_is_a_label_are_refused(
    tmp_path: Path, labels: list[Any], predictions: list[Any], shown: str
) -> None:
    file = tmp_path / "p.parquet"
    parquet.write_table(arrow.table({"label": labels, "prediction": predictions}), file)
    with pytest.raises(BadInput, match="no prediction is any of the labels: the labels are ") as caught:
        load(file)
    assert shown in caught.value.message
    assert "true is not 1" in caught.value.hint
    assert caught.value.place == Place(str(file))


def test_a_baseline_none_of_whose_predictions_is_a_label_is_noted(folder: Folder) -> None:
    """What is live cannot be mended, and must not keep a better one out."""
    before = folder.write("before.csv", "id,prediction\n1,A\n2,B\n3,A\n")
    (note,) = folder.read("p.csv", GOOD, baselines={"production": before}).notes
    assert note == (
        "no prediction of production is any of the labels: the labels are 'a', 'b', the predictions 'A', 'B'"
    )


def test_many_blocks(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Labels that a later block brings, and quoted line breaks across blocks."""
    monkeypatch.setattr(csv_table, "BLOCK_BYTES", 4096)
    rows = [(f"l{i // 500}", f'"some\ntext, {i}"') for i in range(2000)]
    content = "text,label,prediction\n" + "".join(f"{text},{label},{label}\n" for label, text in rows)
    found = folder.read("p.csv", content)
    assert shown(found) == [(label, label) for label, _text in rows]


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("", 0, "the file is empty"),
        ("\n\n", 0, "the file is empty"),
        ("id,label,prediction\n", 0, "no rows"),
        ("id,label,prediction", 0, "no rows"),
        ("id,label,predicton\n1,a,b\n", 0, "no column 'prediction'"),
        ("id,lable,prediction\n1,a,b\n", 0, "no column 'label'"),
        ("id,label,prediction,label\n1,a,b,c\n", 1, "the column 'label' is there 2 times"),
        ("id,label,prediction\n1,a,a\n2,b\n", 3, "the row has 2 cells, but the header has 3"),
        ("id,label,prediction\n1,a,a\n2\n", 3, "the row has 1 cell, but the header has 3"),
        ("id,label,prediction\n1,a,a\n2,b,b,c\n", 3, "the row has 4 cells, but the header has 3"),
        ('id,label,prediction\n1,a,a\n2,b,"b\n3,a,a\n', 3, "a quote is never closed"),
        ('id,label,prediction\n1,a,a\n2,"b,b\n3,a,a\n', 3, "a quote is never closed"),
        ('id,label,prediction\n1,a,a\n2,b,"b\n3,a,"a\n', 3, "is closed in line 4, in the middle of a cell"),
        ('id,label,prediction\n1,a,a\n2,"b"c,b\n3,a,a\n', 3, "a cell goes on after its closing quote"),
        ('id,label,prediction\n1,a,a\n2,"b,b\n3,b",a\n', 3, "the 'label' has a line break"),
        ('id,label,prediction\r1,a,a\r2,"b,b\r3,b",a\r', 3, "the 'label' has a line break"),
        ("id,label,prediction\n1,a,a\n2,b\0,b\n", 3, "the line has a NUL byte"),
        ("text,label,prediction\n\0,a,a\n2,b,b\n", 2, "the line has a NUL byte"),
        ("id;label;prediction\n1;a;a\n", 1, "no column 'prediction'"),
        ("id,label,prediction\n1,a,a\n\n2,,b\n", 4, "the 'label' is missing"),
        ('text,label,prediction\n"x\ny",a,a\n2,b,\n', 4, "the 'prediction' is missing"),
        ("id,label,prediction\n1,a,a\n,b,b\n", 3, "the 'id' is missing"),
        ("id,label,prediction\n1,a,a\n1,b,b\n2,a,a\n", 0, "1 id occurs more than once: '1'"),
        ("label,prediction\na,a\na,b\na,c\n", 0, "all 3 labels are 'a'"),
        (b"id,label,prediction\n1,a,a\n2,b,\xff\n", 3, "not UTF-8"),
        (b"id,label,prediction\n1,a,a\n\xff,b,a\n", 3, "not UTF-8"),
        (b"id,label,predi\xffction\n1,a,a\n", 1, "not UTF-8"),
        ("id,label,prediction\n1,a,a\n".encode("utf-16"), 1, "not UTF-8"),
        ("id,label,prediction\n1,a," + "x" * (20 << 20) + "\n", 2, "a line is longer than 8 MiB"),
        ("x" * (9 << 20), 1, "a line is longer than 8 MiB"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_bad_csv(folder: Folder, content: str | bytes, line: int, message: str) -> None:
    error = folder.error("p.csv", content)
    assert message in error.message
    assert error.place == Place(str(folder.path / "p.csv"), line)


def test_the_shortest_chunks_give_the_same() -> None:
    """Quotes at the ends of chunks are judged with what comes next."""
    from seatrial.evaluation.tables.quotes import Seen, follow

    def is_sound(text: str, size: int) -> bool:
        seen: Seen | None = Seen()
        for start in range(0, len(text), size):
            seen = follow(seen, text[start : start + size].encode()) if seen else None
        return seen is not None and seen.is_whole

    for text, sound in (
        ('"a","b""c"\n"",x\n', True), ('a,"b"', True), ('a,""', True), ("", True), ('"a\nb"\r\n', True),
        ('a,"b', False), ('a"b\n', False), ('"a"b\n', False), ('a,"', False), ('a,"""', False),
        ("a\0", False), ('"a" ,b', False), (' "a",b', False),
    ):  # fmt: skip
        assert [is_sound(text, size) for size in (1, 2, 3, 5, 100)] == [sound] * 5, text


def test_a_missing_column_has_a_hint(folder: Folder) -> None:
    assert (
        folder.error("p.csv", "id;label\n").hint
        == "the cells of this file are separated by ';'; write commas"
    )
    assert folder.error("p.csv", "id,label,predicton\n1,a,b\n").hint == (
        "did you mean 'predicton'? "
        "`columns: {prediction: NAME}`, or `--column prediction=NAME`, says which it is"
    )
    assert folder.error("p.csv", "id,truth,prediction\n1,a,b\n").hint == (
        "known: id, truth, prediction; `columns: {label: NAME}`, or `--column label=NAME`, says which it is"
    )
    error = folder.error("p.csv", GOOD, slices=("domain",))
    assert error.message == "there is no column 'domain'"
    assert error.hint == "known: id, label, prediction"


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("abc", "the 'prediction' 'abc' is not a number"),
        ("y" * 100, f"the 'prediction' '{'y' * 60}'… is not a number"),
        ("", "the 'prediction' is missing"),
        ("nan", "the 'prediction' is not a number (NaN)"),
        ("inf", "the 'prediction' is inf, which is too large to judge"),
        ("1e60", "the 'prediction' is 1e+60, which is too large to judge"),
    ],
)
def test_bad_numbers(folder: Folder, cell: str, message: str) -> None:
    content = "label,prediction\n1,2\n3,4\n" + f"5,{cell}\n6,{cell}\n"
    error = folder.error("p.csv", content, task="regression")
    assert error.message == message
    assert error.place == Place(str(folder.path / "p.csv"), 4)


@pytest.mark.parametrize(
    ("lines", "line", "message"),
    [
        ("{}", 0, "the file is empty"),
        ('{"label": "a", "prediction": "b"}\nnot json\n', 2, "the line is not JSON"),
        ('{"label": "a", "prediction": "b"}\n\n[1]\n', 3, "the line is not a JSON object"),
        ('{"label": "a", "prediction": {"x": 1}}\n', 1, "'prediction' is not one value"),
        ('{"label": "a", "prediction": "b"}\n{"label": "b"}\n', 2, "the 'prediction' is missing"),
        (
            '{"label": "a", "prediction": "a"}\n{"label": "b", "label": "a", "prediction": "a"}\n',
            2,
            "the key 'label' is there 2 times",
        ),
        ('{"label": "a", "prediction": NaN}\n', 1, "the 'prediction' is missing"),
        ('{"label": "a", "prediction": "\\ud800"}\n', 1, "the line is not UTF-8 text"),
        ('{"label": "a", "prediction": ' + "[" * 100_000 + "\n", 1, "the line is not JSON"),
        ('{"label": "a", "prediction": ' + "9" * 5000 + "}\n", 1, "the line is not JSON"),
        ('{"label": "' + "a" * (9 << 20) + '"}\n', 1, "a line is longer than 8 MiB"),
        ('{"label": "' + " " * (9 << 20) + '"}\n', 1, "a line is longer than 8 MiB"),
        (b'{"label": "\xff"}\n', 1, "the line is not UTF-8 text"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_bad_jsonl(folder: Folder, lines: str | bytes, line: int, message: str) -> None:
    error = folder.error("p.jsonl", lines)
    assert message in error.message
    assert error.place == Place(str(folder.path / "p.jsonl"), line)


@pytest.mark.parametrize(
    ("columns", "task", "message"),
    [
        ({"label": [[1], [2]], "prediction": ["a", "b"]}, "classification", "no column of labels: list"),
        ({"label": [b"a", b"b"], "prediction": ["a", "b"]}, "classification", "no column of labels: binary"),
        (
            {"label": [1.0, float("nan")], "prediction": ["a", "b"]},
            "classification",
            "the 'label' is missing",
        ),
        ({"label": [True, False], "prediction": [1, 0]}, "regression", "'label' holds bool, not numbers"),
        ({"label": [1.0, None], "prediction": [1.0, 2.0]}, "regression", "the 'label' is missing"),
        ({"label": [[1], [2]], "prediction": [1.0, 2.0]}, "regression", "'label' holds list"),
        (
            {"id": [0.5, 1.0], "label": ["a", "b"], "prediction": ["a", "b"]},
            "classification",
            "no column of ids",
        ),
        (
            {"id": [[1], [2]], "label": ["a", "b"], "prediction": ["a", "b"]},
            "classification",
            "no column of ids",
        ),
    ],
)
def test_bad_types(folder: Folder, columns: dict[str, list[Any]], task: str, message: str) -> None:
    path = folder.path / "p.parquet"
    parquet.write_table(arrow.table(columns), path)
    with pytest.raises(BadInput) as caught:
        load(path, task=task)
    assert message in caught.value.message
    assert caught.value.place == Place(str(path))


@pytest.mark.parametrize(
    ("columns", "task", "role"),
    [
        ({"label": ["a", "b", None], "prediction": ["a", "b", "b"]}, "classification", "label"),
        ({"label": [1.0, 2.0, 3.0], "prediction": [1.0, 2.0, None]}, "regression", "prediction"),
        ({"id": [1, 2, None], "label": ["a", "b", "b"], "prediction": ["a"] * 3}, "classification", "id"),
    ],
)
def test_a_null_of_parquet_names_its_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, columns: dict[str, list[Any]], task: str, role: str
) -> None:
    monkeypatch.setattr("seatrial.evaluation.tables.parquet._ROWS", 2)
    file = tmp_path / "p.parquet"
    parquet.write_table(arrow.table(columns), file)
    with pytest.raises(BadInput) as caught:
        load(file, task=task)
    assert caught.value.message == f"the {role!r} is missing in row 3, counted from 1"


def test_bad_parquet(folder: Folder) -> None:
    path = folder.path / "whole.parquet"
    parquet.write_table(arrow.table({"label": ["a", "b"], "prediction": ["a", "b"]}), path)
    whole = path.read_bytes()
    for content in (b"", b"PAR1", whole[:-20], whole[: len(whole) // 2], b"x" * 100, whole[:4] + whole[8:]):
        assert "cannot be read" in folder.error("p.parquet", content).message


def test_bad_gzip(folder: Folder) -> None:
    whole = gzip.compress(GOOD.encode())
    for name in ("p.csv.gz", "p.jsonl.gz"):
        for content in (whole[:-12], b"plain text", b""):
            path = folder.path / name
            path.write_bytes(content)
            with pytest.raises(BadInput):
                load(path)


def test_what_is_no_file(folder: Folder) -> None:
    for name, message in (("no.csv", "no such file"), ("no.parquet", "no such file"), ("no.txt", "format")):
        with pytest.raises(BadInput, match=message):
            load(folder.path / name)
    for name in ("d.csv", "d.parquet", "d.jsonl"):
        (folder.path / name).mkdir()
        with pytest.raises(BadInput, match="a folder, not a file"):
            load(folder.path / name)


@pytest.mark.parametrize("name", ["p.csv", "p.csv.gz", "p.jsonl", "p.parquet"])
def test_what_might_never_end_is_not_opened(folder: Folder, name: str) -> None:
    os.mkfifo(folder.path / name)
    with pytest.raises(BadInput, match="this is a pipe, not a file"):
        load(folder.path / name)
    with pytest.raises(BadInput, match="this is a pipe, not a file"):
        load(folder.write("good.csv", GOOD), folder.path / name)
    (folder.path / name).unlink()
    (folder.path / name).symlink_to("/dev/zero")
    with pytest.raises(BadInput, match="this is a device, not a file"):
        load(folder.path / name)


@pytest.mark.parametrize(
    ("predictions", "message", "hint"),
    [
        ("id,prediction\n1,a\n", "2 of the 3 ids of", "every example"),
        ("id,prediction\n1,a\n2,a\n3,a\n9,a\n8,a\n", "2 ids are not in", "no others"),
        ("id,prediction\n1,a\n2,a\n2,a\n", "1 id occurs more than once: '2'", "one example"),
        ("prediction\na\na\na\n", "there is no column 'id'", "with ids in neither file"),
    ],
)
def test_ids_that_do_not_match(folder: Folder, predictions: str, message: str, hint: str) -> None:
    data = folder.write("data.csv", "id,label\n1,a\n2,b\n3,a\n")
    error = folder.error("p.csv", predictions, data=data)
    assert message in error.message
    assert hint in error.hint
    assert error.place == Place(str(folder.path / "p.csv"))


def test_ids_that_are_one_number_say_so(folder: Folder) -> None:
    rows = "id,label,prediction\n{},a,a\n{},b,b\n"
    error = folder.error("p.csv", rows.format("1.1", "1.10"))
    assert (error.message, "1.1 and 1.10" in error.hint) == ("1 id occurs more than once: '1.1'", True)
    assert "1.10" not in folder.error("p.csv", rows.format("a.jpg", "a.jpg")).hint


def test_an_id_that_the_data_has_twice(folder: Folder) -> None:
    data = folder.write("data.csv", "id,label\n1,a\n2,b\n2,a\n")
    for given in ("1,a\n2,a\n3,a\n", "2,a\n1,a\n2,a\n", "1,a\n2,a\n2,a\n", "1,a\n2,a\n"):
        error = folder.error("p.csv", "id,prediction\n" + given, data=data)
        assert error.message == "1 id occurs more than once: '2'"
        assert error.place == Place(str(data))


def test_the_first_of_many_ids_are_named(folder: Folder) -> None:
    data = folder.write("data.csv", "id,label\n" + "".join(f"{i},{'ab'[i % 2]}\n" for i in range(1000)))
    error = folder.error("p.csv", "id,prediction\n3,a\n", data=data)
    assert error.message == f"999 of the 1,000 ids of {data} are missing: '0', '1', '2', '4', '5', …"


def test_a_baseline_without_ids_cannot_be_joined(folder: Folder) -> None:
    ours = folder.write("p.csv", GOOD)
    theirs = folder.write("b.csv", "prediction\na\nb\na\n")
    with pytest.raises(BadInput, match="the column of ids is missing") as caught:
        load(ours, None, {"production": theirs})
    assert caught.value.place == Place(str(theirs))


def test_too_many_labels_are_no_labels(folder: Folder) -> None:
    content = "label,prediction\n" + "".join(f"{i},{i}.5\n" for i in range(40_000))
    error = folder.error("p.csv", content)
    assert "more than 65,535 different values" in error.message
    assert error.hint == "is this a column of numbers? then say task: regression"
    content = "label,prediction,key\n" + "".join(f"{'ab'[i % 2]},a,{i}\n" for i in range(10_001))
    assert "no slices to judge by" in folder.error("q.csv", content, slices=("key",)).message


def test_a_file_that_vanishes_between_two_looks(folder: Folder) -> None:
    path = folder.write("p.csv", GOOD)
    found = table.blocks(path, ("label",))
    path.unlink()
    with pytest.raises(BadInput, match="no such file"):
        next(found)


@pytest.mark.parametrize(
    "cells",
    [
        arrow.array([[0.1], [0.9], []]),
        arrow.array([{"a": 1}, {"a": 2}, None]),
        arrow.array([[("a", 1)], [], []], arrow.map_(arrow.string(), arrow.int64())),
        arrow.array([1, 2, 3], arrow.timestamp("ns")),
    ],
    ids=["list", "struct", "map", "nanoseconds"],
)
@pytest.mark.parametrize("column", ["label", "prediction"])
@pytest.mark.parametrize("task", ["", "classification", "regression"])
def test_columns_that_hold_no_labels(tmp_path: Path, cells: Any, column: str, task: str) -> None:
    """Whether the task was said or is told from these very columns."""
    path = tmp_path / "p.parquet"
    parquet.write_table(arrow.table({"label": [1, 2, 3], "prediction": [1, 2, 3]} | {column: cells}), path)
    kind = str(cells.type).partition("<")[0].replace("[", r"\[")
    with pytest.raises(BadInput, match=f"'{column}' .*{kind}") as caught:
        evaluate(Request(path, task=task))
    assert caught.value.place == Place(str(path))


def test_numbers_are_the_same_however_they_are_spelt(tmp_path: Path, folder: Folder) -> None:
    """Texts of csv and jsonl, and floats, decimals and categories of parquet, joined by ids with a gap."""
    data = folder.write("data.csv", "id,label\n0.0,0.50\n1.0,1.00\n2.0,1.50\n3.0,0.10\n")
    values = [0.5, 1.0, 1.5, 0.1]
    number = arrow.array(values)
    for cells in (
        number,
        number.cast(arrow.float32()),
        number.cast(arrow.decimal128(20, 2)),
        number.dictionary_encode(),
        arrow.array(["5.0e-1", "1", "1.5", "0.10"]),
    ):
        path = tmp_path / "p.parquet"
        parquet.write_table(arrow.table({"id": [0, 1, 2, 3], "prediction": cells}), path)
        assert shown(load(path, data)) == [(name, name) for name in ("0.5", "1", "1.5", "0.1")]
    lines = "".join(json.dumps({"id": i, "prediction": value}) + "\n" for i, value in enumerate(values))
    assert shown(load(folder.write("p.jsonl", lines), data))[3] == ("0.1", "0.1")


def test_two_spellings_of_a_number_in_one_column_are_noted(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once a column, in whatever block the second one stands. Columns may differ, and True is no number."""
    monkeypatch.setattr(csv_table, "BLOCK_BYTES", 64)
    rows = ["1.1,1.10,2", *["1,1,x"] * 40, "1.10,1.10,2.0", "True,true,x", "true,true,x", "1.100,1.10,2.00"]
    examples = folder.read("p.csv", "\n".join(["label,prediction,size", *rows]), slices=("size",))
    assert examples.notes == (
        "1.1 and 1.10, in the 'label' of p.csv, are one number and so one label: "
        "if they are names, write them with a letter, v1.1",
        "2 and 2.0, in the 'size' of p.csv, are one number and so one label: "
        "if they are names, write them with a letter, v2",
    )
    assert examples.labels == ("1", "1.1", "true")


@pytest.mark.parametrize("kind", [arrow.decimal128(20, 2), arrow.dictionary(arrow.int8(), arrow.float64())])
def test_numbers_of_a_regression(tmp_path: Path, kind: Any) -> None:
    values = arrow.array([0.5, 1.0, 1.5])
    cells = values.dictionary_encode() if arrow.types.is_dictionary(kind) else values.cast(kind)
    path = tmp_path / "p.parquet"
    parquet.write_table(arrow.table({"label": cells, "prediction": cells}), path)
    assert load(path, task="regression").label.tolist() == [0.5, 1.0, 1.5]


def test_unused_categories_are_neither_classes_nor_slices(tmp_path: Path) -> None:
    """As pandas keeps them of a table that was filtered: in each block of rows, whatever its dictionary."""
    unused = [f"unused {index}" for index in range(MOST_SLICES + 1)]

    def categories(used: list[str]) -> Any:
        names = ["", *unused, *sorted(set(used))]
        return arrow.DictionaryArray.from_arrays([names.index(one) for one in used], names)

    label, site = ["b", "a", "b", "a"], ["rome", "oslo", "rome", "rome"]
    columns = {"label": categories(label), "prediction": categories(label), "site": categories(site)}
    path = tmp_path / "p.parquet"
    parquet.write_table(arrow.table({**columns, "score": [0.9, 0.1, 0.8, 0.2]}), path)
    gates = tuple((gate, Place("x")) for gate in ("accuracy >= 0.5 on every site", "auc >= 0.5"))
    found = evaluate(Request(path, gates=gates, confidence="point"))
    assert [len(gate.checks) for gate in found.gates] == [2, 1]
    assert found.judgement.verdict == "pass"
    assert found.confusion == Confusion(("a", "b"), ((2, 0), (0, 2)))


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_labels_that_contradict_each_other(folder: Folder, task: str) -> None:
    """Of the baseline, and of the candidate beside its data: joined by id, and where there are some."""
    data = folder.write("data.csv", "id,label\na,1\nb,2\nc,30\n")
    rows = "id,label,prediction\nc,{},30\nb,{},2\na,1.0,1\n"
    same = folder.write("same.csv", rows.format("30", "2.0"))
    other = folder.write("other.csv", rows.format("3", "2"))
    with_gaps = folder.write("gaps.csv", rows.format("", "2"))
    for good in (same, with_gaps):
        assert load(good, data, {"old": good}, task=task).n == 3
        assert load(same, None, {"old": good}, task=task).n == 3
    for arguments in ((other, data), (same, data, {"old": other}), (same, None, {"old": other})):
        with pytest.raises(BadInput, match=r"1 of 3 labels are not those of .*: of id 'c' '?3'?, not '?30'?"):
            load(*arguments, task=task)
    # What is not the column of labels says nothing of them.
    renamed = Columns(prediction="label")
    assert load(other, data, columns=renamed, task=task).n == 3


def test_labels_that_contradict_each_other_in_order(folder: Folder) -> None:
    data = folder.write("data.csv", "label\na\nb\n")
    with pytest.raises(BadInput, match=r"2 of 2 labels .*: of row 1 'b', not 'a'"):
        load(folder.write("p.csv", "label,prediction\nb,a\na,b\n"), data)


def test_labels_of_fewer_bits_are_the_same(tmp_path: Path, folder: Folder) -> None:
    data = folder.write("data.csv", "label\n0.1\n0.7\n")
    path = tmp_path / "p.parquet"
    label = arrow.array([0.1, 0.7], arrow.float32())
    parquet.write_table(arrow.table({"label": label, "prediction": label}), path)
    assert load(path, data, task="regression").n == 2
