from __future__ import annotations

import re
from html.parser import HTMLParser

from seatrial.report import drawing
from seatrial.report.page import page
from seatrial.report.record import Estimate, SliceRecord, StageRecord
from tests.report.sample import RUN, VERDICT, hostile

VOID = {"meta", "link", "br", "hr", "img", "input"}


class Reader(HTMLParser):
    """Collects the tags and holds that they nest."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    return reader


def test_the_page_shows_the_run() -> None:
    reader = read(page(RUN))
    for part in (
        "refused by the evidence",
        "recall(7) >= 0.90",
        "about 1,400 more examples",
        "domain=street",
        "worse",
    ):
        assert part in reader.text
    assert "480 of 500 examples of cat were answered with cat" in reader.text


def test_it_needs_nothing_else() -> None:
    text = page(RUN)
    reader = read(text)
    assert not {tag for tag, _ in reader.tags} & {"script", "link", "img", "iframe", "object"}
    assert not [attrs for _, attrs in reader.tags if "src" in attrs or "href" in attrs or "onload" in attrs]
    assert "url(" not in text
    assert "default-src 'none'" in text


def test_hostile_names_stay_text() -> None:
    reader = read(page(hostile()))
    assert "script" not in {tag for tag, _ in reader.tags}
    assert "<script>alert(1)</script>" in reader.text


def test_it_has_both_colour_schemes() -> None:
    assert "prefers-color-scheme: dark" in page(RUN)


def test_an_interval_lies_between_its_ends_and_shows_the_bar() -> None:
    drawn = drawing.interval_drawing(Estimate(0.5, 0.4, 0.6), 0.2)
    assert drawn is not None
    assert drawn.low is not None
    assert drawn.high is not None
    assert drawn.bar is not None
    assert 0 < drawn.bar < drawn.low < drawn.value < drawn.high < drawing.INTERVAL_WIDTH
    assert drawing.interval_drawing(Estimate(None), 0.2) is None


def test_slices_of_one_metric_share_a_scale() -> None:
    slices = (
        SliceRecord("d=a", "accuracy", Estimate(0.5, 0.4, 0.6), 10),
        SliceRecord("d=b", "accuracy", Estimate(0.5, 0.45, 0.55), 10),
        SliceRecord("d=c", "rmse", Estimate(900.0, 800.0, 1000.0), 10),
        SliceRecord("d=e", "accuracy", Estimate(None), 0),
    )
    first, second, other, none = drawing.slice_drawings(slices)
    assert first is not None
    assert second is not None
    assert other is not None
    assert none is None
    assert first.value == second.value
    assert first.left == second.left != other.left


def test_the_timeline_is_to_scale() -> None:
    stages = (
        StageRecord("a", "succeeded", begins=0.0, seconds=5.0),
        StageRecord("b", "succeeded", begins=5.0, seconds=5.0),
        StageRecord("c", "succeeded", is_restored=True, begins=1.0, seconds=1.0),
        StageRecord("d", "skipped"),
    )
    made = drawing.timeline(stages)
    assert made is not None
    assert [(bar.name, bar.x, bar.width) for bar in made.bars] == [("a", 0.0, 500.0), ("b", 500.0, 500.0)]
    assert made.ticks[0] == (0.0, "0s")
    assert made.ticks[-1][1] == "10s"
    assert 4 <= len(made.ticks) <= 10
    assert drawing.timeline(()) is None


def test_the_heat_is_the_share_of_each_label() -> None:
    made = drawing.heat(VERDICT)
    assert made is not None
    assert [[cell.share for cell in row] for row in made.rows] == [[0.96, 0.04], [0.26, 0.74]]
    assert drawing.heat(VERDICT._replace(labels=("one",), confusion=((1,),))) is None


def test_the_worst_confusions_come_first() -> None:
    assert drawing.worst_confusions(VERDICT) == (("dog", "cat", 130), ("cat", "dog", 20))


def test_no_position_is_outside_the_picture() -> None:
    for match in re.finditer(r'cx="(-?[\d.]+)"', page(RUN)):
        assert 0 <= float(match[1]) <= drawing.INTERVAL_WIDTH
