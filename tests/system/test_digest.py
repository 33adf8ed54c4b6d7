"""SHA-256 against the values that NIST publishes (FIPS 180-2, appendix B)."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.system import digest

ABC = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
MILLION = "sha256:cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"


def test_published_values(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    (tmp_path / "million").write_bytes(b"a" * 1_000_000)
    assert digest.of_bytes(b"abc") == digest.of_text("abc") == digest.of_file(tmp_path / "abc") == ABC
    assert digest.of_files([tmp_path / "million", tmp_path / "abc"]) == [MILLION, ABC]
    assert digest.of_files([tmp_path / "abc"]) == [ABC]


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        digest.of_files([tmp_path / "a", tmp_path / "b"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ABC, True),
        (ABC.upper(), False),
        (ABC[:-1], False),
        (ABC + "0", False),
        (ABC.replace("sha256", "sha512"), False),
        (ABC[:-1] + "g", False),
        ("sha256:", False),
        ("", False),
    ],
)
def test_the_form_of_a_digest(text: str, expected: bool) -> None:
    assert digest.is_digest(text) is expected
