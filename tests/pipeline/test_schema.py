"""The JSON schema and the reference page say what the reader does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from seatrial.pipeline.dialects.seatrial.keys import ENVIRONMENT, KINDS, PIPELINE, STAGE
from seatrial.pipeline.load import load
from seatrial.pipeline.schema import json_schema, markdown

ROOT = Path(__file__).parents[2]
SCHEMA = json_schema()


def objects(schema: Any) -> list[dict[str, Any]]:
    """Every schema inside a schema."""
    if isinstance(schema, list):
        return [found for item in schema for found in objects(item)]
    if isinstance(schema, dict):
        return [schema, *objects(list(schema.values()))]
    return []


def test_the_committed_page_is_the_generated_one() -> None:
    """To write it anew: `python -m tests.pipeline.test_schema`."""
    assert (ROOT / "docs" / "reference" / "seatrial-yaml.md").read_text() == markdown()


def test_the_schema_is_json_with_all_its_references() -> None:
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
    used = {found["$ref"] for found in objects(SCHEMA) if isinstance(found.get("$ref"), str)}
    assert used == {f"#/$defs/{name}" for name in SCHEMA["$defs"]}


def test_every_pattern_is_one_that_editors_read_too() -> None:
    for found in objects(SCHEMA):
        if isinstance(found.get("pattern"), str):
            assert re.compile(found["pattern"]).groups < 100
            assert "(?P" not in found["pattern"]


def test_the_golden_file_has_every_key() -> None:
    text = (ROOT / "tests" / "goldens" / "pipeline" / "good.yaml").read_text()
    rest = {"image", "predictions", "recreate", "blue-green", "rolling", "shadow", "strategy"}
    for key in (*PIPELINE, *STAGE, *ENVIRONMENT):
        assert key.name in rest or re.search(rf"\b{key.name}: ", text) or f"{key.name}:" in text, key.name


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_takes_the_keys_that_its_schema_has(kind: str) -> None:
    schema = SCHEMA["$defs"][f"stage-{kind}"]
    assert schema["required"] == [kind]
    for key in STAGE:
        if key.name in KINDS:
            continue
        text = f"stages: {{a: {{{kind}: b, {key.name}: {{}}}}}}"
        messages = [finding.message for finding in load(text, "seatrial.yaml").findings]
        refused = any(message.startswith(f"`{key.name}` belongs to") for message in messages)
        assert refused != (key.name in schema["properties"]), key.name


def test_the_page_names_every_key() -> None:
    page = markdown()
    assert all(f"`{key.name}`" in page for key in (*PIPELINE, *STAGE, *ENVIRONMENT))
    assert all(line.count(" | ") in (2, 3) for line in page.splitlines() if line.startswith("| `"))


if __name__ == "__main__":
    (ROOT / "docs" / "reference" / "seatrial-yaml.md").write_text(markdown())
