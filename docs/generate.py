"""Write the pages of docs/reference that are made from the code; with --check, only say which differ."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path

from seatrial.cli.reference import page as commands
from seatrial.evaluation.all_metrics import ALL_METRICS, metric
from seatrial.package.all_runtimes import ALL_RUNTIMES
from seatrial.pipeline.all_dialects import ALL_DIALECTS
from seatrial.pipeline.constructs import EMULATED, EXACT
from seatrial.pipeline.dialects.circleci.constructs import SHAPES as CIRCLECI
from seatrial.pipeline.dialects.jenkins.constructs import NOT_EXACT
from seatrial.pipeline.dialects.travis.constructs import SHAPES as TRAVIS
from seatrial.pipeline.schema import json_schema, markdown
from seatrial.release.all_strategies import MODULES as STRATEGIES
from seatrial.release.all_targets import MODULES as TARGETS
from seatrial.run.all_executors import ALL_EXECUTORS

REFERENCE = Path(__file__).parent / "reference"
SIGNS = {True: "higher", False: "lower", None: "near 0"}

METRICS = """\
# Metrics

What a [gate](../how-to/gates.md) can measure on a test set. Which intervals belong to them says
[what the judge may claim](../explanation/statistics.md).

An option stands in brackets: `f1` is the macro average, `f1(micro)` and `f1(weighted)` are the others, and
`f1(positive)` is that of one class. In quotes it is always a class: `f1("macro")` is that of a class `macro`.
"""

VARIANTS = """\
# What there is to choose from

The words that `seatrial.yaml` takes where there are several ways to do a thing. Others that the schema knows
(`canary`, `docker`, …) are refused by name: they are not in this version.
"""


COMPATIBILITY = """\
# How each construct is honoured

`seatrial check FILE` lists the constructs of a file of another system, each with its place, as

- *exact*: as its own system does it;
- *emulated*: to the same end by other means, or within limits;
- *noted*: read, and without effect, or with a doubt;
- *refused*: the file does not run because of it.

What is noted or refused depends on what stands there, and follows from the findings. Apart from those a
construct is exact where it is not below.
"""


def schema() -> str:
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def metrics() -> str:
    rows = [("metric", "task", "better", "in brackets", "meaning")]
    for name, module in ALL_METRICS.items():
        found = metric(name)
        words = [f"`{word}`" for word in found.OPTIONS if word] + (["a class"] if found.TAKES_CLASS else [])
        rows.append(
            (
                f"`{name}`",
                ", ".join(found.TASKS),
                SIGNS[found.HIGHER_IS_BETTER],
                ", ".join(words),
                said(module),
            )
        )
    return METRICS + "\n" + table(rows)


def variants() -> str:
    dialects = {name: entry.module for name, entry in ALL_DIALECTS.items()}
    files = {name: f"`{'`, `'.join(entry.filenames)}`. " for name, entry in ALL_DIALECTS.items()}
    parts = [
        VARIANTS,
        "## Dialects: the files that are read\n",
        named(dialects, files),
        "## Executors: where stages run\n",
        named(ALL_EXECUTORS),
        "## Targets: what serves\n",
        named(TARGETS),
        "## Strategies: how a new revision takes over\n",
        named(STRATEGIES),
        "## Runtimes: servers that are packed with a model\n",
        named(ALL_RUNTIMES),
    ]
    return "\n".join(parts)


def named(modules: Mapping[str, str], before: Mapping[str, str] | None = None) -> str:
    """Each name with the first sentence of its module."""
    rows = [("name", "what it is")]
    rows += [(f"`{name}`", (before or {}).get(name, "") + said(module)) for name, module in modules.items()]
    return table(rows)


def said(module: str) -> str:
    text = import_module(module).__doc__ or ""
    return " ".join(text.strip().partition("\n\n")[0].split()).replace("|", "\\|")


def table(rows: Iterable[tuple[str, ...]]) -> str:
    heading, *body = rows
    lines = [heading, ("---",) * len(heading), *body]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)


def compatibility() -> str:
    parts = [COMPATIBILITY, "## jenkins\n", _not_exact_in_jenkins()]
    for name, shapes in (("travis", TRAVIS), ("circleci", CIRCLECI)):
        rows = [("construct", "how", "why")]
        rows += [
            (f"`{shape}.{key}`" if shape != "file" else f"`{key}`", one.how, one.note)
            for shape, keys in shapes.items()
            for key, one in keys.items()
            if one.how != EXACT
        ]
        parts += [f"## {name}\n", table(rows)]
    return "\n".join(parts)


def _not_exact_in_jenkins() -> str:
    rows = [("construct", "how", "why")]
    return table(rows + [(f"`{name}`", EMULATED, why) for name, why in sorted(NOT_EXACT.items())])


PAGES: dict[str, Callable[[], str]] = {
    "commands.md": commands,
    "compatibility.md": compatibility,
    "metrics.md": metrics,
    "seatrial-yaml.md": markdown,
    "seatrial.schema.json": schema,
    "variants.md": variants,
}


def differing() -> list[str]:
    """The pages that are not what the code says now."""
    return [name for name, made in PAGES.items() if text_of(REFERENCE / name) != made()]


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def main() -> int:
    changed = differing()
    if "--check" in sys.argv[1:]:
        sys.stdout.write("".join(f"docs/reference/{name} differs; run `make docs`\n" for name in changed))
        return 1 if changed else 0
    for name in changed:
        (REFERENCE / name).write_text(PAGES[name](), encoding="utf-8")
        sys.stdout.write(f"wrote docs/reference/{name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
