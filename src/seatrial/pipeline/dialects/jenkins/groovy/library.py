"""Shared libraries, which are not here: what of a file may be theirs. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.jenkins import syntax

# Where Java, Groovy, Jenkins and its plugins have their classes.
_OF_JENKINS = tuple(
    "java. javax. groovy. groovyx. hudson. jenkins. org.codehaus. org.jenkinsci. com.cloudbees.".split()  # noqa: SIM905
)
# Classes that need no import.
_OF_JAVA = frozenset(
    "Thread Runtime System Class Process ProcessBuilder File Jenkins Hudson".split()  # noqa: SIM905
)
# What plugins give to scripts by a name, and does its work elsewhere.
_OF_PLUGINS = frozenset(("openshift", "Artifactory"))


class Library(NamedTuple):
    """What a file has of shared libraries, and their classes that it imports, `*` for all of a package."""

    is_there: bool = False
    classes: frozenset[str] = frozenset()

    def may_have(self, name: str) -> bool:
        """Whether a name that the file gives no value, or a class by its whole name, may be one of theirs."""
        if not self.is_there:
            return name in _OF_PLUGINS
        if "." in name:
            return _may_be_of_library(name)
        if not name[:1].isupper():
            return True
        return name in self.classes or ("*" in self.classes and name not in _OF_JAVA)


def library_of(nodes: Iterable[Any]) -> Library:
    """Of all nodes of a file."""
    is_there, classes = False, set[str]()
    for node in nodes:
        if isinstance(node, syntax.Annotated) and node.name == "Library":
            is_there = True
        elif isinstance(node, syntax.Call) and isinstance(node.target, syntax.Name):
            is_there = is_there or node.target.text == "library"
        elif isinstance(node, syntax.Import) and _may_be_of_library(node.name):
            classes.add(node.name.rpartition(" as ")[2].rpartition(".")[2])
    return Library(is_there, frozenset(classes))


def _may_be_of_library(name: str) -> bool:
    return not name.removeprefix("static ").startswith(_OF_JENKINS)
