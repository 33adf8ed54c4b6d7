"""The jobs of a file: the axes multiplied, entries added and taken away, those that may fail marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from seatrial.errors import Place
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.travis.languages import AXES, KEYS, ONLY_ON, axes_of, language_of, system_of
from seatrial.pipeline.dialects.travis.texts import Findings, Row, plain_row, row, text, texts
from seatrial.pipeline.finding import error, warning
from seatrial.pipeline.yaml_document import Mapping as Entries
from seatrial.pipeline.yaml_document import Node, Scalar, entries, items, place_at

_APART = frozenset(
    ("matrix", "jobs", "stages", "env", "notifications", "version", "if", "import", "conditions")
)
_MOST = 500  # jobs
_NOT = "NOT "


class If(NamedTuple):
    """A condition, and the value that it stands in, `before` characters of its own before it."""

    text: str
    node: Node
    before: int = 0

    def place_of(self, offset: int) -> Place:
        """Where a character of it stands in the file."""
        said = offset - self.before
        if isinstance(self.node, Scalar) and 0 <= said < len(self.node.text):
            return place_at(self.node, said)
        return self.node.place


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
    allowed_if: tuple[If, ...] = ()  # it may fail where one of them holds
    conditions: tuple[If, ...] = ()

    @property
    def language(self) -> str:
        return language_of(text(self.values.get("language")))

    @property
    def system(self) -> str:
        return system_of(text(self.values.get("os")))


_Made = tuple[Job, frozenset[str] | None]  # a job, and the keys that its entry of `include` says


class _Root(NamedTuple):
    shared: Mapping[str, Node]
    axes: Mapping[str, tuple[Scalar, ...]]
    everywhere: Row
    rows: tuple[Row, ...]
    place: Place
    conditions: tuple[If, ...]


def read_jobs(root: Entries, findings: Findings) -> tuple[Job, ...]:
    """All jobs, in the order of Travis, with names that differ."""
    base = _root(root, findings)
    matrix = matrix_of(root)
    included = _included(base, matrix, findings)
    multiplied = _multiplied(base, findings)
    if included and len(multiplied) == 1:  # it is only implied
        multiplied = ()
    excluded = items(matrix.get("exclude"))
    jobs = tuple(_left((*((job, None) for job in multiplied), *included), excluded))
    if included and not jobs:  # the files of the time when only the axes were excluded from
        message = "`exclude` takes every job away: the entries of `include` stay, as they did on Travis once"
        findings.append(warning(matrix["exclude"].place, message))
        jobs = tuple(job for job, _ in included)
    once: dict[object, Job] = {}
    for job in jobs:
        asked = tuple(one.text for one in job.conditions)
        once.setdefault((_identity(job.values), job.env, job.stage, asked), job)
    listed = (*items(matrix.get("allow_failures")), *items(matrix.get("allowed_failures")))
    allowances = [_allowance(one) for one in listed if isinstance(one, Entries)]
    return tuple(_named([_allowed(job, allowances) for job in once.values()]))


def matrix_of(root: Entries) -> dict[str, Node]:
    """`matrix` and `jobs`, which are one; a list there is its `include`."""
    found: dict[str, Node] = {}
    for key in ("matrix", "jobs"):
        node = entries(root).get(key)
        found |= entries(node) if node is None or isinstance(node, Entries) else {"include": node}
    return found


def _keys(node: Node | None) -> dict[str, Node]:
    """The entries by their usual names."""
    found = entries(node)
    for other, name in KEYS.items():
        if other in found:
            found.setdefault(name, found[other])
    return found


def _root(root: Entries, findings: Findings) -> _Root:
    values = _keys(root)
    names = axes_of(language_of(text(values.get("language"))))
    axes = {name: found for name in names if (found := _scalars(values.get(name)))}
    everywhere, rows = _env(values.get("env"), findings)
    shared = {key: value for key, value in values.items() if key not in _APART and key not in AXES}
    return _Root(shared, axes, everywhere, rows, root.place, _conditions(values))


def _conditions(values: Mapping[str, Node]) -> tuple[If, ...]:
    node = values.get("if")
    said = text(node)
    return (If(said, node),) if node is not None and said else ()


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
    rows = base.rows or ((),)
    size = len(rows)
    for values in base.axes.values():
        size *= len(values)
    if size > _MOST:
        findings.append(error(base.place, f"the matrix has {size} jobs; at most {_MOST} are run"))
        return ()
    return tuple(
        _job(base, dict(zip(base.axes, chosen, strict=True)), env, chosen[-1].place if chosen else base.place)
        for chosen, env in product(product(*base.axes.values()), rows)
    )


def _job(base: _Root, own: Mapping[str, Node], env: Row, place: Place) -> Job:
    system = system_of(text(own.get("os", base.shared.get("os"))))
    own = {key: value for key, value in own.items() if ONLY_ON.get(key, system) == system}
    values = {**base.shared, **own}
    choice = tuple((key, text(value)) for key, value in own.items())
    name, stage = text(values.get("name")), text(values.get("stage"))
    return Job(name, place, values, base.everywhere, env, choice, stage, conditions=base.conditions)


def _included(base: _Root, matrix: Mapping[str, Node], findings: Findings) -> tuple[_Made, ...]:
    jobs: list[_Made] = []
    stage = ""
    for item in items(matrix.get("include")):
        if not isinstance(item, Entries):
            message = "an entry of `include` is a mapping, such as `python: 3.11`; it is passed over"
            findings.append(warning(item.place, message))
            continue
        own = _keys(item)
        stage = text(own.get("stage")) or stage
        job = _job(base, _given(base, own), _row_of(base, own, findings), item.place)
        job = job._replace(stage=stage or job.stage, conditions=base.conditions + _conditions(own))
        jobs.append((job, frozenset((*own, "stage"))))
    return tuple(jobs)


def _given(base: _Root, own: Mapping[str, Node]) -> dict[str, Node]:
    """What an entry has: the first of each axis that is one in its language, and what it says itself."""
    language = language_of(text(own.get("language", base.shared.get("language"))))
    known = axes_of(language)
    first: dict[str, Node] = {name: values[0] for name, values in base.axes.items() if name in known}
    return {**first, **{key: value for key, value in own.items() if key not in ("env", "if")}}


def _row_of(base: _Root, own: Mapping[str, Node], findings: Findings) -> Row:
    if "env" not in own:
        return base.rows[0] if base.rows else ()
    everywhere, rows = _env(own["env"], findings)
    return (*everywhere, *(pair for one in rows for pair in one))


def _left(jobs: tuple[_Made, ...], excluded: tuple[Node, ...]) -> Iterator[Job]:
    """The jobs that no entry of `exclude` matches; one with a condition takes its job away where it holds.

    Of an entry of `include` only what it says itself is matched: many files exclude the job of their axes by
    what all entries have from the file.
    """
    for job, own in jobs:
        conditions: tuple[If, ...] = ()
        for one in excluded:
            is_said = own is None or _keys(one).keys() - {"if"} <= own
            if not is_said or not _matches(job, one):
                continue
            conditional = _conditions(entries(one))
            conditions += tuple(If(f"{_NOT}({each.text})", each.node, len(_NOT) + 1) for each in conditional)
            if not conditional:
                break
        else:
            yield job._replace(conditions=job.conditions + conditions)


def _allowance(entry: Entries) -> tuple[Entries, If | None]:
    """An entry of `allow_failures`: what a job must have, and what must hold of the run."""
    said = [(key.text, value) for key, value in entry.entries if key.text in ("if", "branch") and text(value)]
    parts = [f"({text(value)})" if key == "if" else f'branch = "{text(value)}"' for key, value in said]
    rest = tuple((key, value) for key, value in entry.entries if key.text not in ("if", "branch"))
    condition = If(" AND ".join(parts), said[0][1], before=1) if said else None
    return entry._replace(entries=rest), condition


def _allowed(job: Job, allowances: list[tuple[Entries, If | None]]) -> Job:
    found = [one for entry, one in allowances if _matches(job, entry) or (one and not entry.entries)]
    if None in found:
        return job._replace(may_fail=True)
    return job._replace(allowed_if=tuple(one for one in found if one))


def _matches(job: Job, entry: Node) -> bool:
    """Whether all that an entry of `exclude` or `allow_failures` says is so in the job."""
    said = _keys(entry)
    return bool(said) and all(_has(job, key, value) for key, value in said.items())


def _has(job: Job, key: str, value: Node) -> bool:
    if key == "env":
        return _has_env(job, value)
    if key == "stage":
        return text(value).lower() == (job.stage or "test").lower()
    if key == "if":
        return True
    if key == "os":
        return system_of(text(value)) == job.system
    if key == "language":
        return language_of(text(value)) == job.language
    return texts(value) == texts(job.values.get(key))


def _has_env(job: Job, value: Node) -> bool:
    """An entry may name variables of all jobs beside those of the one."""
    own, everywhere = plain_row(job.env), plain_row(job.everywhere)
    said = plain_row(_row_of_entry(value))
    return said == own or (own <= said and said - own <= everywhere)


def _row_of_entry(value: Node) -> Row:
    everywhere, rows = _env(value, [])
    return (*everywhere, *(pair for one in rows for pair in one))


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
    return key in AXES and bool(value) and (key not in ("os", "arch") or value not in ("linux", "amd64"))
