"""The jobs of a file: the axes multiplied, entries added and taken away, those that may fail marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import NamedTuple

from seatrial.errors import Place
from seatrial.pipeline.dialects.travis.texts import Findings, Row, entries, items, row, text, texts
from seatrial.pipeline.finding import error, warning
from seatrial.pipeline.yaml_document import Mapping as Entries
from seatrial.pipeline.yaml_document import Node, Scalar

# The keys that multiply jobs, by language; `os`, `arch` and `env` do in all.
VERSIONS = {
    "python": ("python",), "ruby": ("rvm", "jdk", "gemfile"), "node_js": ("node_js",), "go": ("go",),
    "php": ("php",), "java": ("jdk",), "scala": ("scala", "jdk"), "groovy": ("jdk",), "rust": ("rust",),
    "c": ("compiler",), "cpp": ("compiler",), "perl": ("perl",), "julia": ("julia",), "r": ("r",),
    "haskell": ("ghc",), "erlang": ("otp_release",), "elixir": ("elixir", "otp_release"), "d": ("d",),
    "clojure": ("lein", "jdk"), "dart": ("dart",), "crystal": ("crystal",), "csharp": ("mono", "dotnet"),
    "objective-c": ("rvm", "xcode_scheme"), "android": ("jdk",),
}  # fmt: skip
_APART = frozenset(("matrix", "jobs", "stages", "env", "notifications", "branches", "version", "if"))
_MOST = 500  # jobs


class Job(NamedTuple):
    """`values` are the keys that hold for the job; `choice` what the axes and its entry chose, as texts."""

    name: str
    place: Place
    values: Mapping[str, Node]
    everywhere: Row  # the variables of `env.global`
    env: Row
    choice: tuple[tuple[str, str], ...]
    stage: str = ""
    may_fail: bool = False
    conditions: tuple[str, ...] = ()


class _Root(NamedTuple):
    shared: Mapping[str, Node]
    axes: tuple[tuple[str, tuple[Scalar, ...]], ...]
    everywhere: Row
    rows: tuple[Row, ...]
    place: Place
    condition: str


def read_jobs(root: Entries, findings: Findings) -> tuple[Job, ...]:
    """All jobs, in the order of Travis, with names that differ."""
    base = _root(root, findings)
    matrix = _matrix(root)
    included = _included(base, matrix, findings)
    multiplied = _multiplied(base, findings)
    implied = len(multiplied) == 1 and not any(len(values) > 1 for _, values in base.axes)
    if included and implied and len(base.rows) < 2:
        multiplied = ()
    excluded = items(matrix.get("exclude"))
    kept = [job for job in multiplied if not any(_matches(job, one) for one in excluded)]
    once: dict[object, Job] = {}
    for job in (*kept, *included):
        once.setdefault((_identity(job.values), job.env, job.stage), job)
    allowed = items(matrix.get("allow_failures")) + items(matrix.get("allowed_failures"))
    marked = [job._replace(may_fail=any(_matches(job, one) for one in allowed)) for job in once.values()]
    return tuple(_named(marked))


def _matrix(root: Entries) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for key in ("matrix", "jobs"):
        node = entries_or_list(root, key)
        found |= node
    return found


def entries_or_list(root: Entries, key: str) -> dict[str, Node]:
    """`jobs` as a mapping; a list there is its `include`."""
    node = entries(root).get(key)
    if node is None or isinstance(node, Entries):
        return entries(node)
    return {"include": node}


def _root(root: Entries, findings: Findings) -> _Root:
    values = entries(root)
    language = text(values.get("language")) or "ruby"
    names = ("os", "arch", *VERSIONS.get(language.lower(), ()))
    axes = tuple((name, _scalars(values.get(name))) for name in names)
    everywhere, rows = _env(values.get("env"), findings)
    shared = {key: value for key, value in values.items() if key not in _APART}
    condition = text(values.get("if"))
    return _Root(shared, tuple(axis for axis in axes if axis[1]), everywhere, rows, root.place, condition)


def _scalars(node: Node | None) -> tuple[Scalar, ...]:
    found: list[Scalar] = []
    for item in items(node):
        if isinstance(item, Scalar):
            found.append(item)
        elif isinstance(item, Entries):
            found += [value for _, value in item.entries if isinstance(value, Scalar)][:1]
        else:
            found += _scalars(item)
    return tuple(found)


def _env(node: Node | None, findings: Findings) -> tuple[Row, tuple[Row, ...]]:
    """The variables of every job, and the rows of the matrix."""
    parts = entries(node)
    if parts.keys() & {"global", "matrix", "jobs"}:
        everywhere = tuple(pair for item in items(parts.get("global")) for pair in row(item, findings))
        listed = [item for key in ("matrix", "jobs") for item in items(parts.get(key))]
    else:
        everywhere, listed = (), list(items(node))
    rows = tuple(row(item, findings) for item in listed)
    return everywhere, tuple(one for one in rows if one)


def _multiplied(base: _Root, findings: Findings) -> tuple[Job, ...]:
    names = [name for name, _ in base.axes]
    rows = base.rows or ((),)
    size = len(rows)
    for _, values in base.axes:
        size *= len(values)
    if size > _MOST:
        findings.append(error(base.place, f"the matrix has {size} jobs; at most {_MOST} are run"))
        return ()
    jobs = []
    for versions, env in product(product(*(values for _, values in base.axes)), rows):
        place = versions[-1].place if versions else base.place
        jobs.append(_job(base, dict(zip(names, versions, strict=True)), env, place, base.condition))
    return tuple(jobs)


def _job(base: _Root, own: Mapping[str, Node], env: Row, place: Place, *conditions: str) -> Job:
    values = {**base.shared, **own}
    choice = tuple((key, text(value)) for key, value in own.items())
    said = tuple(condition for condition in conditions if condition)
    stage = text(own.get("stage"))
    return Job(text(own.get("name")), place, values, base.everywhere, env, choice, stage, False, said)


def _included(base: _Root, matrix: Mapping[str, Node], findings: Findings) -> tuple[Job, ...]:
    jobs: list[Job] = []
    stage = ""
    for item in items(matrix.get("include")):
        if not isinstance(item, Entries):
            findings.append(error(item.place, "an entry of `include` is a mapping, such as `python: 3.11`"))
            continue
        own = entries(item)
        stage = text(own.get("stage")) or stage
        first = {name: values[0] for name, values in base.axes}
        everywhere, rows = _env(own.get("env"), findings)
        env = (*everywhere, *(pair for one in rows for pair in one))
        env = env if "env" in own else (base.rows[0] if base.rows else ())
        given = {**first, **{key: value for key, value in own.items() if key not in ("env", "if")}}
        job = _job(base, given, env, item.place, base.condition, text(own.get("if")))
        jobs.append(job._replace(stage=stage))
    return tuple(jobs)


def _matches(job: Job, entry: Node) -> bool:
    """Whether all that an entry of `exclude` or `allow_failures` says is so in the job."""
    said = entries(entry)
    return bool(said) and all(_has(job, key, value) for key, value in said.items())


def _has(job: Job, key: str, value: Node) -> bool:
    if key == "env":
        return row(value, []) == job.env
    if key == "stage":
        return text(value).lower() == (job.stage or "test").lower()
    if key == "if":
        return True
    default = "linux" if key == "os" else ""
    return texts(value) == (texts(job.values.get(key)) or ((default,) if default else ()))


def _identity(values: Mapping[str, Node]) -> str:
    """Equal for what two jobs have in common, wherever it stands in the file."""
    return "\n".join(f"{key}={plain(value)}" for key, value in sorted(values.items()))


def plain(node: Node) -> object:
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Entries):
        return [(key.text, plain(value)) for key, value in node.entries]
    return [plain(item) for item in node.items]


def _named(jobs: list[Job]) -> Iterator[Job]:
    """Each with a name: its own, or what was chosen for it; a number behind where two are alike."""
    taken: set[str] = set()
    for job in jobs:
        chosen = [f"{key} {value}" for key, value in job.choice if _tells(key, value)]
        chosen += [f"{name}={value}" for name, value in job.env]
        wanted = (job.name or ", ".join(chosen) or job.stage or "test").replace("\n", " ")[:100]
        name, number = wanted, 2
        while name in taken:
            name, number = f"{wanted} ({number})", number + 1
        taken.add(name)
        yield job._replace(name=name)


def _tells(key: str, value: str) -> bool:
    known = {name for names in VERSIONS.values() for name in names}
    return bool(value) and (key in known or (key in ("os", "arch") and value not in ("linux", "amd64")))


def check_os(job: Job, findings: Findings) -> None:
    system = text(job.values.get("os")) or "linux"
    if system not in ("linux", "linux-ppc64le"):
        findings.append(error(job.place, f"the job wants `os: {system}`; jobs run on Linux here"))
    if text(job.values.get("arch")) not in ("", "amd64"):
        arch = text(job.values.get("arch"))
        findings.append(warning(job.place, f"`arch: {arch}` is passed over: the machine is what it is"))
