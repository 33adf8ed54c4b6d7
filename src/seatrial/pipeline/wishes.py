"""The secrets that the commands of another system's file may want (pure).

Its own system gives them from outside, so the file need not name them: they are what the commands read, what
nothing in the file sets, and what is named as a credential.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_READ = re.compile(r"\$\{?[#!]?([A-Za-z_]\w*)", re.ASCII)
_SET = re.compile(r"\b([A-Za-z_]\w*)=", re.ASCII)
# What a session of this machine has of itself.
_OF_SESSION = frozenset(("USER", "USERNAME", "LOGNAME", "SSH_AUTH_SOCK", "XAUTHORITY", "SUDO_USER"))
_CREDENTIAL = re.compile(r"TOKEN|KEY|SECRET|PASS|AUTH|CRED|USER|LOGIN", re.IGNORECASE)


def wished(texts: Iterable[str], own: str, named: Collection[str] = ()) -> Iterator[str]:
    """The names in these texts; those that begin with `own` are variables of the system itself.

    Those that are `named` as variables by the file itself, commands may read without a `$`.
    """
    texts = tuple(texts)
    known = _OF_SESSION | {name for text in texts for name in _SET.findall(text)}
    for text in texts:
        words = _WORD.findall(text) if named else ()
        for name in (*_READ.findall(text), *(word for word in words if word in named)):
            if name not in known and not name.startswith(own) and _CREDENTIAL.search(name):
                yield name
