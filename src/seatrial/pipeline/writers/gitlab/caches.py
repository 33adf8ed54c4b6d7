"""Caches as a job of GitLab has them: brought before its script, kept after it, each under one key."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

from seatrial.pipeline.pipeline import Pipeline, Stage
from seatrial.pipeline.step import CacheKey, TakeCache
from seatrial.pipeline.writers.caches import Kept, Words, folders_of, kept, said, taken
from seatrial.pipeline.writers.writer import Loss

_MOST, _MOST_FILES = 4, 2  # caches of a job, files of a key
_WORDS: Words = {
    "text": lambda text: text.replace("/", "-"),
    "checksum": lambda _: "",  # stands beside
    "variable": lambda name: f"${name}",
    "branch": lambda _: "$CI_COMMIT_REF_SLUG",
    "commit": lambda _: "$CI_COMMIT_SHA",
    "number": lambda _: "$CI_PIPELINE_IID",
    "time": lambda _: "",  # a cache is replaced there
    "arch": lambda _: "$CI_RUNNER_EXECUTABLE_ARCH",
}
# Only what lies in the folder of a job is kept, so what lies elsewhere is a link to there.
_APART = ".cached"


def caching(stage: Stage, pipeline: Pipeline, losses: list[Loss]) -> tuple[dict[str, Any], list[str]]:
    """What a job says of its caches, and the lines that come first in its script."""
    takes, keeps = taken(stage, pipeline), kept(stage)
    losses += _lost(stage, takes, keeps)
    made = [_kept(one, is_taken=bool(takes)) for one in keeps]
    if not keeps:
        made = [_taken(step, folders_of(step, pipeline)) for step in takes]
    paths = [path for one in made[:_MOST] for path in one["paths"]]
    for one in made:
        one["paths"] = [_place(path) for path in one["paths"]]
    return ({"cache": made[:_MOST]} if made else {}), [_link(path) for path in paths if _is_outside(path)]


def _kept(one: Kept, *, is_taken: bool) -> dict[str, Any]:
    made: dict[str, Any] = {"key": _key(one.cache.key), "paths": list(one.cache.paths)}
    if one.condition in ("always", "cleanup"):
        made["when"] = "always"
    elif one.condition:
        made["when"] = "on_success" if one.condition == "success" else "on_failure"
    return made if is_taken else made | {"policy": "push"}


def _taken(step: TakeCache, paths: tuple[str, ...]) -> dict[str, Any]:
    return {"key": _key(step.keys[0]), "paths": list(paths), "policy": "pull"}


def _key(key: CacheKey) -> Any:
    """Text with variables, and beside it the files whose content counts."""
    text = said(key, _WORDS).strip("-.") or "cache"
    files = [path for kind, path in key if kind == "checksum"][:_MOST_FILES]
    return {"files": files, "prefix": text} if files else text


def _lost(stage: Stage, takes: tuple[TakeCache, ...], keeps: tuple[Kept, ...]) -> Iterator[Loss]:
    if any(len(step.keys) > 1 for step in takes):
        yield Loss(stage.place, f"`{stage.name}` finds a cache by its whole key only")
    files = max((sum(kind == "checksum" for kind, _ in one.cache.key) for one in keeps), default=0)
    if files > _MOST_FILES:
        yield Loss(stage.place, f"the key of what `{stage.name}` caches has {_MOST_FILES} files at most")
    if len(keeps) > _MOST:
        yield Loss(stage.place, f"`{stage.name}` has {_MOST} caches at most")


def _is_outside(path: str) -> bool:
    return path[:1] in ("~", "/", "$")


def _place(path: str) -> str:
    return f"{_APART}/{re.sub('[^A-Za-z0-9._-]+', '-', path.strip('~/'))}" if _is_outside(path) else path


def _link(path: str) -> str:
    place = shlex.quote(_place(path))
    home, _, rest = path.partition("/") if path[:1] in ("~", "$") else ("", "", path)
    there = f"{home}/{shlex.quote(rest)}" if home else shlex.quote(path)
    return f'mkdir -p {place} "$(dirname {there})" && rm -rf {there} && ln -s "$PWD"/{place} {there}'
