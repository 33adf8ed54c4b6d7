"""Replay recorded requests to candidate and stable: a job beside the supervisor's loop.

Each request goes straight to a server of either revision, one after the other, each of them first as often
as the other, so that neither works while it is compared and none of it is in the users' log. All answers
are judged at once, and what they say is kept in one transaction with the word that it was done: whoever is
killed before has done nothing, and it is done again from the first request.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from seatrial.errors import BadInput, Infrastructure
from seatrial.errors import Place as Where
from seatrial.gateway.ask import Asked, ask
from seatrial.gateway.log_line import Line
from seatrial.journal import releases, servers
from seatrial.journal.journal import Journal
from seatrial.journal.releases import RUNNING, EnvironmentRow, ReleaseRow
from seatrial.package.build import packaged
from seatrial.package.contents import CODE
from seatrial.pipeline.pipeline import Environment, place_of
from seatrial.release import analysis, probe, probed
from seatrial.release.pairing import Pair
from seatrial.release.recorded import LARGEST, Recorded, parse
from seatrial.release.strategy import PROBE
from seatrial.release.target import Place
from seatrial.store import blobs, trees
from seatrial.store.store import Store, open_store
from seatrial.store.trees import Tree
from seatrial.system import clock

# So many are sent once more beforehand, and not counted: the first ones are slow.
WARM_UP = 5
# How often it is asked whether anybody still wants it.
LOOK_SECONDS = 0.5


def found_in(tree: Tree, environment: Environment) -> str:
    """The digest of an environment's recorded requests in its commit; "" without. Raises BadInput."""
    if not environment.probe:
        return ""
    try:
        (entry,) = trees.select(tree, [environment.probe])
        return packaged(tree, entry, CODE).digest  # a link becomes the file that it leads to
    except ValueError as error:
        raise BadInput(
            f"{environment.probe} is no single file", place=place_of(environment, "probe")
        ) from error
    except BadInput as problem:
        problem.place = problem.place or place_of(environment, "probe")
        raise


def read(store: Store, digest: str, name: str) -> tuple[Recorded, ...]:
    """Raises BadInput, and blobs.Missing."""
    if blobs.size(store, digest) > LARGEST:
        raise BadInput(f"{name} is larger than {LARGEST // 2**20} MiB", place=Where(name))
    return parse(blobs.read(store, digest), name)


def frozen(store: Store, digest: str, name: str) -> dict[str, Any] | None:
    """What a plan keeps of recorded requests, checked. Raises as `read`."""
    if not digest:
        return None
    return {"file": name, "digest": digest, "requests": len(read(store, digest, name))}


def job_name(release: str) -> str:
    return f"probe of {release}"


def start(place: Place, release: ReleaseRow) -> None:
    """Begin, unless it has begun; returns at once."""
    yard = place.ground.yard
    store = open_store(yard.home, yard.journal)
    yard.jobs.start(job_name(release.id), lambda: replay(yard.journal, store, place.row, release))


def replay(journal: Journal, store: Store, row: EnvironmentRow, release: ReleaseRow) -> None:
    """Send all requests, and keep what the answers say. Raises Infrastructure where a server is away."""
    told = release.plan["probe"]
    requests = read(store, told["digest"], told["file"])
    ports = (port_of(journal, release.revision), port_of(journal, release.previous))
    asked = [to_ask(one, f"probe-{release.id}-{number}") for number, one in enumerate(requests)]
    for one in asked[:WARM_UP]:
        pair_of(ports, release, one, candidate_first=True)
    pairs, due = [], 0.0
    for number, one in enumerate(asked):
        if time.monotonic() > due:
            if not is_wanted(journal, release):
                return
            due = time.monotonic() + LOOK_SECONDS
        pairs.append(pair_of(ports, release, one, candidate_first=number % 2 == 0))
    keep(journal, row, release, pairs)


def to_ask(one: Recorded, request: str) -> Asked:
    return Asked(one.method, one.path, one.headers, one.body, request)


def port_of(journal: Journal, revision: str) -> int:
    rows = servers.of_revision(journal, revision)
    found = next((row.port for row in rows if row.status == servers.READY), None)
    if found is None:
        raise Infrastructure(f"no server of {revision} is ready for recorded requests")
    return found


def pair_of(ports: tuple[int, int], release: ReleaseRow, asked: Asked, *, candidate_first: bool) -> Pair:
    ours, theirs = ports
    if candidate_first:
        candidate = ask(ours, release.revision, asked)
        return Pair(candidate, ask(theirs, release.previous, asked))
    stable: Line = ask(theirs, release.previous, asked)
    return Pair(ask(ours, release.revision, asked), stable)


def is_wanted(journal: Journal, release: ReleaseRow) -> bool:
    """Whether the release still stands where it waits for this."""
    now = releases.release(journal, release.id)
    if now is None or now.status != RUNNING or now.body.get("abort") or now.body.get("probed"):
        return False
    return bool(now.plan["steps"][now.step]["kind"] == PROBE)


def keep(journal: Journal, row: EnvironmentRow, release: ReleaseRow, pairs: Sequence[Pair]) -> None:
    """What the answers say, at once with the word that it was done; nothing where nobody waits any more."""
    until = float(release.body.get("served", clock.now()))
    past = analysis.history(journal, row, release.previous, until)
    found = probe.judged(release.plan["gates"], pairs, past, float(release.plan["alpha"]))
    with journal.change(durable=True):
        if is_wanted(journal, release):
            releases.note(journal, release, probed=found._asdict())
            journal.append("release.probed", release.id, text=probed.sentence(found))
