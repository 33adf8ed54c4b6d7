"""Two revisions, or packages, side by side: evidence, data, code, settings and traffic."""

from __future__ import annotations

from seatrial.named_tuple import NamedTuple
from seatrial.release.sight import Flow
from seatrial.report.terminal import painted
from seatrial.report.words import milliseconds, number, percent, short, size

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
MOST_LINES = 40
_SIGNS = {ADDED: ("+", "green"), REMOVED: ("-", "red"), CHANGED: ("~", "yellow")}


def _how(before: object, after: object) -> str:
    return ADDED if before is None else REMOVED if after is None else CHANGED


class Side(NamedTuple):
    """One of the two. `name` is the revision's id, else the digest of the package."""

    name: str
    package: str
    commit: str = ""
    branch: str = ""
    run: str = ""
    verdict: str = ""
    released: str = ""


class Measured(NamedTuple):
    """A metric of an evaluation, of each side that has it."""

    metric: str
    before: float | None
    after: float | None


class Changed(NamedTuple):
    """Something that is not the same on both sides: None where a side has none of it."""

    name: str
    before: str | None
    after: str | None

    @property
    def how(self) -> str:
        return _how(self.before, self.after)


class ChangedFile(NamedTuple):
    """A file of the package: its sizes in bytes."""

    path: str
    kind: str
    before: int | None
    after: int | None

    @property
    def how(self) -> str:
        return _how(self.before, self.after)


class Difference(NamedTuple):
    """`files`, `data`, `python` and `settings` hold only what differs.

    `commits` is None where the repository is not here; `is_backwards`: they were taken out again.
    """

    before: Side
    after: Side
    metrics: tuple[Measured, ...] = ()
    data: tuple[Changed, ...] = ()
    files: tuple[ChangedFile, ...] = ()
    same_files: int = 0
    python: tuple[Changed, ...] = ()
    settings: tuple[Changed, ...] = ()
    commits: tuple[str, ...] | None = None
    is_backwards: bool = False
    flows: tuple[Flow, ...] = ()


def lines(found: Difference) -> list[str]:
    same = painted("  both serve the same package", "dim")
    return [
        *side_lines("before", found.before),
        *side_lines("after", found.after),
        *([same] if found.before.package == found.after.package else []),
        *part("evidence", [metric_line(one) for one in found.metrics], "nothing was measured"),
        *part(
            "data",
            [
                change_line(one._replace(before=brief(one.before), after=brief(one.after)))
                for one in found.data
            ],
            "no difference is known",
        ),
        *part("files", [file_line(one) for one in found.files], f"all {found.same_files:,} as before"),
        *part("Python", [change_line(one) for one in found.python], "as before"),
        *part("settings", [change_line(one) for one in found.settings], "as before"),
        *commit_lines(found),
        *part(
            "traffic of all their time so far",
            [flow_line(one) for one in found.flows],
            "no requests are known",
        ),
    ]


def side_lines(word: str, side: Side) -> list[str]:
    facts = [
        f"package {short(side.package)}",
        f"commit {short(side.commit) or 'none'}",
        f"verdict {side.verdict or 'none'}",
    ]
    facts += [f"released {side.released}"] if side.released else []
    return [f"{word:<7} {painted(side.name, 'bold')}  {painted(', '.join(facts), 'dim')}"]


def part(title: str, body: list[str], none: str) -> list[str]:
    """A part with its lines, cut where they are too many."""
    if not body:
        return [f"{painted(title, 'dim')}: {none}"]
    more = (
        [painted(f"  and {len(body) - MOST_LINES:,} more, with --json", "dim")]
        if len(body) > MOST_LINES
        else []
    )
    return [painted(title, "dim"), *body[:MOST_LINES], *more]


def metric_line(one: Measured) -> str:
    moved = ""
    if one.before is not None and one.after is not None:
        step = one.after - one.before
        moved = f"  {'+' if step > 0 else '−' if step < 0 else '±'}{number(abs(step))}"
    return f"  {one.metric:<28} {number(one.before):>10} → {number(one.after):>10}{moved}"


def change_line(one: Changed) -> str:
    sign, colour = _SIGNS[one.how]
    said = " → ".join(text for text in (one.before, one.after) if text is not None)
    return f"  {painted(sign, colour)} {one.name}: {said}"


def brief(digest: str | None) -> str | None:
    return None if digest is None else short(digest)


def file_line(one: ChangedFile) -> str:
    sign, colour = _SIGNS[one.how]
    sizes = " → ".join(size(count) for count in (one.before, one.after) if count is not None)
    return f"  {painted(sign, colour)} {one.path}  {painted(f'{one.kind}, {sizes}', 'dim')}"


def commit_lines(found: Difference) -> list[str]:
    if found.before.commit == found.after.commit:
        return [f"{painted('commits', 'dim')}: the same"]
    if not (found.before.commit and found.after.commit):
        return [f"{painted('commits', 'dim')}: not known of both"]
    if found.commits is None:
        return [f"{painted('commits', 'dim')}: the repository here does not have both"]
    title = "commits that are not in it any more" if found.is_backwards else "commits"
    return part(title, [f"  {one}" for one in found.commits], "none between them")


def flow_line(one: Flow) -> str:
    number_ = one.revision.rpartition("/")[2]
    latencies = f"p50 {milliseconds(one.p50)}, p95 {milliseconds(one.p95)}"
    return f"  revision {number_}: {one.requests:,} requests, {percent(one.error_rate)} failed, {latencies}"
