"""SHA-256 of bytes, of files, and of many files at once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

CHUNK = 1 << 20


def of_bytes(content: bytes) -> str:
    """The digest as "sha256:<64 hex digits>", the form of OCI."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def of_text(text: str) -> str:
    return of_bytes(text.encode("utf-8", "surrogateescape"))


def of_file(path: Path | str) -> str:
    """The digest of a file's content. Raises OSError as `open` does."""
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - pathlib's open costs more, and this is hot
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def of_files(paths: Sequence[Path]) -> list[str]:
    """The digests of many files, in order, on all cores: hashing lets go of the interpreter's lock."""
    if len(paths) < 2:
        return [of_file(path) for path in paths]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(max_workers=min(len(paths), os.cpu_count() or 1)) as pool:
        return list(pool.map(of_file, paths))


def is_digest(text: str) -> bool:
    """Whether `text` has the form "sha256:<64 lower-case hex digits>"."""
    algorithm, _, digits = text.partition(":")
    return algorithm == "sha256" and len(digits) == 64 and set(digits) <= set("0123456789abcdef")
