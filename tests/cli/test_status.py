"""What `status` says of an environment that should serve, and whose gateway may not be there."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from seatrial.cli import main
from seatrial.journal import releases
from seatrial.journal.journal import open_journal
from seatrial.release import wake


@pytest.fixture
def server(home: Path, monkeypatch: pytest.MonkeyPatch) -> socket.socket:
    """Who listens on the address of an environment that the journal says to serve; no supervisor is woken."""
    monkeypatch.setattr(wake, "ensure", lambda _home: False)
    listening = socket.create_server(("127.0.0.1", 0))
    journal = open_journal(home)
    with journal.change():
        releases.keep_environment(journal, "p", "e", f"127.0.0.1:{listening.getsockname()[1]}")
        row = releases.environment(journal, "p", "e")
        assert row is not None
        releases.record_serving(journal, row, {"p/e/1": 100})
    journal.close()
    return listening


def test_up_is_only_what_answers(server: socket.socket, capsys: pytest.CaptureFixture[str]) -> None:
    with server:
        main.run(["status", "--all"])
        assert "p/e  up  http://127.0.0.1:" in capsys.readouterr().out
    main.run(["status", "--all"])
    told = capsys.readouterr().out
    assert "p/e  not answering at this moment: the gateway is started again  http://127.0.0.1:" in told
    assert " up " not in told
