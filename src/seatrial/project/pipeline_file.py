"""A pipeline file as it stands: read, checked by all that this version knows, and kept once it is good."""

from pathlib import Path

from seatrial import __version__
from seatrial.errors import BadInput, Place
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.finding import Finding, has_errors
from seatrial.pipeline.loaded import Loaded
from seatrial.pipeline.pipeline import Pipeline, Variables
from seatrial.system import digest, disk, files

LARGEST = 4 << 20
_PLENTY = 10  # findings that a refusal shows; `seatrial check` shows all


class PipelineFile(NamedTuple):
    """`path` is relative to the root of the commit; `text` is "" where it was not read but kept."""

    path: str
    text: str
    pipeline: Pipeline
    findings: tuple[Finding, ...]


def good(
    home: Path,
    data: bytes,
    path: str,
    dialect: str | None = None,
    values: Variables = (),
    *,
    skip_unknown: bool = False,
) -> PipelineFile:
    """The pipeline of a file that can be run. Raises BadInput that shows what is wrong.

    `values` are for its parameters; `skip_unknown`: a step that nothing here knows is not wrong.
    """
    found = load(home, data, path, dialect, values)
    wrong = tuple(one for one in found.findings if not (skip_unknown and one.skippable))
    if has_errors(wrong):
        raise refusal(found._replace(findings=wrong))
    return found


def load(
    home: Path, data: bytes, path: str, dialect: str | None = None, values: Variables = ()
) -> PipelineFile:
    """As `examine`, but from what was kept where possible; what has no errors is kept."""
    from seatrial.pipeline import encoding

    given = [f"{name}={value}" for name, value in values]
    said = "\0".join((__version__, path, dialect or "", *given)).encode("utf-8", "surrogateescape")
    name = digest.of_bytes(said + b"\0" + data)
    kept = home / "pipelines" / name.removeprefix("sha256:")
    try:
        loaded = encoding.decode(kept.read_bytes())
    except OSError:
        loaded = None
    if loaded is not None:
        return PipelineFile(path, "", *loaded)
    found = examine(data, path, dialect, values)
    if not has_errors(found.findings):
        _keep(kept, encoding.encode(Loaded(found.pipeline, found.findings)))
    return found


def examine(data: bytes, path: str, dialect: str | None = None, values: Variables = ()) -> PipelineFile:
    """The file and all that there is to say about it. Raises BadInput where it is no text at all."""
    from seatrial.pipeline import load as pipeline_load
    from seatrial.project import addresses, runtimes
    from seatrial.project.gate_check import gate_findings
    from seatrial.project.known import known

    if len(data) > LARGEST:
        raise BadInput(f"{path} is larger than a pipeline file can be", place=Place(path))
    text = pipeline_load.read_text(data, path)
    pipeline, findings = pipeline_load.load(text, path, dialect, known(), values)
    pipeline = runtimes.keeping_predictions(pipeline)
    own = (*runtimes.findings(pipeline), *gate_findings(pipeline), *addresses.findings(pipeline))
    whole = (*findings, *own)
    return PipelineFile(path, text, pipeline, tuple(sorted(whole, key=_in_file)))


def refusal(file: PipelineFile) -> BadInput:
    """The error for a pipeline that must not run: it shows what is wrong, with carets."""
    from seatrial.pipeline.finding import ERROR, render

    wrong = [finding for finding in file.findings if finding.severity == ERROR]
    count = "1 error" if len(wrong) == 1 else f"{len(wrong)} errors"
    hint = "`seatrial check` shows everything at once"
    if all(finding.skippable for finding in wrong):
        hint = "`seatrial run --skip-unknown` passes over steps that nothing here knows"
    problem = BadInput(f"{file.path} has {count}", hint)
    problem.context = "\n".join(render(finding, file.text) for finding in wrong[:_PLENTY])
    return problem


def read(path: Path) -> bytes:
    """The bytes of a file on disk. Raises BadInput."""
    files.ask_regular(path)
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from error


def _keep(path: Path, data: bytes | None) -> None:
    if data is not None and disk.is_writable(path.parent):  # who may only look reads the file every time
        path.parent.mkdir(mode=0o700, exist_ok=True)
        files.write(path, data)


def _in_file(finding: Finding) -> tuple[int, int]:
    return finding.place.line, finding.place.column
