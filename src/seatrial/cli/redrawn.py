"""Lines that are redrawn at the foot of a terminal, while others stay above them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from seatrial.cli.live import is_available
from seatrial.cli.output import Output, harmless

if TYPE_CHECKING:
    from rich.text import Text


class Screen:
    """`draw` replaces the lines at the foot; `say` puts one above them."""

    def __init__(self, output: Output) -> None:
        from rich import live
        from rich.console import Console

        colours = not output.has_colours
        self._console = Console(
            highlight=False, markup=False, emoji=False, no_color=colours, width=output.width
        )
        self._view = live.Live(console=self._console, auto_refresh=False, transient=True)

    def __enter__(self) -> Screen:
        self._view.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._view.stop()

    def draw(self, lines: Sequence[str]) -> None:
        shown = lines[: max(self._console.size.height - 1, 3)]
        self._view.update(_text("\n".join(shown), fits=True), refresh=True)

    def say(self, line: str) -> None:
        self._console.print(_text(line), soft_wrap=True)


def _text(line: str, *, fits: bool = False) -> Text:
    from rich.text import Text

    text = Text.from_ansi(harmless(line, keep_colours=True))
    if fits:
        text.no_wrap, text.overflow = True, "ellipsis"
    return text


@contextmanager
def screen(output: Output) -> Iterator[Screen | None]:
    """Where there is a terminal that lines can be redrawn on; None where there is none."""
    if not output.is_live or not is_available():
        yield None
        return
    with Screen(output) as found:
        yield found
