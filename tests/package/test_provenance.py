from __future__ import annotations

import json
from pathlib import Path

import pytest

from seatrial.package.build import build, model_files
from seatrial.package.contents import PackageContents
from seatrial.package.provenance import (
    PROVENANCE,
    TEST_RESULT,
    Attestation,
    Origin,
    attach,
    attestations,
    provenance,
    told,
)
from seatrial.package.provenance import (
    test_result as result_of,
)
from seatrial.store import blobs, layout, trees
from seatrial.store.export import export_layout
from seatrial.store.store import Store

ORIGIN = Origin(
    project="shop",
    pipeline="seatrial.yaml",
    source="https://forge/shop.git",
    commit="c" * 40,
    tree="t" * 40,
    dirty=False,
    run="r-1",
    stage="package",
    keys=(("train", "sha256:" + "1" * 64),),
    materials=(("data data/test.csv", "sha256:" + "2" * 64),),
    started=1777817220.0,
    finished=1777817221.0,
)
VERDICT = {
    "verdict": "fail",
    "reason": "accuracy >= 0.8: 0.7",
    "gates": [
        {"gate": "accuracy >= 0.8", "verdict": "fail"},
        {"gate": "f1 >= 0.5", "verdict": "pass"},
        {"gate": "f1 >= production", "verdict": "not applicable"},
    ],
}


@pytest.fixture
def package(store: Store, tmp_path: Path) -> str:
    (tmp_path / "f/model").mkdir(parents=True)
    (tmp_path / "f/model/w").write_text("w")
    tree = trees.ingest(store, tmp_path / "f")
    return build(store, PackageContents("model", model_files(tree, "model")), name="shop/model")


def test_provenance_is_a_statement_of_slsa(package: str) -> None:
    statement = provenance(package, ORIGIN)
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == "https://slsa.dev/provenance/v1"
    assert statement["subject"] == [{"name": "package", "digest": {"sha256": package[7:]}}]
    definition, details = statement["predicate"]["buildDefinition"], statement["predicate"]["runDetails"]
    assert definition["resolvedDependencies"] == [
        {"uri": "git+https://forge/shop.git", "digest": {"gitCommit": "c" * 40}},
        {"name": "data data/test.csv", "digest": {"sha256": "2" * 64}},
    ]
    assert details["metadata"] == {
        "invocationId": "r-1",
        "startedOn": "2026-05-03T14:07:00Z",
        "finishedOn": "2026-05-03T14:07:01Z",
    }


def test_a_verdict_is_a_test_result(package: str) -> None:
    predicate = result_of(package, "shop", VERDICT, (("data", "sha256:" + "2" * 64),))["predicate"]
    assert predicate == {
        "project": "shop",
        "result": "FAILED",
        "configuration": [{"name": "data", "digest": {"sha256": "2" * 64}}],
        "passedTests": ["f1 >= 0.5"],
        "warnedTests": ["f1 >= production"],
        "failedTests": ["accuracy >= 0.8"],
        "verdict": VERDICT,
    }


def test_statements_are_found_by_the_package_and_go_where_it_goes(
    store: Store, package: str, tmp_path: Path
) -> None:
    first = attach(store, provenance(package, ORIGIN))
    attach(store, result_of(package, "shop", VERDICT, ()))
    assert attach(store, provenance(package, ORIGIN)) == first, "twice is once"
    assert [one.predicate_type for one in attestations(store, package)] == [PROVENANCE, TEST_RESULT]
    (made,) = attestations(store, package, PROVENANCE)
    assert made.predicate == provenance(package, ORIGIN)["predicate"]
    export_layout(store, package, tmp_path / "out")
    listed = layout.from_json((tmp_path / "out" / "index.json").read_bytes())
    assert [one.subject for one in listed] == ["", package, package]


def test_what_an_attestation_says_in_a_line() -> None:
    made = Attestation("", PROVENANCE, provenance("sha256:1", ORIGIN)["predicate"])
    assert told(made).startswith(f"made by run {ORIGIN.run} of shop, stage {ORIGIN.stage}, ")
    verdict = {"verdict": "fail", "reason": "accuracy >= 0.9: 0.5, bar 0.9", "gates": []}
    judged = Attestation("", TEST_RESULT, result_of("sha256:1", "shop", verdict, ())["predicate"])
    assert told(judged) == "verdict fail of shop: accuracy >= 0.9: 0.5, bar 0.9"


@pytest.mark.parametrize("predicate", [{}, {"verdict": 3}, {"verdict": {"verdict": [], "reason": {}}}])
def test_what_others_have_attested_may_lack_anything(predicate: dict[str, object]) -> None:
    assert told(Attestation("", TEST_RESULT, predicate)) == "verdict ? of ?: ?"
    assert told(Attestation("", PROVENANCE, predicate)) == "made by run ? of ?, stage ?, ?"
    assert told(Attestation("", "https://example.com/sbom", predicate)) == "https://example.com/sbom"


def test_the_referrer_is_an_artifact_with_a_subject(store: Store, package: str) -> None:
    body = json.loads(blobs.read(store, attach(store, provenance(package, ORIGIN))))
    assert body["artifactType"] == "application/vnd.in-toto+json"
    assert body["config"]["mediaType"] == "application/vnd.oci.empty.v1+json"
    assert (
        body["config"]["digest"] == "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    )
    assert body["subject"]["digest"] == package
    assert body["layers"][0]["annotations"] == {"in-toto.io/predicate-type": PROVENANCE}


@pytest.mark.parametrize(
    "said", [b"{}", b"[]", b'{"_type": "https://in-toto.io/Statement/v1", "subject": [3]}']
)
def test_a_referrer_that_speaks_of_something_else_is_left_out(
    store: Store, package: str, said: bytes
) -> None:
    body = json.loads(blobs.read(store, attach(store, provenance(package, ORIGIN))))
    body["layers"][0] |= {"digest": blobs.add_bytes(store, said), "size": len(said)}
    layout.put_manifest(store, json.dumps(body).encode())
    assert len(layout.referrers(store, package)) == 2
    assert len(attestations(store, package)) == 1


def test_a_statement_of_nothing_is_not_attached(store: Store) -> None:
    with pytest.raises(blobs.Missing):
        attach(store, provenance("sha256:" + "0" * 64, ORIGIN))
