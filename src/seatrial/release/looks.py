"""One look at the traffic of an environment: read its logs, keep and judge what they say, turn them over."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from seatrial.clients.envoy import Unreachable
from seatrial.gateway import access_log, config, log_line
from seatrial.gateway.access_log import Position
from seatrial.gateway.files import entry_name
from seatrial.journal import releases, traffic
from seatrial.journal.journal import Journal
from seatrial.journal.releases import DOWN, EnvironmentRow, ReleaseRow
from seatrial.named_tuple import NamedTuple
from seatrial.release import analysis, mirrored, predictions, users
from seatrial.release.target import Ground
from seatrial.system import clock

# So many pieces of a log are read in one look; what is left then is read in the next.
MOST_PIECES = 8


def look(ground: Ground, row: EnvironmentRow) -> None:
    """Raises Problem or OSError; nothing of what was read is kept then, and it is read again."""
    journal = ground.yard.journal
    main = entry_name(row.project, row.name)
    logs = {name: Path(ground.yard.paths.log(name)) for name in (main, config.shadow_name(main))}
    release = releases.unfinished(journal, row.project, row.name) or releases.provisional(journal, row)
    pieces = {name: read(journal, name, log) for name, log in logs.items()}
    if (release and analysis.is_judged(release)) or any(piece.content for piece in pieces.values()):
        with journal.change():
            keep_predictions(ground, row, pieces[main].content)
            keep(journal, row, release, pieces)
    predictions.forget(journal, row, clock.now())
    for name, log in logs.items():
        if is_over(ground, row) and pieces[name].is_all:
            forget(journal, name, log)
        else:
            turn_over(ground, log, pieces[name].position)


class Piece(NamedTuple):
    """Whole lines of a log, how far it has been read with them, and whether they are all there were."""

    position: Position
    content: bytes
    is_all: bool


def read(journal: Journal, name: str, log: Path) -> Piece:
    """What a log says after what was kept of it."""
    position = Position._make(traffic.position(journal, name))
    found: list[bytes] = []
    for _ in range(MOST_PIECES):
        content, position = access_log.read(log, position)
        if not content:
            return Piece(position, b"".join(found), True)
        found.append(content)
    return Piece(position, b"".join(found), False)


def keep_predictions(ground: Ground, row: EnvironmentRow, content: bytes) -> None:
    """Those of the answers that were served; who was only shadowed has served nobody."""
    if predictions.policy(row) is not None:
        hidden = predictions.hidden(ground.yard.home, row)
        predictions.keep(ground.yard.journal, row, log_line.lines(content), hidden)


def keep(
    journal: Journal, row: EnvironmentRow, release: ReleaseRow | None, pieces: Mapping[str, Piece]
) -> None:
    """Keep what the logs say, how far they were read, and what the gates of a release make of it.

    `pieces` are those of the environment's own log and of its shadow's.
    """
    main, shadow = (piece.content for piece in pieces.values())
    for name, piece in pieces.items():
        traffic.keep_position(journal, name, traffic.Position._make(piece.position))
    seconds = access_log.count(main + shadow)
    traffic.add_minutes(journal, row.project, row.name, analysis.by_minute(seconds))
    if release is None:
        return
    if release.finished is None:
        own = analysis.by_minute([one for one in seconds if one.at >= release.started])
        traffic.add_of_release(journal, release.id, own)
    if analysis.is_judged(release):
        judge(journal, row, release, pieces, seconds)


def judge(
    journal: Journal,
    row: EnvironmentRow,
    release: ReleaseRow,
    pieces: Mapping[str, Piece],
    seconds: list[access_log.Second],
) -> None:
    """Let the gates weigh what the logs say: of users who stay, the first request of each that counts."""
    main, shadow = (log_line.lines(piece.content) for piece in pieces.values())
    common, copies = analysis.shared(journal, row, release), mirrored.NOTHING
    stratum = analysis.moments(common, release)
    is_sticky = bool(row.gateway.get("sticky"))
    if mirrored.is_mirrored(release):
        copies = mirrored.look(journal, release, main, shadow)
        copies = mirrored.of_new_users(journal, release, copies, stratum) if is_sticky else copies
    elif is_sticky:
        arms = (release.revision, release.previous)
        lines = (one for one in main if one.revision in arms and stratum(one.at) is not None)
        seconds = users.first_requests(journal, release.id, lines)
    analysis.weigh(journal, row, release, seconds, copies, common)


def is_over(ground: Ground, row: EnvironmentRow) -> bool:
    """Whether nobody writes a log any more: the environment is down, and so is Envoy."""
    return row.desired == DOWN and row.serving is None and ground.proxy.row is None


def forget(journal: Journal, name: str, log: Path) -> None:
    """Remove a log that was read: it may hold what a prediction log would have masked."""
    if log.exists() or access_log.older(log).exists():
        access_log.older(log).unlink(missing_ok=True)
        log.unlink(missing_ok=True)
        with journal.change():
            traffic.keep_position(journal, name, traffic.Position())


def turn_over(ground: Ground, log: Path, position: Position) -> None:
    try:
        access_log.turn_over(ground.yard.admin, log, position)
    except Unreachable:
        return  # Envoy is asked again at the next look
