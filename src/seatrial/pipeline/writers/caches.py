"""The folders that a stage keeps for later runs, as another system has them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.pipeline import Pipeline, Stage
from seatrial.pipeline.step import CacheKey, KeepCache, TakeCache

# What a system says for each part of a key, given its text.
Words = Mapping[str, Callable[[str], str]]


class Kept(NamedTuple):
    """A cache that a stage keeps, after its own steps or in one of its ends."""

    cache: KeepCache
    condition: str = ""


def kept(stage: Stage) -> tuple[Kept, ...]:
    found = [Kept(step) for step in stage.steps if isinstance(step, KeepCache) and step.paths]
    for block in stage.finally_:
        found += [
            Kept(step, block.condition) for step in block.steps if isinstance(step, KeepCache) and step.paths
        ]
    return tuple(found)


def taken(stage: Stage, pipeline: Pipeline) -> tuple[TakeCache, ...]:
    """The caches that a stage takes and that some stage keeps."""
    return tuple(step for step in stage.steps if isinstance(step, TakeCache) and folders_of(step, pipeline))


def folders_of(step: TakeCache, pipeline: Pipeline) -> tuple[str, ...]:
    """The folders of what is taken, which only the stage that keeps them says."""
    for each in pipeline.stages:
        for one in kept(each):
            if any(_begins(one.cache.key, key) for key in step.keys):
                return one.cache.paths
    return ()


def said(key: CacheKey, words: Words) -> str:
    return "".join(words[kind](text) for kind, text in key)


def is_named(path: str) -> bool:
    """Whether a folder is named as it is, and not by variables."""
    return "$" not in path and "`" not in path


def _begins(key: CacheKey, start: CacheKey) -> bool:
    """Whether a key begins as another one does, as far as that can be said without a run."""
    return _plain(key).startswith(_plain(start))


def _plain(key: CacheKey) -> str:
    return "".join(text if kind == "text" else f"\0{kind} {text}\0" for kind, text in key)
