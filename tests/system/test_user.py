"""Who is at this machine, known to it or not."""

from __future__ import annotations

import os
import pwd
from typing import NoReturn

import pytest

from seatrial.system import user


def test_a_user_whom_the_machine_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    ada = pwd.struct_passwd(("ada", "x", 1000, 1000, "Ada", "/home/ada", "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwuid", lambda _: ada)
    assert (user.by_whom(), user.home()) == ("ada", "/home/ada")


def test_a_user_of_whom_the_machine_has_only_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(number: int) -> NoReturn:
        raise KeyError(f"getpwuid(): uid not found: {number}")

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    assert (user.by_whom(), user.home()) == (str(os.getuid()), "")
