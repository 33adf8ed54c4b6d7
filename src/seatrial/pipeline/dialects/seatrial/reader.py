"""`seatrial.yaml` as a whole."""

from __future__ import annotations

from seatrial.errors import Place
from seatrial.pipeline.dialects.seatrial.environments import read_environments
from seatrial.pipeline.dialects.seatrial.fields import fields
from seatrial.pipeline.dialects.seatrial.keys import PIPELINE
from seatrial.pipeline.dialects.seatrial.shapes import Findings, wrong
from seatrial.pipeline.dialects.seatrial.stages import Defaults, read_stages
from seatrial.pipeline.finding import Finding, error
from seatrial.pipeline.pipeline import Pipeline
from seatrial.pipeline.yaml_document import Mapping, compose

EXTENSION = "x-"  # keys that begin so are for anchors, as in Docker Compose


def read(text: str, path: str) -> tuple[Pipeline, tuple[Finding, ...]]:
    """The pipeline and all findings, in no order."""
    empty = Pipeline("seatrial", path)
    root, found = compose(text, path)
    findings: Findings = list(found)
    if isinstance(root, Mapping):
        return _pipeline(root, path, findings), tuple(findings)
    if root is not None:
        wrong(root, path, "a mapping with `stages`", findings)
    elif not findings:
        findings.append(error(Place(path, 1, 1), "the file is empty", "`seatrial init` writes one"))
    return empty, tuple(findings)


def _pipeline(root: Mapping, path: str, findings: Findings) -> Pipeline:
    entries = tuple(entry for entry in root.entries if not entry[0].text.startswith(EXTENSION))
    values = fields(Mapping(entries, root.place), PIPELINE, "the file", findings)
    defaults = Defaults(
        values.get("python", ""),
        values.get("image", ""),
        values.get("executor", ""),
        values.get("env", ()),
        tuple(
            (f"python:{values.get('python')}", node.place) for key, node in entries if key.text == "python"
        ),
    )
    if "python" in values and "image" in values:
        findings.append(error(root.place, "the file has `python` and `image`", "one of them is enough"))
    return Pipeline(
        dialect="seatrial",
        path=path,
        project=values.get("project", ""),
        model=values.get("model", ""),
        stages=read_stages(values["stages"], defaults, findings) if "stages" in values else (),
        environments=read_environments(values["environments"], findings) if "environments" in values else (),
        ignore=values.get("ignore", ()),
    )
