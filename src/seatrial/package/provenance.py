"""What is said about a package, by referrers of its digest: where it came from, and how it was judged.

Both are in-toto statements: SLSA provenance (https://slsa.dev/provenance/v1) and a test result
(https://in-toto.io/attestation/test-result/v0.1). They name times and runs, which a package must not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from seatrial import __version__
from seatrial.errors import BadInput
from seatrial.named_tuple import NamedTuple
from seatrial.package import manifest
from seatrial.store import blobs, layout
from seatrial.store.store import Store
from seatrial.system import clock
from seatrial.system import digest as digests

STATEMENT = "https://in-toto.io/Statement/v1"
PROVENANCE = "https://slsa.dev/provenance/v1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
IN_TOTO = "application/vnd.in-toto+json"
BUILD_TYPE = "https://github.com/seatrial/seatrial/blob/main/docs/reference/package.md#provenance"
BUILDER = "https://github.com/seatrial/seatrial"

_PREDICATE_TYPE = "in-toto.io/predicate-type"
_EMPTY_TYPE = "application/vnd.oci.empty.v1+json"
_EMPTY = b"{}"

Json = dict[str, Any]
# (what it is, its digest): ("data data/test.csv", "sha256:…").
Materials = tuple[tuple[str, str], ...]


class Origin(NamedTuple):
    """Where a package came from. `keys` are those of the stages before it: (name, key)."""

    project: str
    pipeline: str
    source: str  # the remote, or the folder of the checkout
    commit: str
    tree: str
    dirty: bool
    run: str
    stage: str
    keys: tuple[tuple[str, str], ...] = ()
    materials: Materials = ()
    started: float = 0.0
    finished: float = 0.0


class Attestation(NamedTuple):
    """`digest` is that of the referrer; `predicate` is what it says."""

    digest: str
    predicate_type: str
    predicate: Json


def provenance(package: str, origin: Origin) -> Json:
    """The statement of where a package came from."""
    commit = {"uri": f"git+{origin.source}", "digest": {"gitCommit": origin.commit}}
    predicate = {
        "buildDefinition": {
            "buildType": BUILD_TYPE,
            "externalParameters": {
                "project": origin.project,
                "pipeline": origin.pipeline,
                "stage": origin.stage,
                "source": commit["uri"],
            },
            "internalParameters": {"tree": origin.tree, "dirty": origin.dirty, "keys": dict(origin.keys)},
            "resolvedDependencies": [*([commit] if origin.commit else []), *_described(origin.materials)],
        },
        "runDetails": {
            "builder": {"id": BUILDER, "version": {"seatrial": __version__}},
            "metadata": {
                "invocationId": origin.run,
                "startedOn": clock.iso(origin.started),
                "finishedOn": clock.iso(origin.finished),
            },
        },
    }
    return _statement(package, PROVENANCE, predicate)


def test_result(package: str, project: str, verdict: Mapping[str, Any], materials: Materials) -> Json:
    """The statement of how a project judged a package, which others may have too. `verdict` is the record of
    the evaluation, kept whole."""
    gates = {str(gate["gate"]): str(gate["verdict"]) for gate in verdict["gates"]}
    results = {"pass": "PASSED", "fail": "FAILED", "error": "FAILED"}
    predicate = {
        "project": project,
        "result": results.get(str(verdict["verdict"]), "WARNED"),
        "configuration": _described(materials),
        "passedTests": _of(gates, "PASSED", results),
        "warnedTests": _of(gates, "WARNED", results),
        "failedTests": _of(gates, "FAILED", results),
        "verdict": dict(verdict),
    }
    return _statement(package, TEST_RESULT, predicate)


def attach(store: Store, statement: Json) -> str:
    """Make a statement a referrer of the package it speaks of; the same statement twice is one.

    Returns the referrer's digest. Raises blobs.Missing when the package is not in the store.
    """
    package = "sha256:" + statement["subject"][0]["digest"]["sha256"]
    content = _text(statement)
    layer = {
        "mediaType": IN_TOTO,
        "digest": blobs.add_bytes(store, content),
        "size": len(content),
        "annotations": {_PREDICATE_TYPE: statement["predicateType"]},
    }
    referrer = {
        "schemaVersion": 2,
        "mediaType": manifest.MANIFEST_TYPE,
        "artifactType": IN_TOTO,
        "config": {"mediaType": _EMPTY_TYPE, "digest": blobs.add_bytes(store, _EMPTY), "size": len(_EMPTY)},
        "layers": [layer],
        "subject": {
            "mediaType": manifest.MANIFEST_TYPE,
            "digest": package,
            "size": blobs.size(store, package),
        },
        "annotations": {_PREDICATE_TYPE: statement["predicateType"]},
    }
    text = _text(referrer)
    digest = digests.of_bytes(text)
    if any(one.digest == digest for one in layout.referrers(store, package)):
        return digest
    return layout.put_manifest(store, text, durable=True)


def attestations(store: Store, package: str, predicate_type: str = "") -> list[Attestation]:
    """What is said about a package, all or of one type, the oldest first.

    A referrer that does not speak of this package is left out: anybody can write one.
    """
    found = [_read(store, one.digest, package) for one in layout.referrers(store, package, IN_TOTO)]
    return [one for one in found if one is not None and predicate_type in ("", one.predicate_type)]


def told(one: Attestation) -> str:
    """What an attestation says, in a line; its type where that is none of ours."""
    said = one.predicate
    if one.predicate_type == PROVENANCE:
        run = _at(said, "runDetails", "metadata", "invocationId")
        stage = _at(said, "buildDefinition", "externalParameters", "stage")
        project = _at(said, "buildDefinition", "externalParameters", "project")
        at = _at(said, "runDetails", "metadata", "finishedOn")
        return f"made by run {run} of {project}, stage {stage}, {at}"
    if one.predicate_type == TEST_RESULT:
        verdict, reason = _at(said, "verdict", "verdict"), _at(said, "verdict", "reason")
        return f"verdict {verdict} of {_at(said, 'project')}: {reason}"
    return one.predicate_type


def _at(value: object, *path: str) -> str:
    """What stands at a path in a statement, which anybody may have written; "?" where nothing does."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) and value else "?"


def _read(store: Store, referrer: str, package: str) -> Attestation | None:
    try:
        body = layout.parse(blobs.read(store, referrer), referrer)
        layers = [digest for digest, _size, kind in layout.described(body, referrer) if kind == IN_TOTO]
        statement = layout.parse(blobs.read(store, layers[0]), referrer) if layers else {}
    except (BadInput, blobs.Missing):
        return None
    if statement.get("_type") != STATEMENT or not _speaks_of(statement, package):
        return None
    predicate = statement.get("predicate")
    if not isinstance(predicate, dict):
        return None
    return Attestation(referrer, str(statement.get("predicateType")), predicate)


def _speaks_of(statement: Json, package: str) -> bool:
    subjects = statement.get("subject")
    wanted = {"sha256": package.removeprefix("sha256:")}
    return isinstance(subjects, list) and any(
        isinstance(one, dict) and one.get("digest") == wanted for one in subjects
    )


def _statement(package: str, predicate_type: str, predicate: Json) -> Json:
    subject = [{"name": "package", "digest": {"sha256": package.removeprefix("sha256:")}}]
    return {"_type": STATEMENT, "subject": subject, "predicateType": predicate_type, "predicate": predicate}


def _described(materials: Materials) -> list[Json]:
    return [
        {"name": name, "digest": {"sha256": digest.removeprefix("sha256:")}} for name, digest in materials
    ]


def _of(gates: Mapping[str, str], result: str, results: Mapping[str, str]) -> list[str]:
    return [gate for gate, verdict in gates.items() if results.get(verdict, "WARNED") == result]


def _text(value: Json) -> bytes:
    return json.dumps(value, indent=2, sort_keys=True).encode()
