"""`seatrial history`: what was live when, from which commit, on what evidence; and the runs."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from seatrial.cli.options import add_project, add_reports, count
from seatrial.cli.output import Output
from seatrial.errors import INCONCLUSIVE, PASSED, REFUSED

if TYPE_CHECKING:
    from seatrial.journal.releases import EnvironmentRow
    from seatrial.journal.runs import Run
    from seatrial.project.project import Home
    from seatrial.release.history import Delivery, Entry

NAME = "history"
HELP = "say what was live when, from which commit, on what evidence"
EXAMPLES = (
    ("seatrial history", "every environment of this project, and how fast and safely it is changed"),
    ("seatrial history production --at 2026-05-03", "what was live then"),
    ("seatrial history production/7", "how revision 7 was released: plan, traffic, gates, why it ended so"),
    ("seatrial history 7 --report release.html", "and a page that plots it"),
    ("seatrial history --runs", "the last runs instead"),
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "environment",
        nargs="?",
        default="",
        metavar="ENVIRONMENT|REVISION",
        help="the environment (default: all of them), or one revision of it: 7, production/7",
    )
    parser.add_argument("--at", default="", metavar="TIME", help="only what was live then: 2026-05-03T14:07Z")
    parser.add_argument("--runs", action="store_true", help="the runs of the project")
    parser.add_argument("-n", "--limit", type=count, default=20, help="how many at most (default: 20)")
    add_reports(parser)
    add_project(parser)


def run(arguments: Namespace, output: Output) -> int:
    from seatrial.errors import BadInput
    from seatrial.project import environments, replaying
    from seatrial.project.project import look_at_home
    from seatrial.project.times import parse_time

    home = look_at_home()
    if arguments.runs:
        return _runs(
            home, environments.here(home, arguments.file, arguments.project), arguments.limit, output
        )
    project, word = environments.here(home, arguments.file, arguments.project), arguments.environment
    if replaying.names_revision(home, project, word):
        return _revision(home, project, arguments, output)
    if arguments.report:
        raise BadInput("a report is of one revision", hint="seatrial history production/7 --report FILE")
    rows = environments.chosen(home, arguments.file, arguments.project, word, every=False)
    at = parse_time(arguments.at) if arguments.at else None
    told = [_environment(home, row, at, arguments.limit, output) for row in rows]
    if not rows:
        output.say("nothing was released here yet")
    output.give({"environments": told})
    return PASSED


def _revision(home: Home, project: str, arguments: Namespace, output: Output) -> int:
    """How one revision was released."""
    from pathlib import Path

    from seatrial.project import replaying, reports
    from seatrial.report import replay
    from seatrial.report.terminal import painted

    reports.ask(arguments.report)
    row = replaying.revision(home, project, arguments.environment)
    found = replaying.replays(home, row)
    for one in found:
        output.say("\n".join(replay.lines(one)))
    for name in arguments.report:
        reports.write(replaying.record(row, found), Path(name))
        output.say(painted(f"report: {name}", "dim"))
    output.give({"revision": row.id, "releases": found})
    return PASSED


def _environment(
    home: Home, row: EnvironmentRow, at: float | None, limit: int, output: Output
) -> dict[str, object]:
    from seatrial.cli.releases import where
    from seatrial.journal import releases, servers, traffic
    from seatrial.release import history

    place = (row.project, row.name)
    died = servers.deaths(home.journal, *place, since=0.0)
    entries = history.history(
        releases.releases(home.journal, *place),
        releases.revisions(home.journal, *place),
        traffic.met(home.journal, *place),
        {revision: deaths.times for revision, deaths in died.items()},
    )
    figures = history.delivery(entries)
    if at is not None:
        live = history.live_at(entries, at)
        shown = [live] if live else []
    else:
        shown = entries[-limit:]
    output.say(where(row.project, row.name))
    for one in shown:
        output.say("\n".join(_lines(one)))
    if not shown:
        output.say("  nothing was live")
    elif at is None:
        output.say(_figures(figures))
    return {"environment": f"{row.project}/{row.name}", "releases": shown, "delivery": figures}


def _lines(one: Entry) -> list[str]:
    from seatrial.report.terminal import painted
    from seatrial.report.words import first_line, short, times
    from seatrial.system import clock

    if one.live_from is None:
        when = f"{clock.iso(one.started)}  {painted(one.status, 'red')}"
    else:
        until = painted("now", "green") if one.live_until is None else clock.iso(one.live_until)
        when = f"{clock.iso(one.live_from)} – {until}"
    dirty = f" of {one.branch}" if one.branch else ""
    head = f"  {when}  revision {one.number}{' (rollback)' if one.kind == 'rollback' else ''}"
    facts = (
        f"commit {short(one.commit) or 'none'}{dirty}, package {short(one.package)}, run {one.run or 'none'}"
    )
    lines = [head, f"    {facts}", f"    verdict: {one.verdict or 'none'}{_evidence(one)}"]
    if one.deaths:
        lines.append(f"    {painted(f'its server ended by itself {times(one.deaths)}', 'yellow')}")
    said = "; ".join(part for part in (first_line(one.why), f"by {one.by}" if one.by else "") if part)
    return [*lines, f"    {painted(said, 'dim')}"] if said else lines


def _evidence(one: Entry) -> str:
    reason = str(one.evidence.get("reason", ""))
    accepted = str(one.evidence.get("accepted", ""))
    return (f" ({reason})" if reason else "") + (f", accepted by {accepted}" if accepted else "")


def _figures(figures: Delivery) -> str:
    from seatrial.report.words import NOT_SAID, seconds

    rate = figures.change_failure_rate
    share = NOT_SAID if rate is None else f"{rate:.0%} ({figures.failures} of {figures.changes})"
    if figures.unmet and rate is not None:
        share += f" ({figures.unmet} more met no request)"
    return (
        f"  lead time {seconds(figures.lead_seconds) or NOT_SAID}, change failure rate {share}, "
        f"time to restore {seconds(figures.restore_seconds) or NOT_SAID}"
    )


def _runs(home: Home, project: str, limit: int, output: Output) -> int:
    from contextlib import suppress

    from seatrial.errors import Problem
    from seatrial.journal import runs
    from seatrial.report.terminal import STATUS_SIGNS, sign
    from seatrial.report.words import seconds, short
    from seatrial.run import recovery
    from seatrial.system import clock

    with suppress(Problem):  # on a full disk there is still something to read
        recovery.recover(home.journal, home.folder)
    found = [recovery.as_it_is(one) for one in runs.latest(home.journal, project, limit=limit)]
    for one in found:
        took = seconds(one.finished - one.started) if one.finished else ""
        dirty = " + uncommitted edits" if one.dirty else ""
        word = _came_to(one)
        output.say(
            f"  {sign(word, STATUS_SIGNS)} #{one.number:<4} {clock.iso(one.started)}  {word:<12}  "
            f"{took:>7}  {short(one.commit)} {one.branch}{dirty}"
        )
    if not found:
        output.say("there was no run yet")
    output.give({"runs": found})
    return PASSED


def _came_to(run: Run) -> str:
    """The status of a run; of one that failed, whether it was its evidence that did not let it pass."""
    words = {REFUSED: "refused", INCONCLUSIVE: "inconclusive"}
    is_failed = run.status == "failed"
    return words.get(run.body.get("exit_code", 0), run.status) if is_failed else run.status
