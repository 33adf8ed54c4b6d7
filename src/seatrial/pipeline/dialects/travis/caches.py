"""The folders that a job keeps for the jobs of later runs with the same choices.

The script packs and unpacks them, below HOME and below the build, in a folder that the run takes and keeps.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.travis.jobs import Job, plain
from seatrial.pipeline.dialects.travis.languages import VERSIONS
from seatrial.pipeline.dialects.travis.shell import CACHE
from seatrial.pipeline.dialects.travis.texts import Findings, texts
from seatrial.pipeline.finding import note
from seatrial.pipeline.step import KeepCache, Shell, Step, TakeCache
from seatrial.pipeline.yaml_document import Mapping, Node, Scalar, items

_FOLDER = "travis-cache"
# The folders that a name stands for.
_NAMED = {
    "pip": ("$HOME/.cache/pip",),
    "bundler": ("${BUNDLE_PATH:-vendor/bundle}",),
    "npm": ("$HOME/.npm",),
    "yarn": ("$HOME/.cache/yarn",),
    "ccache": ("$HOME/.ccache",),
    "cargo": ("$HOME/.cargo", "target"),
    "packages": ("$HOME/R/Library",),
    "composer": ("$HOME/.composer/cache",),
    "shards": ("$HOME/.cache/shards",),
}
_OPTIONS = frozenset(("timeout", "edge", "branch", "debug"))


class Cache(NamedTuple):
    """The steps before and after the script, and what the script says where it takes and where it keeps."""

    before: tuple[Step, ...] = ()
    after: tuple[Step, ...] = ()
    taking: tuple[str, ...] = ()
    keeping: tuple[str, ...] = ()


def cache_of(job: Job, findings: Findings) -> Cache:
    """What the cache of a job adds to it."""
    node = job.values.get("cache")
    folders = tuple(dict.fromkeys(_folders(node, findings))) if node is not None else ()
    if not folders:
        return Cache()
    want = f"{CACHE}_travis_cache_want {_name(job)}"
    keep = f"_travis_cache_keep {_name(job)} {' '.join(folders)}"
    return Cache(
        (Shell(want, ("/bin/bash",), place=job.place), TakeCache(_FOLDER)),
        (KeepCache(_FOLDER),),
        (CACHE, "_travis_cache_take"),
        (keep,),
    )


def named_caches(job: Job) -> tuple[TakeCache, KeepCache] | None:
    """The cache of a job for a file of another system: one by its name, renewed each time."""
    node = job.values.get("cache")
    folders = dict.fromkeys(_folders(node, [])) if node is not None else {}
    if not folders:
        return None
    start = ("text", f"{re.sub('[^A-Za-z0-9._-]+', '-', job.name).strip('-')}-")
    plain_ones = (re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", path) for path in folders)
    paths = tuple(re.sub(r"^\$(HOME|\{HOME\})/", "~/", path).rstrip("/") for path in plain_ones)
    return TakeCache("", ((start,),)), KeepCache("", (start, ("time", "")), paths)


def _name(job: Job) -> str:
    """Equal for the jobs of all runs that make the same choices."""
    versions = [(key, plain(job.values[key])) for key in VERSIONS.get(job.language, ()) if key in job.values]
    chosen = repr((job.language, versions, job.everywhere, job.env))
    return hashlib.sha256(chosen.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _folders(node: Node, findings: Findings) -> Iterator[str]:
    for item in items(node):
        if isinstance(item, Mapping):
            for key, value in item.entries:
                yield from _of_key(key, value, findings)
        elif isinstance(item, Scalar) and item.text.lower() not in ("false", "true"):
            yield from _of_name(item, findings)


def _of_key(key: Scalar, value: Node, findings: Findings) -> Iterator[str]:
    if key.text == "directories":
        yield from texts(value)
    elif key.text not in _OPTIONS and texts(value) != ("false",):
        yield from _of_name(key, findings)


def _of_name(name: Scalar, findings: Findings) -> tuple[str, ...]:
    if name.text not in _NAMED:
        findings.append(
            note(name.place, f"the cache `{name.text}` is not kept: say its folders by `directories`")
        )
    return _NAMED.get(name.text, ())
