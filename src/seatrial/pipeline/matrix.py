"""A stage with a matrix becomes one stage for each combination of its axes.

The combinations are GitHub's (`include` and `exclude` mean what they mean there), and what they chose reaches
a stage as in GitLab's `parallel:matrix`: as environment variables with the names of the axes. In paths,
images and requirements `$NAME` and `${NAME}` stand for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from itertools import product
from math import prod

from seatrial.pipeline.finding import Finding, error
from seatrial.pipeline.pipeline import Evaluate, Matrix, Options, Stage, Variables, place_of

LARGEST = 256  # combinations of one stage; GitHub's limit
MOST = 10_000  # stages of one pipeline
_BEFORE_EXCLUDE = 16 * LARGEST

_NAME = r"(?a)\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))"


def expand(stages: tuple[Stage, ...]) -> tuple[tuple[Stage, ...], tuple[Finding, ...]]:
    """The concrete stages: `train (size=small)` and so on. Who needs `train` needs them all."""
    findings: list[Finding] = []
    made = {stage.name: _stages_of(stage, findings) for stage in stages if stage.matrix != Matrix()}
    if not made:
        return stages, ()
    if sum(map(len, made.values())) > MOST:
        place = next(stage.place for stage in stages if stage.name in made)
        return stages, (error(place, f"the matrices of this file make more than {MOST} stages"),)
    names = {name: tuple(stage.name for stage in group) for name, group in made.items()}
    expanded = [concrete for stage in stages for concrete in made.get(stage.name, (stage,))]
    return tuple(_renamed_needs(stage, names) for stage in expanded), tuple(findings)


def combinations(matrix: Matrix) -> tuple[Variables, ...]:
    """The product of the axes, less `exclude`, and `include` merged in."""
    axes = [[(name, value) for value in values] for name, values in matrix.axes]
    all_of = [dict(chosen) for chosen in product(*axes)] if axes else []
    originals = [chosen for chosen in all_of if not _excluded(chosen, matrix.exclude)]
    grown = [dict(original) for original in originals]
    added: list[dict[str, str]] = []
    for entry in map(dict, matrix.include):
        hosts = [i for i, original in enumerate(originals) if _overwrites_nothing(entry, original)]
        for i in hosts:
            grown[i].update(entry)
        if not hosts:
            added.append(entry)
    return tuple(tuple(chosen.items()) for chosen in [*grown, *added])


def _excluded(combination: dict[str, str], exclude: tuple[Variables, ...]) -> bool:
    return any(entry and set(entry) <= combination.items() for entry in exclude)


def _overwrites_nothing(entry: dict[str, str], original: dict[str, str]) -> bool:
    return all(original.get(name, value) == value for name, value in entry.items())


def _stages_of(stage: Stage, findings: list[Finding]) -> tuple[Stage, ...]:
    chosen = () if _too_large(stage.matrix) else combinations(stage.matrix)
    if 0 < len(chosen) <= LARGEST:
        return tuple(_concrete(stage, variables) for variables in chosen)
    problem = (
        f"makes more than {LARGEST} stages" if chosen or _too_large(stage.matrix) else "leaves no combination"
    )
    findings.append(error(place_of(stage, "matrix"), f"the matrix of `{stage.name}` {problem}"))
    return (stage,)


def _too_large(matrix: Matrix) -> bool:
    """Whether even counting the combinations would take long; a text can ask for any number of them."""
    full = prod(len(values) for _, values in matrix.axes)
    return full > _BEFORE_EXCLUDE or max(len(matrix.include), len(matrix.exclude)) > LARGEST


def _concrete(stage: Stage, variables: Variables) -> Stage:
    fill = partial(_substitute, variables=dict(variables))
    choice = ", ".join(f"{name}={value}" for name, value in variables)
    return stage._replace(
        name=f"{stage.name} ({choice})",
        expanded_from=stage.name,
        matrix=Matrix(),
        variables=variables,
        inputs=None if stage.inputs is None else tuple(map(fill, stage.inputs)),
        outputs=tuple(map(fill, stage.outputs)),
        reports=tuple(map(fill, stage.reports)),
        options=_filled(stage.options, fill),
        python=fill(stage.python),
        places=tuple((fill(key), place) for key, place in stage.places),
        image=fill(stage.image),
    )


def _filled(options: Options, fill: Callable[[str], str]) -> Options:
    if not isinstance(options, Evaluate):  # no other action takes a matrix
        return options
    return options._replace(
        evaluated=fill(options.evaluated), data=fill(options.data), predictions=fill(options.predictions)
    )


def _substitute(text: str, variables: dict[str, str]) -> str:
    return re.sub(_NAME, lambda match: variables.get(match[1] or match[2], match[0]), text)


def _renamed_needs(stage: Stage, names: dict[str, tuple[str, ...]]) -> Stage:
    if not any(need in names for need in stage.needs):
        return stage
    return stage._replace(needs=tuple(new for need in stage.needs for new in names.get(need, (need,))))
