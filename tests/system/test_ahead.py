"""Modules that are loaded while something else is done."""

import signal
import sys
from pathlib import Path

import pytest

from seatrial.system import ahead

WAITS = """
import time
from pathlib import Path
while not Path(__file__).with_name("go").exists():
    time.sleep(0.01)
"""


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module whose import ends when there is a file `go` beside it."""
    (tmp_path / "slow_to_load.py").write_text(WAITS)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "slow_to_load", raising=False)
    return "slow_to_load"


def test_what_follows_the_block_finds_it_loaded(slow: str, tmp_path: Path) -> None:
    with ahead.loading([slow, "no.such.module", "never.tried"]):
        (tmp_path / "go").touch()
    assert "Path" in vars(sys.modules[slow])


def test_ctrl_c_waits_for_the_end_of_the_block_and_is_told_then(slow: str, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), ahead.loading([slow]):
        signal.raise_signal(signal.SIGINT)
        (tmp_path / "go").touch()
        raise ValueError("what Ctrl-C did to a program that was waited for")
    assert "Path" in vars(sys.modules[slow])
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_who_ignores_ctrl_c_goes_on_to_do_so(slow: str, tmp_path: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with ahead.loading([slow]):
            signal.raise_signal(signal.SIGINT)
            (tmp_path / "go").touch()
    finally:
        signal.signal(signal.SIGINT, before)
