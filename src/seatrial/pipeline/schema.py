"""The JSON schema (draft 2020-12) and the reference page of `seatrial.yaml`, made of the reader's table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from seatrial.pipeline.dialects.seatrial.keys import (
    AXIS,
    ENVIRONMENT,
    KINDS,
    METRIC,
    PIPELINE,
    PREDICTIONS,
    RESOURCES,
    ROWS,
    SERVE,
    SERVICE,
    STAGE,
    Key,
)
from seatrial.pipeline.dialects.seatrial.reader import EXTENSION
from seatrial.pipeline.dialects.seatrial.shapes import COMMAND, NAME, VARIABLE

Schema = dict[str, Any]

_INTRODUCTION = """\
# `seatrial.yaml`

One file says how a commit becomes a model that serves. A key that is not on this page is an error.
`seatrial check` reports everything that is wrong with a file at once; `seatrial schema` prints the JSON
schema for completion in an editor. Keys that begin with `x-` are left alone, as a place for anchors.

Every value is taken as it is written: `3.10` is not `3.1`, and `on` is not `true`. Where a list is
expected, one value may stand alone. Paths are relative to the root of the commit, with `/`; in patterns,
`*` and `?` stay within a folder, and `**` crosses folders.
"""

_STAGES = """\
A stage is a name and one command (`test: pytest -q`), or a name and the keys below. One key says what the
stage does, and the others that it takes follow from it:
"""

_MEASURED = """\
A file of predictions that something else has made is judged by `evaluate` without a value:

```yaml
stages:
  judge:
    evaluate:
    predictions: predictions.csv
    task: classification
    gates: [accuracy >= 0.9]
```
"""

_ENVIRONMENTS = """\
An environment is a place that serves. Of `recreate`, `blue-green`, `rolling`, `canary`, `shadow` and
`strategy`, it has at most one.
"""


def json_schema() -> Schema:
    """The schema. It is for editors: the reader decides, and knows much that no schema can say."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "seatrial.yaml",
        **_object(PIPELINE),
        "patternProperties": {f"^{EXTENSION}": True},
        "$defs": {
            "stages": _named({"anyOf": [COMMAND.schema, *(_reference(f"stage-{kind}") for kind in KINDS)]}),
            **{f"stage-{kind}": _stage(kind) for kind in KINDS},
            "matrix": _matrix(),
            "resources": _object(RESOURCES),
            "serve": {**_object(SERVE), "required": ["function"]},
            "services": _named({"anyOf": [{"type": "string"}, {**_object(SERVICE), "required": ["image"]}]}),
            "environments": _named(_object(ENVIRONMENT)),
            "predictions": _object(PREDICTIONS),
            "metrics": _named(_object(METRIC)),
        },
    }


def markdown() -> str:
    """The reference page."""
    kinds = [f"- `{key.name}`: {key.description}" for key in STAGE if key.name in KINDS]
    parts = [
        _INTRODUCTION,
        "## The file\n",
        _rows(PIPELINE),
        "## `stages`\n",
        _STAGES,
        "\n".join(kinds) + "\n",
        _MEASURED,
        _rows(key for key in STAGE if key.name not in KINDS),
        "### `serve`\n",
        "A command, or these keys. Then the package has a server as one more file, `seatrial_server.py`, that"
        " needs nothing but Python.\n",
        _rows(SERVE),
        "### `resources`\n",
        _rows(RESOURCES),
        "### `services`\n",
        "A name and an image, or a name and these keys:\n",
        _rows(SERVICE),
        "## `environments`\n",
        _ENVIRONMENTS,
        _rows(ENVIRONMENT),
        "### `predictions`\n",
        _rows(PREDICTIONS),
        "### `metrics`\n",
        "A name, with `command`, or with `prometheus` and `query`:\n",
        _rows(METRIC),
    ]
    return "\n".join(parts)


def _object(keys: Iterable[Key]) -> Schema:
    properties = {key.name: {**key.shape.schema, "description": _plain(key)} for key in keys}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _stage(kind: str) -> Schema:
    return {**_object(key for key in STAGE if kind in key.stages), "required": [kind]}


def _named(schema: Schema) -> Schema:
    return {"type": "object", "propertyNames": NAME.schema, "additionalProperties": schema}


def _matrix() -> Schema:
    return {
        "type": "object",
        "properties": {"include": ROWS.schema, "exclude": ROWS.schema},
        "propertyNames": VARIABLE.schema,
        "additionalProperties": AXIS.schema,
    }


def _reference(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _plain(key: Key) -> str:
    default = f" Default: {key.default}." if key.default else ""
    return (key.description + default).replace("`", "")


def _rows(keys: Iterable[Key]) -> str:
    listed = tuple(keys)
    of_stages = any(key.stages for key in listed)
    heading = ["key", *(["with"] if of_stages else []), "takes", "meaning"]
    lines = [heading, ["---"] * len(heading)]
    lines += [_cells(key, of_stages) for key in listed]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"


def _cells(key: Key, of_stages: bool) -> list[str]:
    where = "all" if len(key.stages) == len(KINDS) else ", ".join(key.stages)
    default = f" Default: {key.default}." if key.default else ""
    cells = [f"`{key.name}`", *([where] if of_stages else []), key.shape.expected, key.description + default]
    return [cell.replace("|", "\\|") for cell in cells]
