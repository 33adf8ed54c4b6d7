"""Git, by its command line."""

from __future__ import annotations

from seatrial.commit.sources.git.clone import clone
from seatrial.commit.sources.git.export import export
from seatrial.commit.sources.git.repository import holds
from seatrial.commit.sources.git.resolve import resolve

NAME = "git"

__all__ = ["NAME", "clone", "export", "holds", "resolve"]
