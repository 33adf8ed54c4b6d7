"""The options of `docker run` that a file may give its container: a closed list (pure)."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.container import OF_IMAGE
from seatrial.pipeline.spelling import did_you_mean

# With a value, as Docker has them; each letter is the short form.
_VALUED = {
    **dict.fromkeys(
        "add-host annotation cap-add cap-drop cgroupns cpu-period cpu-quota cpus cpuset-cpus cpuset-mems "  # noqa: SIM905
        "device device-cgroup-rule dns dns-option dns-search domainname entrypoint env-file expose gpus "
        "group-add health-cmd health-interval health-retries health-start-period health-timeout ip ip6 ipc "
        "isolation label-file link log-driver log-opt mac-address memory-reservation memory-swap "
        "memory-swappiness mount name net net-alias network network-alias oom-score-adj pid pids-limit "
        "platform pull runtime security-opt shm-size stop-signal stop-timeout storage-opt sysctl tmpfs "
        "ulimit userns uts volume-driver volumes-from".split(),
        "",
    ),
    "cpu-shares": "c",
    "env": "e",
    "hostname": "h",
    "label": "l",
    "memory": "m",
    "publish": "p",
    "user": "u",
    "volume": "v",
    "workdir": "w",
}
_FLAGS = {
    "detach": "d",
    "init": "",
    "interactive": "i",
    "no-healthcheck": "",
    "oom-kill-disable": "",
    "privileged": "",
    "publish-all": "P",
    "quiet": "q",
    "read-only": "",
    "rm": "",
    "sig-proxy": "",
    "tty": "t",
}
_SHORT = {letter: name for name, letter in {**_VALUED, **_FLAGS, "attach": "a"}.items() if letter}
# Why each has no effect.
_IDLE = {
    "detach": "the container is left in the background anyway",
    "interactive": "nobody types into it",
    "pull": "an image that is here is used; alwaysPull brings the newest",
    "quiet": "it says nothing",
    "rm": "it is removed anyway",
    "sig-proxy": "the container is left in the background",
    "tty": "what steps print goes to a log",
    "workdir": "steps run in the workspace",
}
_REFUSED = {
    "attach": "what steps print goes to the log",
    "cgroup-parent": "its limits are --memory and --cpus",
    "cidfile": "the container is seatrial's to end",
    "detach-keys": "nobody types into it",
    "restart": "the container lives as long as its stage",
}


class Unfit(Exception):  # noqa: N818 - what a reader says of it is a finding
    """What cannot be honoured, and a hint."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Asked(NamedTuple):
    """`options` as `docker run` takes them; `idle` has what is without effect, and why.

    Unless an entry point is named, the image's own starts first.
    """

    options: tuple[str, ...] = ()
    entrypoint: str = OF_IMAGE
    idle: tuple[tuple[str, str], ...] = ()


def read(text: str) -> Asked:
    """The options that a text asks for. Raises Unfit."""
    try:
        words = iter(shlex.split(text))
    except ValueError:
        raise Unfit("a quote of the options is not closed", "write '…' or \"…\" in pairs") from None
    asked = Asked()
    for word in words:
        for name, value in _named(word, words):
            asked = _with(asked, name, value)
    return asked


def _named(word: str, rest: Iterator[str]) -> Iterator[tuple[str, str | None]]:
    """The options of a word, by their long names; None is that of a flag."""
    if word.startswith("--"):
        name, equals, value = word[2:].partition("=")
        yield _long(name, value if equals else None, rest)
    elif word.startswith("-") and len(word) > 1:
        yield from _letters(word[1:], rest)
    else:
        hint = "the image and the command stand elsewhere; put a value with blanks in quotes"
        raise Unfit(f"'{word}' is no option of docker run", hint)


def _long(name: str, value: str | None, rest: Iterator[str]) -> tuple[str, str | None]:
    if name in _FLAGS:
        return name, value
    _check(name, f"--{name}")
    return name, _value(f"--{name}", value, rest)


def _letters(letters: str, rest: Iterator[str]) -> Iterator[tuple[str, str | None]]:
    """`-it`, `-u root`, `-uroot`, `-u=root`."""
    for index, letter in enumerate(letters):
        name = _SHORT.get(letter, "")
        if name in _FLAGS:
            yield name, None
            continue
        _check(name, f"-{letter}")
        yield name, _value(f"-{letter}", letters[index + 1 :].removeprefix("=") or None, rest)
        return


def _check(name: str, written: str) -> None:
    if name in _REFUSED:
        raise Unfit(f"{written} cannot be honoured", _REFUSED[name])
    if name not in _VALUED:
        raise Unfit(f"{written} is no option of docker run", did_you_mean(name, (*_VALUED, *_FLAGS)))


def _value(option: str, given: str | None, rest: Iterator[str]) -> str:
    value = next(rest, None) if given is None else given
    if value is None:
        raise Unfit(f"{option} needs a value")
    return value


def _with(asked: Asked, name: str, value: str | None) -> Asked:
    if name in _IDLE:
        return asked._replace(idle=(*asked.idle, (f"--{name}", _IDLE[name])))
    if name == "entrypoint":
        return asked._replace(entrypoint=value or "")
    word = f"--{name}" if value is None else f"--{name}={value}"
    return asked._replace(options=(*asked.options, word))
