"""The events of a release in words, for whoever watches it."""

from __future__ import annotations

from seatrial.journal.journal import Event


def sentence(event: Event) -> str:
    """An event of a release in words; "" for one that only the machinery needs."""
    body = event.body
    number = str(body.get("revision", "")).rpartition("/")[2]
    if event.kind == "traffic":
        shares = [f"revision {name.rpartition('/')[2]} {share}%" for name, share in body["weights"].items()]
        copies = body.get("mirror", {}).items()
        shares += [f"copies of {share}% to revision {name.rpartition('/')[2]}" for name, share in copies]
        return f"traffic: {', '.join(shares) or 'none'}"
    reason, who = body.get("reason", ""), body.get("by", "")
    return {
        "release.started": f"the {body.get('how', 'release')} to revision {number} begins",
        "server.starting": f"a server of revision {number} starts",
        "server.ready": f"the server of revision {number} is ready",
        "server.failed": f"the server of revision {number} failed: {reason}",
        "server.stopped": f"the server of revision {number} has stopped",
        "release.step": waits(str(body.get("waits_in", "")), str(body.get("preview", ""))),
        "release.hold_asked": f"held{by(who)}{because(reason)}",
        "release.go_on_asked": f"goes on{by(who)}{because(reason)}",
        "release.late": late(str(body.get("environment", "")), str(reason)),
        "release.promotion_asked": f"to be promoted{by(who)}{because(reason)}",
        "release.abort_asked": f"to be aborted: {reason}{f' (by {who})' if who else ''}",
        "environment.trouble": trouble(str(body.get("text", ""))),
        "environment.recovered": "the trouble is over",
        "release.taking_back": f"taking it back: {reason}",
        "release.settled": settled(number, str(body.get("outcome", "")), str(reason)),
        "release.probed": f"replayed {body.get('text', '')}",
        "release.succeeded": f"revision {number} is stable",
        "release.failed": f"taken back: {_first_line(str(reason))}",  # the rest was said as it began
        "release.aborted": f"aborted: {reason}",
    }.get(event.kind, "")


def _first_line(text: str) -> str:
    return text.partition("\n")[0]


def waits(environment: str, preview: str) -> str:
    """What a release waits for in a step that a person ends; "" in any other."""
    if not environment:
        return ""
    ways = f"`seatrial promote {environment}` or `seatrial abort {environment}`"
    return f"it waits for a person: {ways}{f'; look at http://{preview}' if preview else ''}"


def late(environment: str, reason: str) -> str:
    """What a release waits for when its deadline is over and the end is left to a person."""
    why = reason or "the evidence did not suffice in time"  # of a journal that did not keep it yet
    ways = f"`seatrial promote {environment} --why …` or `seatrial abort {environment}`"
    return f"{why}; it stays as it is until {ways}"


def settled(number: str, outcome: str, reason: str) -> str:
    """What became of a promotion that labels could still take back."""
    words = {
        "confirmed": "its labels confirm revision {}",
        "unproven": "too few labels came to prove revision {}; it stays",
        "taken back": "its labels speak against revision {}",
    }
    return words.get(outcome, "").format(number) + because(reason)


def by(who: str) -> str:
    return f" by {who}" if who else ""


def because(reason: str) -> str:
    return f": {reason}" if reason else ""


def undriven(seconds: float) -> str:
    """What a gap in the driving of a release means."""
    return f"nobody drove it: requests of the last {seconds:.0f} s count for neither revision"


def trouble(text: str) -> str:
    """What is wrong in an environment, for whoever waits for it."""
    return f"in trouble: {text}; it is tried again"
