"""What a person sees of environments while releases go on there: the judge at work.

On a terminal the whole picture, drawn anew every second; in a pipe a line for whatever happens, and one
every ten seconds; as JSON a line each second.
"""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.cli.output import Output
from seatrial.cli.redrawn import Screen
from seatrial.journal import releases
from seatrial.journal.journal import Event
from seatrial.project.project import Home
from seatrial.release import see, status
from seatrial.release.narration import sentence as told
from seatrial.release.sight import Watched
from seatrial.report import live
from seatrial.report.terminal import painted
from seatrial.system import clock

REDRAW_SECONDS = 1.0
LINE_SECONDS = 10.0
Place = tuple[str, str]


class Following:
    """`look` may be called as often as one likes; `hear` is told what happens."""

    def __init__(self, home: Home, places: Sequence[Place], output: Output, screen: Screen | None) -> None:
        self._home = home
        self._places = places
        self._output = output
        self._screen = screen
        self._due = 0.0
        self._said: dict[Place, str] = {}
        self._heard: dict[Place, int] = {}

    def hear(self, event: Event) -> None:
        said = told(event)
        if not said:
            return
        line = f"  {painted('→', 'cyan')} {said}"
        if self._screen is not None:
            self._screen.say(line)
        else:
            self._output.progress(line)

    def look(self) -> None:
        now = clock.monotonic()
        if now < self._due:
            return
        self._due = now + (REDRAW_SECONDS if self._screen is not None else LINE_SECONDS)
        found = self.watched()
        if self._screen is not None:
            self._screen.draw(picture(found, self._output.width))
            return
        for one in found:
            self._tell(one)

    def step(self) -> None:
        """One look of a watch without an end, with what happened since the last one."""
        for place in self._places:
            for event in self._news(place):
                self.hear(event)
        if not self._output.is_json:
            self.look()
            return
        for one in self.watched():
            self._output.stream(one)

    def _news(self, place: Place) -> list[Event]:
        """The events of an environment's last release that were not told; at first those so far are not."""
        rows = releases.releases(self._home.journal, *place)
        known = self._heard.get(place)
        subject = rows[-1].id if rows else ""
        found = self._home.journal.events(after=known or 0, subject=subject) if rows else []
        self._heard[place] = found[-1].sequence if found else known or 0
        return found if known is not None else []

    def watched(self) -> list[Watched]:
        rows = [releases.environment(self._home.journal, *place) for place in self._places]
        driver = status.driver(self._home.folder)
        return [see.watched(self._home.journal, row, driver) for row in rows if row is not None]

    def _tell(self, one: Watched) -> None:
        """One line, where it says something new."""
        place = (one.project, one.environment)
        line = live.summary(one)
        if line and line != self._said.get(place):
            self._said[place] = line
            self._output.progress(f"  {painted('·', 'dim')} {line}")


def picture(found: Sequence[Watched], width: int) -> list[str]:
    lines: list[str] = []
    for one in found:
        lines += ["", *live.lines(one, width)] if lines else live.lines(one, width)
    return lines
