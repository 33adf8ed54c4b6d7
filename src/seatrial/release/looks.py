"""One look at the traffic of an environment: read its logs, keep and judge what they say, turn them over."""

from __future__ import annotations

from pathlib import Path

from seatrial.clients.envoy import Unreachable
from seatrial.gateway import access_log, config
from seatrial.gateway.access_log import Position, Second
from seatrial.gateway.files import entry_name
from seatrial.journal import releases, traffic
from seatrial.journal.journal import Journal
from seatrial.journal.releases import EnvironmentRow
from seatrial.release import analysis
from seatrial.release.target import Ground

# So many pieces of a log are read in one look; what is left then is read in the next.
MOST_PIECES = 8


def look(ground: Ground, row: EnvironmentRow) -> None:
    """Raises Problem or OSError; nothing of what was read is kept then, and it is read again."""
    journal = ground.yard.journal
    main = entry_name(row.project, row.name)
    logs = {name: Path(ground.yard.paths.log(name)) for name in (main, config.shadow_name(main))}
    release = releases.unfinished(journal, row.project, row.name)
    positions: dict[str, Position] = {}
    found: list[Second] = []
    for name, log in logs.items():
        positions[name], seconds = read(journal, name, log)
        found += seconds
    if found or (release is not None and analysis.is_judged(release)):
        with journal.change():
            for name, position in positions.items():
                traffic.keep_position(journal, name, traffic.Position._make(position))
            analysis.watch(journal, row, release, found)
    for name, log in logs.items():
        turn_over(ground, log, positions[name])


def read(journal: Journal, name: str, log: Path) -> tuple[Position, list[Second]]:
    """What a log says after what was kept of it."""
    position = Position._make(traffic.position(journal, name))
    found: list[Second] = []
    for _ in range(MOST_PIECES):
        content, position = access_log.read(log, position)
        if not content:
            break
        found += access_log.count(content)
    return position, found


def turn_over(ground: Ground, log: Path, position: Position) -> None:
    try:
        access_log.turn_over(ground.yard.admin, log, position)
    except Unreachable:
        return  # Envoy is asked again at the next look
