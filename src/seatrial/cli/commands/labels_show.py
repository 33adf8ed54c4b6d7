"""`seatrial labels show`: how many labels there are, how late they come, and how right the answers were."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from seatrial.cli.options import add_environment, add_project
from seatrial.cli.output import Output
from seatrial.errors import PASSED

if TYPE_CHECKING:
    from seatrial.journal.label_figures import Corrected, Figures, OfRevision

NAME = "labels show"
HELP = "say how many labels there are, how late they come, and how right each revision was"
EXAMPLES = (
    ("seatrial labels show", "every environment of this project"),
    ("seatrial labels show production", "one of them"),
)


def add_arguments(parser: ArgumentParser) -> None:
    add_environment(parser)
    add_project(parser)


def run(arguments: Namespace, output: Output) -> int:
    from seatrial.cli.releases import where
    from seatrial.journal import label_figures
    from seatrial.project import environments
    from seatrial.project.project import look_at_home
    from seatrial.release import predictions

    home = look_at_home()
    rows = environments.chosen(home, arguments.file, arguments.project, arguments.environment, every=False)
    told = []
    for row in rows:
        found = label_figures.figures(home.journal, row.project, row.name)
        is_kept = predictions.policy(row) is not None
        output.say(where(row.project, row.name))
        output.say("\n".join(_lines(found, is_kept=is_kept)))
        told.append({"environment": f"{row.project}/{row.name}", "keeps": is_kept, **found._asdict()})
    if not rows:
        output.say("nothing was released here yet")
    output.give({"environments": told})
    return PASSED


def _lines(found: Figures, *, is_kept: bool) -> list[str]:
    from seatrial.report.words import seconds

    lines = [] if is_kept else ["  keeps no predictions: add `predictions:` to the environment, and release"]
    if not (found.predictions or found.labels or found.pairs):
        return lines or ["  no predictions and no labels yet"]
    counts = f"{found.predictions:,} predictions, {found.labels:,} labels: {found.pairs:,} joined"
    rest = (found.waiting, "waiting"), (found.repeated, "repeated"), (found.contradicting, "contradicting")
    more = [f"{found.corrected:,} corrected"] if found.corrected else []
    lines.append("  " + ", ".join([counts, *(f"{number:,} {word}" for number, word in rest), *more]))
    if found.delay_seconds is not None:
        lines.append(f"  a label comes {seconds(found.delay_seconds)} after its prediction (median)")
    lines += [_revision(one) for one in found.revisions]
    return lines + [_correction(one) for one in found.corrections]


def _revision(one: OfRevision) -> str:
    share = f"{one.labelled / one.predictions:.1%} of {one.predictions:,}" if one.predictions else "none"
    if one.mean_absolute_error is not None:
        right = f"mean absolute error {one.mean_absolute_error:.4g}"
    else:
        right = "no label yet" if one.accuracy is None else f"accuracy {one.accuracy:.2%}"
    of = f" of {one.pairs:,}" if one.pairs else ""
    return f"    revision {one.revision.rpartition('/')[2]}: labelled {share} predictions, {right}{of}"


def _correction(one: Corrected) -> str:
    from seatrial.report.words import first_line
    from seatrial.system import clock

    labels = "1 label" if one.labels == 1 else f"{one.labels:,} labels"
    return f"    corrected {clock.iso(one.at)}: {labels}, by {first_line(one.by)}: {first_line(one.why)}"
