"""Inputs that are as they should be, for the fuzzer to begin with, where no file of ours holds them."""

from __future__ import annotations

import gzip
import json
import pickle
import tempfile
import zlib
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow
from pyarrow import parquet

from seatrial.package import manifest
from seatrial.run import junit
from tests.fuzz import evaluation
from tests.package.joblib_files import BEHIND_AN_ARRAY, CLEAN, INSIDE_AN_ARRAY
from tests.package.test_manifest import CONTENTS
from tests.store.test_transfer import as_tar, package_files


def pickles() -> list[bytes]:
    value = {"a": [1, 2.5, (3, None)], "b": {1, 2}, "c": np.arange(3.0), "d": "x"}
    plain = [pickle.dumps(value, protocol) for protocol in range(6)]
    return [*plain, CLEAN, BEHIND_AN_ARRAY, INSIDE_AN_ARRAY, zlib.compress(CLEAN)]


def gates() -> list[bytes]:
    """What is fuzzed of predictions is judged by these, too."""
    more = ("f1(micro) > 78%", 'recall("a b") >= stable * 0.9 + 2pp on every domain', "latency_p95 <= 250ms")
    return [gate.encode() for gate in (*chain(*evaluation.GATES.values()), *more, "rmse <= 1 on a = 'b'")]


def predictions() -> list[bytes]:
    """A file of each format for each task, behind the byte that chooses both."""
    rows = {
        "classification": [{"id": n, "label": "ab"[n % 2], "prediction": "aab"[n % 3]} for n in range(6)],
        "regression": [{"id": n, "label": n * 1.5, "prediction": n * 1.25} for n in range(6)],
    }
    return [
        bytes([number + len(evaluation.FORMATS) * evaluation.TASKS.index(task)]) + written(rows[task], ending)
        for task in rows
        for number, ending in enumerate(evaluation.FORMATS)
    ]


def written(rows: list[dict[str, object]], ending: str) -> bytes:
    """A table as the bytes of a file of that name."""
    if ending.endswith(".gz"):
        return gzip.compress(written(rows, ending.removesuffix(".gz")), mtime=0)
    if ending == ".parquet":
        parquet.write_table(pyarrow.Table.from_pylist(rows), sink := pyarrow.BufferOutputStream())
        return sink.getvalue().to_pybytes()
    if ending == ".csv":
        lines = [",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)]
    else:
        lines = [json.dumps(row) for row in rows]
    return "".join(f"{line}\n" for line in lines).encode()


def layouts() -> list[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        return [as_tar(package_files(), Path(folder) / "package.tar").read_bytes()]


def manifests() -> list[bytes]:
    written = manifest.write(CONTENTS)
    return [written.manifest + b"\0" + written.configuration]


def reports() -> list[bytes]:
    failed = '<failure message="s3cret-value">no</failure>'
    cases = (
        f'<testcase classname="a.b" name="c" time="1.5">{failed}</testcase><testcase><skipped/></testcase>'
    )
    return [f"<{root}>{cases}</{root}>".encode() for root in junit._ROOTS]


def requests() -> list[bytes]:
    return [
        b'{"method": "POST", "path": "/a?b=1", "headers": {"x-a": "b"}, "body": {"c": [1]}}\n{"path": "/"}\n'
    ]


def labels() -> list[bytes]:
    lines = b'{"id": "4f2a", "label": "positive"}\n{"id": "5", "label": 1.0, "prediction": "a"}\n'
    return [lines, b'[{"id": "4f2a", "label": true}]']


def log_lines() -> list[bytes]:
    return [
        b"1767225600\tp/e/1\t200\t-\t-\t1234\t4f2a\tpositive\tu1\n1767225601\tp/e/2\t503\tUC\t2\t-\t-\t-\t-\n"
    ]


def pointers() -> list[bytes]:
    head = b"version https://git-lfs.github.com/spec/v1\next-0-a sha256:1\n"
    return [head + b"oid sha256:" + b"0" * 64 + b"\nsize 123\n"]
