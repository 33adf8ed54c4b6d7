"""Inputs that are as they should be, for the fuzzer to begin with, where no file of ours holds them."""

from __future__ import annotations

import gzip
import json
import pickle
import zlib
from itertools import chain

import numpy as np
import pyarrow
from pyarrow import parquet

from seatrial.package import manifest, provenance
from seatrial.run import junit
from seatrial.store import layout, trees
from tests.fuzz import evaluation
from tests.package.joblib_files import BEHIND_AN_ARRAY, CLEAN, INSIDE_AN_ARRAY
from tests.package.test_manifest import CONTENTS


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


def indexes() -> list[bytes]:
    said = {layout.TAG: "shop/reviews", layout.SUBJECT: "sha256:" + "b" * 64}
    return [layout.to_json([layout.Descriptor(layout.MANIFEST, "sha256:" + "a" * 64, 7, "kind", said)])]


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


def secrets() -> list[bytes]:
    return [b"# of the registry\nexport TOKEN=abcd1234\nKEY=\"first\\nsecond\"\n\nOTHER = 'x y z'\n"]


def requirements() -> list[bytes]:
    return [
        b"-r more.txt\n-c more.txt\nnumpy==2.1 ; python_version > '3.9' # why\n--no-index\n\0scipy >= 1\n"
    ]


def file_trees() -> list[bytes]:
    digest = "sha256:" + "0" * 64
    return [
        trees.encode((trees.Entry("a/b.txt", trees.FILE, digest, 3), trees.Entry("c", trees.LINK, "a", 0)))
    ]


def statements() -> list[bytes]:
    package = "sha256:" + "0" * 64
    verdict = {"gates": [{"gate": "accuracy >= 0.5", "verdict": "pass"}], "verdict": "pass", "reason": "so"}
    origin = provenance.Origin("p", "seatrial.yaml", "/x", "1" * 40, "2" * 40, False, "7", "package")
    made = (provenance.test_result(package, "p", verdict, ()), provenance.provenance(package, origin))
    return [json.dumps(one).encode() for one in made]


def conversations() -> list[bytes]:
    post = b"POST / HTTP/1.1\r\nhost: a\r\n"
    return [
        post + b'content-length: 17\r\n\r\n{"prediction": 1}' + b"GET /health HTTP/1.1\r\nhost: a\r\n\r\n",
        post + b"transfer-encoding: chunked\r\n\r\n3;a=b\r\n[1]\r\n0\r\nx: y\r\n\r\n",
        b"HEAD / HTTP/1.0\r\n\r\n",
    ]


def conditions() -> list[bytes]:
    return [
        b"branch == main and not (tag =~ v* or $DEPLOY != 'y e s') or changes [src/**, \"a b\"]",
        b'branch matches "^v[0-9]+$" and event == push and branch like MAIN',
    ]


def travis_conditions() -> list[bytes]:
    return [
        b"branch = main AND NOT (tag =~ ^v OR type IN (push, api)) OR env(DEPLOY) IS present",
        b"concat(branch, '-', env(X)) !~ /^(a|b)\\/c$/ || sender != \"x y\" && fork IS NOT true",
    ]


def patterns() -> list[bytes]:
    pairs = ("src/**/*.py\0src/a/b.py", "[!a-c]?.t*t\0dx.text", "**\0a", "a/b\0a/b/c")
    return [pair.encode() for pair in pairs]


def quantities() -> list[bytes]:
    return [b"1h30m", b"250ms", b"1.5h", b"5 %", b"2GiB", b"512", b"python a.py 'b c' | tee \"$X\" # d"]


def documents() -> list[bytes]:
    """Behind the byte that chooses the step."""
    parts = "<parent><version>1</version></parent><properties><x>y</x></properties>"
    pom = f"<project><groupId>a</groupId>{parts}</project>"
    texts = (
        '{"a": [1, 2.5e3, null, "x"]}',
        "a: [1, 2.5]\nb: &x {c: 2026-01-02}\n---\n*x\n",
        "a=b\\\n c\n#d\ne : \\u0041",
        pom,
    )
    return [bytes([number]) + text.encode() for number, text in enumerate(texts)]


def java_patterns() -> list[bytes]:
    return [rb"^v(?<major>\d+)\.\k<major>[\p{Alpha}&&[^a-c]]*+\Q.\E(?i:x)$", rb"\h\R\z\bfoo|[a-z[0-9]]{2,3}?"]


def git_answers() -> list[bytes]:
    """The name of a file, and that of a branch."""
    return [b"a b\0main", b"me:token@host/x y.git\0HEAD -> refs/heads/main, tag: refs/tags/v1, refs/heads/x"]


def svn_answers() -> list[bytes]:
    info = (
        '<info><entry kind="dir" path="." revision="3"><url>file:///r/trunk</url><relative-url>^/a%20b</relative-url>'
        "<repository><root>file:///r</root><uuid>u</uuid></repository>"
        '<commit revision="2"><author>me</author><date>2026-01-02T03:04:05.6Z</date></commit></entry></info>'
    )
    told = '<target path="."><property name="svn:externals">^/x@3 y\n# z</property></target>'
    externals = f"<properties>{told}</properties>"
    failed = "svn: warning: W170000: no\nsvn: E200009: Could not\nsvn: E170013: Unable to connect"
    return [info.encode(), externals.encode(), failed.encode()]


def docker_answers() -> list[bytes]:
    container = {"Id": "ab" * 32, "State": {"Running": True, "ExitCode": 0}, "Config": {"User": "1000"}}
    return [json.dumps([container]).encode(), b"[]", b"Error response from daemon: no\nSee 'docker --help'."]


def envoy_answers() -> list[bytes]:
    counters = {"stats": [{"name": "cluster.a.upstream_rq_active", "value": 3}, {"histograms": {}}]}
    dump = {"configs": [{"@type": "type.googleapis.com/x", "name": "a"}]}
    return [json.dumps(one).encode() for one in (counters, dump)]


def prometheus_answers() -> list[bytes]:
    vector = {"resultType": "vector", "result": [{"metric": {}, "value": [1767225600.0, "0.25"]}]}
    scalar = {"resultType": "scalar", "result": [1767225600.0, "0.25"]}
    return [
        *(json.dumps({"status": "success", "data": data}).encode() for data in (vector, scalar)),
        b'{"status": "error", "error": "bad"}',
    ]
