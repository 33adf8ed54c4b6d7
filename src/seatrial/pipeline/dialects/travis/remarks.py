"""What is said of the keys of a file as a whole."""

from __future__ import annotations

from seatrial.pipeline.dialects.travis.jobs import matrix_of
from seatrial.pipeline.dialects.travis.languages import AXES, KEYS, SETTINGS
from seatrial.pipeline.dialects.travis.texts import Findings
from seatrial.pipeline.finding import error, note, warning
from seatrial.pipeline.spelling import did_you_mean
from seatrial.pipeline.yaml_document import Mapping, Scalar

# Accepted without effect, with what is said of them.
NOTED = {
    "addons": "nothing is installed: what a job needs must be on this machine, or in the image of the run",
    "arch": "the machine is what it is",
    "dist": "the system is that of this machine",
    "fast_finish": "the end of a run waits for all jobs",
    "git": "a job works in a whole clone, with the files of its submodules",
    "group": "the system is that of this machine",
    "notifications": "nobody is told",
    "osx_image": "jobs run on Linux",
    "services": "they run beside the jobs where the run has an image (--image); else what runs here is there",
    "sudo": "`sudo` is refused",
    "virt": "jobs are processes of this machine",
    "vm": "jobs are processes of this machine",
    "filter_secrets": "secrets are never shown",
    "keys": "only Travis has them",
    "stack": "the system is that of this machine",
    "vault": "only Travis asks it",
    "workspaces": "a job has no files of another",
    **dict.fromkeys(SETTINGS, "only the tools that Travis calls by itself read it"),
}
_PHASES = (
    "before_install", "install", "before_script", "script", "before_cache", "after_success", "after_failure",
    "after_script", "before_deploy", "deploy", "after_deploy",
)  # fmt: skip
_KNOWN = {
    *_PHASES, *NOTED, *AXES, *KEYS,
    "language", "os", "env", "matrix", "jobs", "stages", "if", "version", "name", "stage", "import",
    "virtualenv", "conditions", "branches", "cache", "workspaces",
}  # fmt: skip


def remark(root: Mapping, findings: Findings) -> None:
    for key, _ in root.entries:
        name = key.text
        if name == "import":
            hint = "copy what it imports into this file"
            findings.append(error(key.place, "`import` is not read: a pipeline is one file", hint))
        elif name in NOTED:
            findings.append(note(key.place, f"`{name}`: {NOTED[name]}"))
        elif name not in _KNOWN and not name.startswith((".", "_", "x-")):
            hint = did_you_mean(name, sorted(_KNOWN))
            findings.append(warning(key.place, f"`{name}` is not known, and has no effect", hint))
    for key, value in root.entries:
        if key.text in ("matrix", "jobs") and isinstance(value, Scalar) and not value.is_null:
            findings.append(error(value.place, f"`{key.text}` is a mapping, or a list of jobs"))
    for name in matrix_of(root).keys() & {"fast_finish", "fast_failure"}:
        findings.append(note(matrix_of(root)[name].place, f"`{name}`: {NOTED['fast_finish']}"))
