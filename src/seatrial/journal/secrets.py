"""Secrets: where their values come from, and how they are kept out of every log and record."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from seatrial.errors import BadInput, Place
from seatrial.system import files

MASK = b"***"
FILE_VARIABLE = "SEATRIAL_SECRETS_FILE"
SHORTEST = 4  # what is shorter than this would mask half of every text
_LARGEST = 1 << 20
_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_QUOTES = str.maketrans({'"': "&quot;", "'": "&#x27;"})

Secrets = tuple[tuple[str, str], ...]


def resolve(names: Iterable[str], home: Path, host_env: Mapping[str, str]) -> Secrets:
    """The values of the named secrets: from the variables that we were started with, else from the file.

    The file is that of SEATRIAL_SECRETS_FILE, else `secrets.env` in the home. Raises BadInput for a secret
    that is in neither, and for a value that can be no secret, or no variable.
    """
    wanted = tuple(names)
    if not wanted:
        return ()
    path = Path(host_env.get(FILE_VARIABLE) or home / "secrets.env")
    try:
        kept = {} if all(name in host_env for name in wanted) else read(path)
    except BadInput as problem:
        problem.about = next(name for name in wanted if name not in host_env)
        raise
    return tuple((name, _value(name, host_env, kept, path)) for name in wanted)


def resolve_known(names: Iterable[str], home: Path, host_env: Mapping[str, str]) -> Secrets:
    """As `resolve`, of those that have a value here."""
    wanted = tuple(names)
    return resolve(known(wanted, home, host_env), home, host_env) if wanted else ()


def known(names: Iterable[str], home: Path, host_env: Mapping[str, str]) -> dict[str, str]:
    """Those of the names that have a value here, whatever it is. Raises BadInput for a file as in `read`."""
    kept = read(Path(host_env.get(FILE_VARIABLE) or home / "secrets.env"))
    found = {name: host_env.get(name, kept.get(name)) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def _value(name: str, host_env: Mapping[str, str], kept: Mapping[str, str], path: Path) -> str:
    value = host_env.get(name, kept.get(name))
    if value is None:
        raise BadInput(
            f"the secret {name} has no value", f"export {name}=…, or write {name}=… to {path}", about=name
        )
    if len(value) < SHORTEST:
        text = (
            f"the secret {name} has fewer than {SHORTEST} characters: hiding it would hide half of every log"
        )
        raise BadInput(text, "give what is no secret by `env`", about=name)
    if "\0" in value:
        raise BadInput(f"the secret {name} holds a NUL byte", "encode it, for example by base64", about=name)
    return value


def read(path: Path) -> dict[str, str]:
    """The NAME=value lines of a file; a value in "..." may hold \\n. Missing is empty.

    Raises BadInput for a file that is another's, or that others can read, and for a line that is none such.
    """
    files.ask_regular(path)
    try:
        info = path.stat()
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except FileNotFoundError:
        return {}
    except OSError as error:
        hint = "it must be yours, and readable by you alone"
        raise BadInput(f"cannot read the secrets in {path}: {error.strerror}", hint) from None
    if info.st_uid not in (os.geteuid(), 0):
        raise BadInput(f"the secrets in {path} belong to another user", f"chown {os.geteuid()} {path}")
    if info.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise BadInput(f"others can read the secrets in {path}", hint=f"chmod 600 {path}")
    if len(content) > _LARGEST:
        raise BadInput(f"{path} has more than {_LARGEST >> 20} MiB", "is it a file of NAME=value lines?")
    return dict(_pairs(_text(content, path), path))


def _text(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = Place(str(path), content.count(b"\n", 0, error.start) + 1)
        raise BadInput("this line is no text in UTF-8", "encode the value, e.g. by base64", place) from None


def _pairs(content: str, path: Path) -> Iterable[tuple[str, str]]:
    for number, line in enumerate(content.split("\n"), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, sign, value = text.removeprefix("export ").partition("=")
        if not sign or not name.strip().isidentifier():
            # The line itself is not shown: it may hold a value.
            hint = 'a value of several lines stands on one: NAME="first\\nsecond"'
            raise BadInput("not a line of the form NAME=value", hint, Place(str(path), number))
        yield name.strip(), _unquoted(value.strip())


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        inner = value[1:-1]
        return inner.replace("\\n", "\n") if value[0] == '"' else inner
    return value


def forms(values: Iterable[str]) -> tuple[bytes, ...]:
    """All that must not be seen of these values, the longest first.

    That is: the value, each line of one with several, its base64, how it stands in a URL, in JSON, in XML,
    and between the quotes of a shell (whose `set -x` prints it so).
    """
    found: set[bytes] = set()
    for value in values:
        found.update(_forms_of(value))
    return tuple(sorted(found - {b""}, key=lambda form: (-len(form), form)))


def _forms_of(value: str) -> Iterable[bytes]:
    from base64 import b64encode, urlsafe_b64encode

    raw = os.fsencode(value)
    yield raw
    lines = [line.strip() for line in raw.splitlines()]
    for line in lines:
        if len(line) >= SHORTEST:
            yield line
            yield from _escaped(line)
    if len(raw) < SHORTEST:
        return
    for encode in (b64encode, urlsafe_b64encode):
        yield encode(raw)
        for offset in range(3):  # base64 of "user:secret" holds the secret at one of three offsets
            yield _inner(encode(b"\0" * offset + raw), offset, len(raw))
    yield from _escaped(raw)


def _escaped(raw: bytes) -> Iterable[bytes]:
    """How programs write a value between quotes."""
    import json
    from urllib.parse import quote, quote_plus

    for one in (quote(raw, safe="").encode(), quote(raw).encode(), quote_plus(raw).encode()):
        yield one
        yield re.sub(rb"%..", lambda sign: sign[0].lower(), one)  # both are in use
    text = raw.decode("utf-8", "surrogateescape")
    markup = text.translate(_MARKUP)
    written = [json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]]
    written += [markup, markup.replace('"', "&quot;"), markup.translate(_QUOTES)]
    written += [text.replace("'", quoted) for quoted in ("'\\''", "'\"'\"'")]
    yield from (one.encode("utf-8", "surrogateescape") for one in written)


def _inner(encoded: bytes, offset: int, size: int) -> bytes:
    """The signs of an encoding that depend on the value alone; b"" where too few do."""
    start = -(-offset * 8 // 6)
    end = (offset + size) * 8 // 6
    return encoded[start:end] if end - start >= 2 * SHORTEST else b""


def mask(content: bytes, hidden: Iterable[bytes]) -> bytes:
    """`content` with every one of the `forms` masked; give the longest first."""
    for form in hidden:
        if form in content:
            content = content.replace(form, MASK)
    return content


def mask_text(text: str, values: Iterable[str]) -> str:
    """`text` without the values of secrets, for messages and records."""
    hidden = forms(values)
    return (
        mask(text.encode("utf-8", "surrogateescape"), hidden).decode("utf-8", "replace") if hidden else text
    )


def safe_cut(content: bytes, hidden: Iterable[bytes]) -> int:
    """How much of a stream's content may be masked and passed on now.

    What follows may be the beginning of a secret whose rest is still to come.
    """
    forms_ = tuple(hidden)
    longest = max(map(len, forms_), default=1)
    cut = max(0, len(content) - longest + 1)
    moved = True
    while moved:
        starts = [_crossing(content, form, cut) for form in forms_]
        moved = min(starts, default=cut) < cut
        cut = min([cut, *starts])
    return cut


def _crossing(content: bytes, form: bytes, cut: int) -> int:
    """Where a form that lies on both sides of the cut begins; the cut itself where none does."""
    at = content.find(form, max(0, cut - len(form) + 1), cut + len(form) - 1)
    return at if 0 <= at < cut else cut
