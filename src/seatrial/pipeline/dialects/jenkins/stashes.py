"""`stash` and `unstash` for another system: an archive in the folder that a workspace keeps for its run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

from seatrial.pipeline.step import Stash, Unstash

_PARTS = re.compile(r"\*\*/|\*\*|\*|\?")
_SAID = {"**/": "(.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def script_of(step: Stash | Unstash, kept: str) -> str:
    """What a shell does for it, given the name of that folder."""
    archive = f'"$kept"/stash-{re.sub("[^A-Za-z0-9_.-]", "-", step.name)}.tar'
    if isinstance(step, Unstash):
        return f"tar -xf {archive}"
    files = f"find . -type f ! -path './.git/*' ! -path './{kept}/*' | sed 's|^[.]/||'"
    chosen = f"grep -E -e {shlex.quote(_expression(step.patterns or ('**',)))}"
    if step.excludes:
        chosen = f"grep -Ev -e {shlex.quote(_expression(step.excludes))} | {chosen}"
    said = shlex.quote(f"no files for the stash {step.name}")
    none = f"{{ echo {said} >&2; exit 1; }}" if step.required else ":"
    listed = f'{files} | {chosen} > "$kept/files" || {none}'
    return f'mkdir -p "$kept"\n{listed}\ntar -cf {archive} -T "$kept/files"'


def _expression(patterns: Iterable[str]) -> str:
    """Patterns of Ant as one regular expression, which a whole path fits."""
    return f"^({'|'.join(map(_one, patterns))})$"


def _one(pattern: str) -> str:
    pattern = f"{pattern}**" if pattern.endswith("/") else pattern
    found, at = "", 0
    for part in _PARTS.finditer(pattern):
        found += re.escape(pattern[at : part.start()]) + _SAID[part[0]]
        at = part.end()
    return found + re.escape(pattern[at:])
