"""A server of ours that is packed with a model, so that nobody has to write one."""

from __future__ import annotations

from typing import Protocol

# What it is called in a package.
FILE = "seatrial_server.py"

Options = tuple[tuple[str, str], ...]


class Runtime(Protocol):
    """What each runtime defines. All of it is pure.

    Its server is one file that needs nothing but the standard library, since it runs in the Python of the
    model, whose version is another one. It listens on 127.0.0.1:$PORT as soon as it can answer, and answers
    200 for GET of the health path. It says what was predicted in the header `x-seatrial-prediction`, so that
    labels can be joined. On SIGTERM it answers what was asked, and ends.
    """

    NAME: str

    def server(self) -> bytes:
        """The file of the server; it belongs to the digest of every package that has it."""

    def command(self, options: Options, health: str) -> str:
        """The command that serves, in the folder of the package."""

    def needed(self, options: Options) -> str:
        """The path of the file that the server loads: it must be in the package."""

    def problem(self, options: Options, source: bytes) -> str:
        """Why it cannot serve with this content of that file, in words; "" where it may."""
