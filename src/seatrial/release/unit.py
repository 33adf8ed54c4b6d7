"""A systemd user unit that keeps the supervisor of a home alive, also after a restart of the machine.

Only the supervisor itself is ended with the unit (KillMode=process): Envoy and the model servers go on, and
the next supervisor adopts them. `seatrial down` is what ends them.
"""

from __future__ import annotations

from pathlib import Path

from seatrial.release import wake
from seatrial.release.supervisor import STAY
from seatrial.system import settings

UNIT = """\
[Unit]
Description=What seatrial released from {home}
StartLimitIntervalSec=0

[Service]
Type=exec
Environment={variable}
ExecStart={command}
Restart=always
RestartSec=1
KillMode=process

[Install]
WantedBy=default.target
"""


def text(home: Path) -> str:
    """The unit, for ~/.config/systemd/user/seatrial.service."""
    words = [*wake.program(), STAY]
    return UNIT.format(
        home=escaped(str(home)),
        variable=quoted(f"{settings.HOME}={home}"),
        command=" ".join(quoted(word).replace("$", "$$") for word in words),
    )


def quoted(word: str) -> str:
    """A word as systemd reads one (systemd.syntax(7)): in quotes, with its specifiers and escapes off."""
    return f'"{escaped(word)}"'


def escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
