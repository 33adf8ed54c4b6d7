"""The needs that nobody has to write: who reads what another stage makes, waits for it."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from seatrial.named_tuple import NamedTuple
from seatrial.patterns import fixed_folder, is_glob, matches
from seatrial.pipeline.pipeline import PACKAGE, RELEASE, Evaluate, Package, Stage


class _Made(NamedTuple):
    """What stages make: the makers of each path, and the paths in order, each with a "/" at its end."""

    makers: dict[str, tuple[str, ...]]
    ordered: tuple[str, ...]


def imply(stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
    """The stages with the needs that follow from what they read.

    A path is read where it is an output of another stage, lies in one, or holds one. A release waits for
    the stages that package, unless it names the one whose package it releases.
    """
    made = _made(stages)
    return tuple(_with(stage, (*_makers(made, stage), *_packages(stages, stage))) for stage in stages)


def reads(stage: Stage) -> tuple[str, ...]:
    """The paths of the workspace that a stage declares to read."""
    options = stage.options
    paths = list(stage.inputs or ())
    if isinstance(options, Evaluate):
        paths += [options.evaluated, options.data, options.predictions]
    elif isinstance(options, Package):
        paths += [options.model, *options.include]
    return tuple(path for path in paths if path)


def of_commit(chosen: Iterable[Stage], stages: tuple[Stage, ...]) -> Iterator[tuple[Stage, str]]:
    """The paths that the chosen ones of all stages read and that no stage makes, each with its stage."""
    made = _made(stages)
    for stage in chosen:
        asked = (*reads(stage), stage.python) if stage.python else reads(stage)
        for path in asked:
            if not (path.startswith("/") or _makers_of(made, path)):
                yield stage, path


def may_be_made(path: str, outputs: Iterable[str]) -> bool:
    """Whether a path is, lies in, or holds an output; of a pattern, whether it may."""
    wanted = plain(path)
    if is_glob(wanted):
        folder = fixed_folder(wanted) + "/"
        return any(
            matches(wanted, output) or folder.startswith((output + "/", "/")) or output.startswith(folder)
            for output in outputs
        )
    return any(f"{wanted}/".startswith(o + "/") or o.startswith(f"{wanted}/") for o in outputs)


def plain(path: str) -> str:
    """A path as it is compared: without "./" before it and "/" after it."""
    return path.removeprefix("./").rstrip("/")


def _made(stages: tuple[Stage, ...]) -> _Made:
    makers: dict[str, tuple[str, ...]] = {}
    for stage in stages:
        for output in stage.outputs:
            makers[plain(output)] = (*makers.get(plain(output), ()), stage.name)
    return _Made(makers, tuple(sorted(path + "/" for path in makers)))


def _with(stage: Stage, needs: tuple[str, ...]) -> Stage:
    said = frozenset((stage.name, *stage.needs))
    more = tuple(name for name in dict.fromkeys(needs) if name not in said)
    return stage._replace(needs=stage.needs + more) if more else stage


def _makers(made: _Made, stage: Stage) -> tuple[str, ...]:
    return tuple(name for path in reads(stage) for name in _makers_of(made, path))


def _makers_of(made: _Made, path: str) -> tuple[str, ...]:
    if not is_glob(path):
        found = [*_at_or_above(made, plain(path)), *_below(made, plain(path))]
    else:
        folder = fixed_folder(plain(path))
        found = _at_or_above(made, folder) if folder else []
        found += [output for output in _below(made, folder) if matches(plain(path), output)]
    return tuple(name for output in found for name in made.makers[output])


def _at_or_above(made: _Made, path: str) -> list[str]:
    parts = path.split("/")
    above = ("/".join(parts[:count]) for count in range(1, len(parts) + 1))
    return [output for output in above if output in made.makers]


def _below(made: _Made, folder: str) -> list[str]:
    """The outputs inside a folder; "" is the workspace itself."""
    prefix = folder + "/" if folder else ""
    found = []
    for output in made.ordered[bisect_left(made.ordered, prefix) :]:
        if not output.startswith(prefix):
            break
        if output != prefix:
            found.append(output[:-1])
    return found


def _packages(stages: tuple[Stage, ...], stage: Stage) -> tuple[str, ...]:
    if stage.action != RELEASE:
        return ()
    packages = [other for other in stages if other.action == PACKAGE]
    said = frozenset(stage.needs)
    named = any(other.name in said or other.expanded_from in said for other in packages)
    return () if named else tuple(other.name for other in packages)
