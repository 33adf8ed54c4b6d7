"""The jobs that run, in what order and under what conditions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import product
from math import prod

from seatrial.errors import Place
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.circleci import groups, orbs
from seatrial.pipeline.dialects.circleci.expressions import Reader, bind
from seatrial.pipeline.dialects.circleci.jobs import Call, File, branch_filter
from seatrial.pipeline.dialects.circleci.logic import (
    SCHEDULED,
    Test,
    every,
    filter_of,
    negated,
    some,
    test_of,
)
from seatrial.pipeline.dialects.circleci.nodes import reruns_of, shown, text, texts
from seatrial.pipeline.finding import error, note, warning
from seatrial.pipeline.pipeline import LEFT_OUT, SCHEDULE, Trigger
from seatrial.pipeline.spelling import did_you_mean
from seatrial.pipeline.yaml_document import Mapping, Node, Scalar, entries, items

_OWN = frozenset(
    (
        "requires", "filters", "context", "type", "name", "matrix", "pre-steps", "post-steps", "serial-group",
        "override-with", "branches",
    )
)  # fmt: skip
_MOST = 500
_LARGEST = 200  # filters, of all that a job waits for, that its condition is made of
# The ends of a job that `requires` may name, as those of a stage.
_CANCELED, _NOT_RUN = ("cancelled",), ("skipped", LEFT_OUT)
_ENDS: dict[str, tuple[str, ...]] = {
    "success": ("succeeded", LEFT_OUT),
    "failed": ("failed", "errored"),
    "canceled": _CANCELED,
    "unauthorized": ("failed",),
    "not_run": _NOT_RUN,
    "terminal": ("succeeded", "unstable", "failed", "errored", *_CANCELED, *_NOT_RUN),
}


class Need(NamedTuple):
    """Another call, by its name, and the ends of it after which this one runs; () for its success."""

    name: str
    ends: tuple[str, ...] = ()


class Planned(NamedTuple):
    """A call, what it waits for, and its own condition. `missing`: the part of an orb that it is, if one.
    `reruns`: how often it is tried again where it fails."""

    call: Call
    needs: tuple[Need, ...]
    test: Test
    is_approval: bool = False
    missing: str = ""
    reruns: int = 0


def plan(root: Mapping, file: File) -> tuple[Planned, ...]:
    """All calls of all workflows, with names that differ."""
    parts = entries(root)
    flows = {
        name: node
        for name, node in entries(parts.get("workflows")).items()
        if name != "version" and (isinstance(node, Mapping) or name not in ("experimental",))
    }
    if not flows:
        return _implicit(root, file)
    timed = {name for name, node in flows.items() if "triggers" in entries(node)}
    planned = {
        name: _flow(name, node, file, _start(node, bool(timed), file.reader)) for name, node in flows.items()
    }
    usual = Counter(one.call.name for name, flow in planned.items() if name not in timed for one in flow)
    names = usual + Counter(one.call.name for name in timed for one in planned[name])
    found = [
        _renamed(one, flow, names if name in timed else usual, name)
        for name, flow in planned.items()
        for one in flow
    ]
    if len(found) > _MOST:
        file.reader.findings.append(error(root.place, f"{len(found)} jobs; at most {_MOST} are run"))
        return ()
    return tuple(found)


def _implicit(root: Mapping, file: File) -> tuple[Planned, ...]:
    job = file.jobs.get("build")
    if job is None:
        hint = "or name the only job `build`"
        file.reader.findings.append(error(root.place, "there are no `workflows`, so no job runs", hint))
        return ()
    return (Planned(Call("build", "build", job.place), (), branch_filter(job, file.reader)),)


def _start(node: Node, is_any_timed: bool, reader: Reader) -> Test:
    """What starts a workflow: a schedule, on the branches that it names, or whatever is no schedule."""
    if "triggers" not in entries(node):
        return negated(SCHEDULED) if is_any_timed else True
    schedules = [entries(entries(one).get("schedule")) for one in items(entries(node)["triggers"])]
    branches = some([filter_of(one["filters"], reader) if "filters" in one else True for one in schedules])
    return every([SCHEDULED, branches if schedules else True])


def triggers_of(root: Mapping) -> tuple[Trigger, ...]:
    """The schedules of all workflows, which CircleCI keeps in UTC."""
    flows = entries(entries(root).get("workflows")).values()
    return tuple(
        _trigger(entries(one)["schedule"])
        for node in flows
        for one in items(entries(node).get("triggers"))
        if "schedule" in entries(one)
    )


def _trigger(node: Node) -> Trigger:
    """Of its branches, the conditions of the jobs speak."""
    cron = " ".join(text(entries(node).get("cron")).split())
    crons = (cron,) if cron and "<<" not in cron else ()
    return Trigger(SCHEDULE, f"cron: {cron}", node.place, crons, "UTC", is_known=bool(crons))


def _renamed(one: Planned, flow: list[Planned], names: Counter[str], workflow: str) -> Planned:
    """The call with its workflow before its name, where there are several of that name."""
    inside = {other.call.name for other in flow}

    def new(name: str) -> str:
        return f"{workflow}/{name}" if names[name] > 1 and name in inside else name

    needs = tuple(need._replace(name=new(need.name)) for need in one.needs)
    return one._replace(call=one.call._replace(name=new(one.call.name)), needs=needs)


def _flow(name: str, node: Node, file: File, start: Test) -> list[Planned]:
    reader = file.reader
    parts = entries(bind(node, {}, reader._replace(findings=[])))
    tests = [start]
    for key in ("when", "unless"):
        if key in parts:
            test = test_of(bind(entries(node)[key], {}, reader), reader)
            tests.append(test if key == "when" else negated(test))
    for said, _ in node.entries if isinstance(node, Mapping) else ():
        if said.text == "triggers":
            message = f"`triggers`: `{name}` runs where a schedule starts it: seatrial run --event schedule"
            reader.findings.append(note(said.place, message))
        elif said.text not in ("when", "unless", "jobs", "max_auto_reruns", "version"):
            reader.findings.append(warning(said.place, f"`{said.text}` of a workflow has no effect"))
    planned: list[Planned] = []
    aliases: dict[str, list[str]] = {}
    calls = items(entries(node).get("jobs"))
    for item in groups.expanded(calls, file.groups, reader.findings):
        _entry(item, file, every(tests), planned, aliases)
        if len(planned) > _MOST:
            reader.findings.append(error(item.place, f"more than {_MOST} jobs"))
            return []
    planned = _apart(_again(planned, parts.get("max_auto_reruns"), reader))
    known = dict.fromkeys(one.call.name for one in planned)
    required = [_required(one, known, aliases, name, file) for one in planned]
    _refuse_cycles(tuple(required), file)
    return required


def _again(planned: list[Planned], node: Node | None, reader: Reader) -> list[Planned]:
    """The calls, each to be tried again as often as their workflow is."""
    reruns = reruns_of(node, reader.findings)
    return [one._replace(reruns=reruns) for one in planned] if reruns else planned


def _refuse_cycles(planned: tuple[Planned, ...], file: File) -> None:
    places = {name: number for number, name in enumerate(_in_order(planned))}
    if any(places[need.name] >= places[one.call.name] for one in planned for need in one.needs):
        for one in planned:
            _refuse_cycle(one, planned, file)


def _refuse_cycle(one: Planned, planned: tuple[Planned, ...], file: File) -> None:
    by_name = {each.call.name: each for each in planned}
    for name in _in_order(planned, one):
        if one.call.name in {need.name for need in by_name[name].needs}:
            message = f"`{one.call.name}` waits for itself, by way of `{name}`"
            file.reader.findings.append(error(one.call.place, message))
            return


def _apart(planned: list[Planned]) -> list[Planned]:
    """The calls with names that differ: one job may be called again and again."""
    seen: dict[str, int] = {}
    found = []
    for one in planned:
        name = one.call.name
        seen[name] = seen.get(name, 0) + 1
        new = name if seen[name] == 1 else f"{name}-{seen[name]}"
        found.append(one._replace(call=one.call._replace(name=new)))
    return found


def _required(
    one: Planned, known: dict[str, None], aliases: dict[str, list[str]], workflow: str, file: File
) -> Planned:
    found: list[Need] = []
    for need in one.needs:
        if need.name in aliases:
            found += [need._replace(name=name) for name in aliases[need.name]]
        elif need.name in known:
            found.append(need)
        else:
            hint = did_you_mean(need.name, known)
            message = f"`{one.call.name}` requires `{need.name}`, which is no job of `{workflow}`"
            file.reader.findings.append(error(one.call.place, message, hint))
    return one._replace(needs=tuple(dict.fromkeys(found)))


def _entry(item: Node, file: File, test: Test, planned: list[Planned], aliases: dict[str, list[str]]) -> None:
    reader = file.reader
    call = groups.call_of(item)
    if call is None:
        reader.findings.append(
            error(item.place, "a job of a workflow is its name, or one key with what it gets")
        )
        return
    key, value = call
    own = entries(value)
    kind = text(own.get("type")) or text(entries(file.jobs.get(key.text)).get("type"))
    orbs.use(key.text, reader)
    is_missing = key.text not in file.jobs and kind not in ("approval", "no-op")
    if is_missing and "/" in key.text:
        orbs.refuse(key, reader)
    elif is_missing:
        reader.findings.append(
            error(key.place, f"there is no job `{key.text}`", did_you_mean(key.text, file.jobs))
        )
        return
    if "context" in own:
        reader.findings.append(
            note(
                own["context"].place,
                "`context`: its variables are the secrets of this machine that the job reads",
            )
        )
    if "branches" in own:
        message = f"`branches` of the call of `{key.text}` has no effect"
        reader.findings.append(warning(own["branches"].place, message, "say it below `filters`"))
    made: list[str] = []
    for choice in _choices(own.get("matrix"), file):
        one = _planned(key, value, choice, file, test)
        one = one._replace(is_approval=kind == "approval", missing=key.text if is_missing else "")
        made.append(one.call.name)
        planned.append(one)
    if "matrix" in own:
        aliases[text(entries(own["matrix"]).get("alias")) or key.text] = made


def _planned(key: Scalar, value: Node | None, choice: dict[str, Node], file: File, test: Test) -> Planned:
    reader = file.reader
    scope = {f"matrix.{name}": node for name, node in choice.items()}
    bound = bind(value, scope, reader) if value is not None else None
    own = entries(bound)
    name = shown(text(own.get("name"))) or "-".join(
        (key.text, *(shown(text(one)) for one in choice.values()))
    )
    given = (
        {one.text: (one, node) for one, node in bound.entries if one.text not in _OWN}
        if isinstance(bound, Mapping)
        else {}
    )
    for parameter, node in choice.items():
        given[parameter] = (Scalar(parameter, node.place), node)
    arguments = Mapping(tuple(given.values()), key.place)
    call = Call(name, key.text, key.place, arguments, own.get("pre-steps"), own.get("post-steps"))
    tests = [test, filter_of(own.get("filters"), reader)]
    return Planned(call, tuple(_needs(own.get("requires"), file)), every(tests))


def _needs(node: Node | None, file: File) -> Iterator[Need]:
    for item in items(node):
        if isinstance(item, Scalar):
            yield Need(shown(item.text))
        elif isinstance(item, Mapping):
            for key, value in item.entries:
                yield Need(shown(key.text), _ends(value, file))


def _ends(node: Node, file: File) -> tuple[str, ...]:
    found: list[str] = []
    for item in items(node):
        if text(item) not in _ENDS:
            hint = did_you_mean(text(item), _ENDS) or f"one of {', '.join(_ENDS)}"
            file.reader.findings.append(error(item.place, f"`{text(item)}` is no end of a job", hint))
        found += _ENDS.get(text(item), ())
    return () if texts(node) == ("success",) else tuple(dict.fromkeys((*found, LEFT_OUT)))


def _choices(node: Node | None, file: File) -> Iterator[dict[str, Node]]:
    """The combinations of a matrix, less what it excludes; one, empty, without a matrix."""
    parts = entries(bind(node, {}, file.reader)) if node is not None else {}
    axes = {name: items(values) for name, values in entries(parts.get("parameters")).items()}
    if prod(map(len, axes.values())) > _MOST:
        place = node.place if node else Place("", 1, 1)
        file.reader.findings.append(error(place, f"the matrix has more than {_MOST} jobs"))
        return
    excluded = [
        {key: text(one) for key, one in entries(item).items()} for item in items(parts.get("exclude"))
    ]
    for values in product(*axes.values()):
        choice = dict(zip(axes, values, strict=True))
        if {name: text(one) for name, one in choice.items()} not in excluded:
            yield choice


def all_before(planned: tuple[Planned, ...]) -> dict[str, dict[str, None]]:
    """For each call all that it waits for, directly or not, each after what it waits for itself; so are the
    calls themselves."""
    by_name = {one.call.name: one for one in planned}
    found: dict[str, dict[str, None]] = {}
    for name in _in_order(planned):
        before: dict[str, None] = {}
        for need in by_name[name].needs:
            before |= found.get(need.name, {})
            before[need.name] = None
        found[name] = before
    return found


def _in_order(planned: tuple[Planned, ...], *last: Planned) -> Iterator[str]:
    """The names of calls, or of `last` and what it waits for, each after all that it waits for, unless that
    waits for it."""
    by_name = {one.call.name: one for one in planned}
    waiting, seen = [(one.call.name, False) for one in reversed(last or planned)], set()
    while waiting:
        name, is_done = waiting.pop()
        if is_done:
            yield name
        elif name not in seen:
            seen.add(name)
            waiting.append((name, True))
            waiting += [(need.name, False) for need in reversed(by_name[name].needs)]


def with_needed(planned: tuple[Planned, ...]) -> dict[str, Test]:
    """For each call whether it runs: by its own condition, and by that of one at least of those it requires.

    What is left out is passed over by what requires it; where all that it requires is, so is it.
    """
    by_name = {one.call.name: one for one in planned}
    found: dict[str, Test] = {}
    sizes: dict[str, int] = {}
    for name in _in_order(planned):
        needs = [need.name for need in by_name[name].needs if need.name in found]
        sizes[name] = 1 + sum(sizes[need] for need in needs if not isinstance(found[need], bool))
        needed = [found[need] for need in needs] if sizes[name] <= _LARGEST else []
        found[name] = every([by_name[name].test, some(needed) if needed else True])
    return found
