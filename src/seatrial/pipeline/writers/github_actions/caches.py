"""Caches as steps of GitHub's own actions, in their place among the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.pipeline.pipeline import Pipeline
from seatrial.pipeline.step import Caching, TakeCache
from seatrial.pipeline.writers.caches import Words, folders_of, is_named, said

_RESTORE, _SAVE = "actions/cache/restore@v4", "actions/cache/save@v4"
_WORDS: Words = {
    "text": lambda text: text,
    "checksum": lambda path: f"${{{{ hashFiles('{path}') }}}}",
    "variable": lambda name: f"${{{{ env.{name} }}}}",
    "branch": lambda _: "${{ github.ref_name }}",
    "commit": lambda _: "${{ github.sha }}",
    "number": lambda _: "${{ github.run_number }}",
    "time": lambda _: "${{ github.run_id }}-${{ github.run_attempt }}",
    "arch": lambda _: "${{ runner.os }}-${{ runner.arch }}",
}


def caching(step: Caching, pipeline: Pipeline) -> Iterator[dict[str, Any]]:
    """GitHub finds a cache by the beginning of its key too, and leaves one alone whose key is there."""
    paths = folders_of(step, pipeline) if isinstance(step, TakeCache) else step.paths
    named = "\n".join(filter(is_named, paths))
    if not named:
        return
    if isinstance(step, TakeCache):
        first, *others = (said(key, _WORDS) for key in step.keys)
        more = {"restore-keys": "\n".join(others)} if others else {}
        yield {"uses": _RESTORE, "with": {"path": named, "key": first} | more}
    else:
        yield {"uses": _SAVE, "with": {"path": named, "key": said(step.key, _WORDS)}}
