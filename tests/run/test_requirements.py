from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.errors import BadInput
from seatrial.run import requirements
from seatrial.store import trees
from seatrial.store.store import Store


def resolve(store: Store, folder: Path, **contents: str) -> str:
    for name, content in contents.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return requirements.resolve(store, trees.ingest(store, folder), "r.txt")


def test_includes_stand_in_their_place(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    text = resolve(
        store,
        folder,
        r_txt="numpy==2.4.6  \n-r sub/more.txt # why\n--constraint=c.txt\nscipy\n",
        sub__more_txt="-r ../last.txt\npandas",
        last_txt="# a comment\n",
        c_txt="six<2\n",
    )
    assert text == "numpy==2.4.6\n# a comment\npandas\n#constraint: six<2\nscipy\n"
    assert requirements.split(text) == ("numpy==2.4.6\n# a comment\npandas\nscipy\n", "six<2\n")


def test_what_constraints_include_are_constraints(store: Store, tmp_path: Path) -> None:
    text = resolve(store, tmp_path / "f", r_txt="-c c.txt\n", c_txt="-r d.txt\n-c d.txt\n", d_txt="x<1\n")
    assert text == "#constraint: x<1\n#constraint: x<1\n"


@pytest.mark.parametrize(
    "line",
    [
        "-e .",
        "--editable=./x",
        "./pkg",
        "../pkg[extra]",
        ".",
        "/opt/p.whl",
        "file:///x",
        ".[dev]",
        "tiny @ file:///opt/tiny-1.0-py3-none-any.whl",
        "tiny[extra]@file:tiny",
        "wheels/tiny-1.0-py3-none-any.whl",
        "tiny-1.0.tar.gz ; python_version > '3'",
        "--find-links wheels",
        "-f ./wheels",
        "--find-links=../wheels",
    ],
)
def test_local_paths_are_refused_with_their_place(store: Store, tmp_path: Path, line: str) -> None:
    with pytest.raises(BadInput, match="is a local path") as error:
        resolve(store, tmp_path / "f", r_txt=f"numpy\n{line}\n")
    assert str(error.value.place) == "r.txt:2:1"


@pytest.mark.parametrize(
    "line",
    [
        "tiny @ https://example.org/tiny-1.0-py3-none-any.whl",
        "https://example.org/tiny-1.0.tar.gz",
        "--find-links https://example.org/wheels",
        "-f/srv/wheels",
        "--find-links=~/wheels",
        "--find-links ${WHEELS}",
        "tiny.zipper==1.0",
        "tiny==1.0  # not tiny.zip",
    ],
)
def test_what_is_the_same_from_every_folder_is_none_of_them(store: Store, tmp_path: Path, line: str) -> None:
    assert resolve(store, tmp_path / "f", r_txt=f"{line}\n") == f"{line}\n"


def test_variables_are_those_that_pip_knows() -> None:
    assert requirements.variables("a==${A_1}\n# $B ${c} ${A_1}\n${D}") == ("A_1", "D")


def test_circles_and_missing_files(store: Store, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"include themselves: r\.txt → a\.txt"):
        resolve(store, tmp_path / "f", r_txt="-r a.txt", a_txt="-r ./r.txt")
    with pytest.raises(BadInput, match=r"no file '../b.txt' of requirements"):
        resolve(store, tmp_path / "g", r_txt="-r ../b.txt")


def test_text_that_is_none(store: Store, tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_bytes(b"\xff")
    tree = trees.ingest(store, tmp_path, ["r.txt"])
    with pytest.raises(BadInput, match="not a text in UTF-8"):
        requirements.resolve(store, tree, "r.txt")
