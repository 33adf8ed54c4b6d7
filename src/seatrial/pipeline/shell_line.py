"""What a script of a shell is, as far as that can be seen without running it. Pure."""

from __future__ import annotations

import re
import shlex

# What a line of these would leave behind in the shell that reads it, or mean otherwise there.
_STATEFUL = frozenset((
    "!", ".", ":", "[[", "{", "alias", "break", "case", "cd", "continue", "declare", "eval", "exec",
    "exit", "export", "for", "function", "hash", "if", "let", "local", "popd", "pushd", "read",
    "readonly", "return", "set", "shift", "shopt", "source", "time", "trap", "typeset", "ulimit",
    "umask", "unalias", "unset", "until", "wait", "while",
))  # fmt: skip


def is_line(script: str) -> bool:
    """Whether a script is one line of programs with their words, which leaves nothing behind in its shell."""
    script = script.strip()
    if not script or re.search(r"[\n;|<#(){}]|(?<!&)&(?!&)|\\$", script.replace("||", "")):
        return False
    try:
        parts = [shlex.split(part) for part in re.split(r"&&|\|\|", script)]
    except ValueError:  # an operator stands in quotes, or a quote has no end
        return False
    return all(part and part[0] not in _STATEFUL and "=" not in part[0] for part in parts)


def is_one_program(line: str) -> bool:
    """Whether a line, that is one, runs one program alone: its failure ends a shell that ends at failures."""
    return "&&" not in line and "||" not in line
