from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import pickle
import sys
import types
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.package import pickles
from tests.package.joblib_files import BEHIND_AN_ARRAY, CLEAN, INSIDE_AN_ARRAY
from tests.properties import examples


class Bad:
    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, ("false",)


def harmful(folder: Path, content: bytes, name: str = "model.pkl") -> tuple[str, ...]:
    path = folder / name
    path.write_bytes(content)
    return pickles.harmful(path)


@pytest.mark.parametrize("protocol", range(6))
def test_plain_values_are_harmless(tmp_path: Path, protocol: int) -> None:
    value = {"a": [1, 2.5, (3, None)], "b": {1, 2}, "c": frozenset([1]), "d": np.arange(3.0), "e": b"x" * 300}
    value["again"] = value["a"]
    assert harmful(tmp_path, pickle.dumps(value, protocol)) == ()


@pytest.mark.parametrize("protocol", range(6))
def test_a_call_is_found_in_every_protocol(tmp_path: Path, protocol: int) -> None:
    assert harmful(tmp_path, pickle.dumps([np.arange(3.0), Bad()], protocol)) == ("posix.system",)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress, zlib.compress])
def test_joblib_is_followed_over_its_arrays_and_through_its_compression(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    assert harmful(tmp_path, pack(CLEAN)) == ()
    assert harmful(tmp_path, pack(BEHIND_AN_ARRAY)) == ("posix.system",)
    assert harmful(tmp_path, pack(INSIDE_AN_ARRAY)) == ("posix.system",)


def test_a_pickle_in_a_zip_is_found(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("model/data.pkl", pickle.dumps(Bad()))
        archive.writestr("model/data/0", b"\0" * 16)
    assert harmful(tmp_path, file.getvalue(), "model.pt") == ("posix.system",)


def zipped(content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model/data.pkl", content)
    return file.getvalue()


PACKS = [zipped, gzip.compress, bz2.compress, lzma.compress, zlib.compress]


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize(
    "content", [pickle.dumps(b"x" * (3 << 16)), b"I" + b"1" * (3 << 16), b"N" * (3 << 16)]
)
def test_no_more_is_unpacked_than_the_limit(
    tmp_path: Path, pack: Callable[[bytes], bytes], content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pickles, "_LARGEST", 1 << 16)
    with pytest.raises(pickles.UnreadableError, match="more than"):
        harmful(tmp_path, pack(content))


def many(content: bytes) -> bytes:
    """A zip with the same pickle twice."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("one.pkl", content)
        archive.writestr("two.pkl", content)
    return file.getvalue()


@pytest.mark.parametrize("pack", [bytes, many])
def test_no_more_opcodes_are_followed_than_the_limit(
    tmp_path: Path, pack: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b"\x80\x04" + b"N0" * 40 + b"N."  # 83 opcodes, with PROTO
    monkeypatch.setattr(pickles, "_MOST", 83 * (2 if pack is many else 1))
    assert harmful(tmp_path, pack(content)) == ()
    monkeypatch.setattr(pickles, "_MOST", pickles._MOST - 1)
    with pytest.raises(pickles.UnreadableError, match="more opcodes than can be looked at"):
        harmful(tmp_path, pack(content))


def test_what_is_nested_twofold_again_and_again_is_not_put_into_words(tmp_path: Path) -> None:
    """As text it would have 2 to the power of 200 parts, though it is 400 bytes long."""
    nested = b"\x80\x04N" + b"2\x86" * 200
    assert harmful(tmp_path, nested + b")R.") == ()
    assert harmful(tmp_path, nested + b")\x81.") == ()


@pytest.mark.parametrize("pack", PACKS)
def test_arrays_are_stepped_over_whatever_the_limit(
    tmp_path: Path, pack: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pickles, "_LARGEST", len(BEHIND_AN_ARRAY) - 1)
    monkeypatch.setattr(pickles, "_EACH", 0)
    assert harmful(tmp_path, pack(BEHIND_AN_ARRAY)) == ("posix.system",)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x80\x04",
        b"no pickle at all",
        pickle.dumps([1]) + b"more",
        b"PK\3\4 no zip",
        b"\x1f\x8b no gzip",
        b"x\x9c no zlib",
        b"\x80\x02\x82\x01.",  # a global by its number in a registry
        b"\x80\x04K\x01K\x02\x93.",  # a global whose name is computed
        b"\x80\x04h\x05.",  # of a memo that is not there
        b"t.",
        BEHIND_AN_ARRAY[:150],
    ],
)
def test_what_cannot_be_followed_is_never_clean(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(pickles.UnreadableError):
        harmful(tmp_path, content)


@examples(200)
@given(
    st.binary(max_size=40),
    st.integers(0, 600),
    st.sampled_from([CLEAN, BEHIND_AN_ARRAY, pickle.dumps([Bad()])]),
)
def test_any_content_is_followed_or_refused(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int, start: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzzed.pkl"
    path.write_bytes(start[:at] + noise + start[at + len(noise) :])
    try:
        pickles.harmful(path)
    except pickles.UnreadableError:
        return


def test_which_files_are_taken_for_pickles(tmp_path: Path) -> None:
    for name, content, expected in [
        ("model.joblib", b"", True),
        ("model.bin", pickle.dumps(1), True),
        ("model.onnx", b"\x08\x07", False),
    ]:
        (tmp_path / name).write_bytes(content)
        assert pickles.is_pickle(tmp_path / name, name) == expected


def test_an_array_cannot_lead_back_to_where_it_began(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One with a negative side would have its bytes before itself, and be followed for ever."""
    module = types.ModuleType("joblib.numpy_pickle")
    wrapper = type("NumpyArrayWrapper", (), {"__module__": module.__name__})
    module.NumpyArrayWrapper = wrapper  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "joblib", types.ModuleType("joblib"))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    array = wrapper()
    content = b""
    for side in range(1, 400):  # one of them leads to the very first byte
        array.__dict__.update(dtype=np.dtype("u1"), shape=(-side,), numpy_array_alignment_bytes=None)
        content = pickle.dumps(array)
        if side >= len(content) - 1:
            break
    with pytest.raises(pickles.UnreadableError, match="negative"):
        harmful(tmp_path, content)


@pytest.mark.parametrize(
    ("code", "is_whole"), [(b"\x8e", True), (b"\x96", True), (b"\x8d", True), (b"\x8e", False)]
)
def test_one_value_that_no_memory_holds_is_stepped_over(tmp_path: Path, code: bytes, is_whole: bool) -> None:
    """Bytes, a bytearray, a text; a call behind it is seen all the same."""
    file, size = tmp_path / "model.pkl", 1 << 36
    with file.open("wb") as written:
        written.write(b"\x80\x05" + code + size.to_bytes(8, "little"))
        written.seek(size if is_whole else size - 10, os.SEEK_CUR)
        written.write(b"0cos\nsystem\n.")
    if is_whole:
        assert pickles.harmful(file) == ("os.system",)
    else:
        with pytest.raises(pickles.UnreadableError):
            pickles.harmful(file)


def test_a_long_value_that_was_packed_is_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pickles, "_LARGEST", 1 << 20)
    file = tmp_path / "model.pkl"
    file.write_bytes(zlib.compress(pickle.dumps([b"x" * (9 << 20), Bad()])))
    assert pickles.harmful(file) == ("posix.system",)
