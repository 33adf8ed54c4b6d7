"""Where state lives."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.errors import BadInput
from seatrial.system import settings, user

OWN = "/home/ada"


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({"HOME": "/h"}, "/h/.local/state/seatrial"),
        ({"HOME": "/h", "XDG_STATE_HOME": "/s"}, "/s/seatrial"),
        ({}, f"{OWN}/.local/state/seatrial"),  # as a service, or a job of cron, may be started
        ({"HOME": ""}, f"{OWN}/.local/state/seatrial"),
    ],
)
def test_the_default_home(env: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user, "home", lambda: OWN)
    assert settings.default_home(env) == expected


def test_a_user_whom_the_machine_does_not_know_says_where_state_lives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(user, "home", lambda: "")
    with pytest.raises(BadInput, match="there is no HOME"):
        settings.default_home({})


def test_the_home_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    home = tmp_path / "a" / "b"
    found = settings.read({"SEATRIAL_HOME": str(home), "SEATRIAL_RUN": "7"})
    assert found == settings.Settings(home, "7")
    assert home.stat().st_mode & 0o777 == 0o700
    assert settings.read({"HOME": str(tmp_path)}).run == ""


def test_a_home_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot make the home"):
        settings.read({"SEATRIAL_HOME": str(tmp_path / "file" / "home")})
    with pytest.raises(BadInput, match="not an absolute path"):
        settings.read({"SEATRIAL_HOME": "home"})
