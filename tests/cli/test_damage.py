"""Contents that are damaged or gone: found, said with one exit code, and made again by the next run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from seatrial.errors import BAD_INPUT, OUR_FAULT, PASSED, REFUSED
from tests.cli.terminal import seatrial
from tests.conftest import Repository

pytestmark = pytest.mark.slow

SHOP = """\
project: shop
model: ranker
stages:
  train: {run: mkdir model && cp in.txt model/weights.onnx, inputs: [in.txt], outputs: [model/]}
  package: {package: model/, include: [serve.py], serve: python serve.py}
environments:
  production: {target: process, address: "127.0.0.1:1", from: [main]}
"""


@pytest.fixture
def shop(home: Path, repository: Callable[..., Repository]) -> Repository:
    """A repository whose run has made a package."""
    made = repository()
    made.write("seatrial.yaml", SHOP)
    made.write("in.txt", "the weights\n")
    made.write("serve.py", "print()\n")
    made.commit("first")
    assert seatrial("run", folder=made.folder).code == PASSED
    return made


def lose(home: Path, content: bytes) -> str:
    from hashlib import sha256

    digits = sha256(content).hexdigest()
    (home / "store/blobs/sha256" / digits).unlink()
    return f"sha256:{digits}"


def test_a_content_that_is_gone_is_found_and_made_again(shop: Repository, home: Path) -> None:
    assert seatrial("cache", "verify", folder=shop.folder).code == PASSED
    digest = lose(home, b"the weights\n")
    ended = seatrial("cache", "verify", "--json", folder=shop.folder)
    assert ended.code == REFUSED
    found = json.loads(ended.out)
    assert found["damaged"] == []
    assert [(one["kind"], one["name"], one["digests"]) for one in found["lost"]] == [
        ("package", "shop/ranker", [digest]),
        ("result", "shop: train", [digest]),
        ("result", "shop: package", [digest]),
    ]
    assert seatrial("package", "verify", "shop", folder=shop.folder).code == REFUSED
    assert "2 ran" in seatrial("run", folder=shop.folder).out
    assert seatrial("cache", "verify", folder=shop.folder).code == PASSED
    assert seatrial("package", "verify", "shop", folder=shop.folder).code == PASSED


@pytest.mark.parametrize("part", ["manifest", "config", "layer"])
def test_every_part_of_a_package_is_missed(shop: Repository, home: Path, part: str) -> None:
    digest = json.loads(seatrial("package", "show", "shop", "--json", folder=shop.folder).out)["digest"]
    body = json.loads((home / "store/blobs/sha256" / digest[7:]).read_bytes())
    lost = {"manifest": digest, "config": body["config"]["digest"], "layer": body["layers"][0]["digest"]}[
        part
    ]
    (home / "store/blobs/sha256" / lost[7:]).unlink()
    ended = seatrial("cache", "verify", folder=shop.folder)
    assert ended.code == REFUSED
    assert lost in ended.out


def test_what_is_said_about_a_package_is_missed_and_said_again(shop: Repository, home: Path) -> None:
    def shown() -> list[dict[str, str]]:
        told = json.loads(seatrial("package", "show", "shop", "--json", folder=shop.folder).out)
        referrers: list[dict[str, str]] = told["referrers"]
        return referrers

    [referrer] = shown()
    assert referrer["says"].startswith("made by run ")
    body = json.loads((home / "store/blobs/sha256" / referrer["digest"][7:]).read_bytes())
    lost = body["layers"][0]["digest"]
    (home / "store/blobs/sha256" / lost[7:]).unlink()
    assert shown()[0]["says"] == "is damaged, or does not speak of this package"
    assert seatrial("package", "verify", "shop", folder=shop.folder).code == REFUSED
    ended = seatrial("cache", "verify", folder=shop.folder)
    assert (ended.code, lost in ended.out) == (REFUSED, True)
    assert "1 ran" in seatrial("run", folder=shop.folder).out
    assert seatrial("cache", "verify", folder=shop.folder).code == PASSED
    assert seatrial("package", "verify", "shop", folder=shop.folder).code == PASSED
    assert [one["says"].startswith("made by run ") for one in shown()] == [True]
    assert seatrial("package", "export", "shop", "out.tar", folder=shop.folder).code == PASSED


@pytest.mark.parametrize(
    "words",
    [
        ("package", "show", "shop/ranker"),
        ("package", "export", "shop/ranker", "out.tar"),
        ("package", "verify", "shop/ranker"),
        ("release", "shop/ranker", "--first"),
        ("release", "--first"),
    ],
    ids=" ".join,
)
def test_a_damaged_package_is_refused_with_one_code(
    shop: Repository, home: Path, words: tuple[str, ...]
) -> None:
    lose(home, b"the weights\n")
    ended = seatrial(*words, folder=shop.folder)
    assert ended.code == REFUSED
    assert "model/weights.onnx" in ended.out + ended.err
    assert not (shop.folder / "out.tar").exists()


def test_a_content_that_was_changed_is_refused_when_it_is_exported(shop: Repository, home: Path) -> None:
    from hashlib import sha256

    blob = home / "store/blobs/sha256" / sha256(b"the weights\n").hexdigest()
    blob.chmod(0o644)
    blob.write_bytes(b"other ones!\n")
    ended = seatrial("package", "export", "shop", "out", folder=shop.folder)
    assert (ended.code, (shop.folder / "out").exists()) == (REFUSED, False)
    assert "`seatrial cache verify`" in ended.err


@pytest.mark.parametrize("word", ["shop", "ranker", "shop/ranker"])
def test_a_package_is_named_as_a_person_would(shop: Repository, word: str) -> None:
    shown = seatrial("package", "show", word, "--json", folder=shop.folder)
    assert shown.code == PASSED
    digest = json.loads(shown.out)["digest"]
    again = seatrial("package", "show", digest[7:15], "--json", folder=shop.folder)
    assert json.loads(again.out)["digest"] == digest


def test_a_word_that_names_no_package_is_told_the_nearest(shop: Repository) -> None:
    ended = seatrial("package", "show", "shop/rankr", folder=shop.folder)
    assert ended.code == BAD_INPUT
    assert "did you mean shop/ranker?" in ended.err


@pytest.mark.parametrize("days", ["-3", "nan", "inf", "soon"])
def test_an_age_that_is_none_is_refused(shop: Repository, days: str) -> None:
    ended = seatrial("cache", "collect", "--older-than", days, folder=shop.folder)
    assert ended.code == BAD_INPUT
    assert "is not a number of days" in ended.err
    assert "nothing to do" in seatrial("run", folder=shop.folder).out


def test_an_age_goes_with_collecting_alone(shop: Repository) -> None:
    assert seatrial("cache", "--older-than", "3", folder=shop.folder).code == BAD_INPUT


def examined(folder: Path, part: str) -> tuple[str, str]:
    """What the doctor says of a part: its state, and all of its words."""
    parts = json.loads(seatrial("doctor", "--json", folder=folder).out)["parts"]
    found = next(one for one in parts if one["name"] == part)
    return found["state"], f"{found['detail']} {found['hint']}"


def test_a_damaged_index_of_the_store_is_named(shop: Repository, home: Path) -> None:
    assert examined(shop.folder, "store") == ("good", "1 package with a name ")
    index = home / "store/index.json"
    index.write_text('{"manifests": [{"digest": "sha256:0')
    state, said = examined(shop.folder, "store")
    assert (state, "damaged: index.json is not JSON" in said, str(index) in said) == ("bad", True, True)
    ended = seatrial("package", "show", "shop", folder=shop.folder)
    assert (ended.code, "see `seatrial doctor`" in ended.err) == (OUR_FAULT, True)
    index.unlink()  # as the doctor says
    assert seatrial("run", "--fresh", folder=shop.folder).code == PASSED
    assert examined(shop.folder, "store") == ("good", "1 package with a name ")


def test_an_index_that_is_gone_is_made_again(shop: Repository, home: Path) -> None:
    (home / "store/index.json").unlink()
    state, said = examined(shop.folder, "store")
    assert (state, "its index is gone, and the journal knows packages" in said) == ("bad", True)
    assert seatrial("package", "export", "shop", "out", folder=shop.folder).code == REFUSED
    assert seatrial("cache", "verify", folder=shop.folder).code == REFUSED  # as the doctor says
    assert "1 ran" in seatrial("run", folder=shop.folder).out
    assert examined(shop.folder, "store") == ("good", "1 package with a name ")
    assert seatrial("cache", "verify", folder=shop.folder).code == PASSED


@pytest.mark.parametrize(
    "lose_journal", [lambda path: path.write_bytes(b""), Path.unlink], ids=["empty", "gone"]
)
def test_a_journal_that_was_lost_is_not_begun_anew(
    shop: Repository, home: Path, lose_journal: Callable[[Path], object]
) -> None:
    lose_journal(home / "journal.db")
    before = sorted((path.name, path.stat().st_size) for path in home.iterdir())
    for words in ("run", "status", "history", "package show shop"):
        ended = seatrial(*words.split(), folder=shop.folder)
        said = "journal.db is gone or empty, and the store beside it is not"
        assert (ended.code, said in ended.err) == (OUR_FAULT, True), ended
    assert sorted((path.name, path.stat().st_size) for path in home.iterdir()) == before
    assert examined(shop.folder, "journal")[0] == "bad"
    (home / "store").rename(home / "elsewhere")  # as the hint says
    assert "2 ran" in seatrial("run", folder=shop.folder).out
