"""What stands in the place of the user's settings is made once, also by stages that begin together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from seatrial.run import own_settings
from seatrial.run.variables import Folders

AT_ONCE = 8


def test_stages_that_begin_together_furnish_one_workspace(tmp_path: Path) -> None:
    together = Barrier(AT_ONCE)

    def furnish(folders: Folders) -> None:
        together.wait()
        own_settings.furnish(folders, "/first", "/usr/bin")

    with ThreadPoolExecutor(AT_ONCE) as threads:
        for number in range(20):
            root = tmp_path / str(number)
            (root / "home").mkdir(parents=True)
            folders = Folders(root / "work", root / "home", root / "tmp")
            list(threads.map(furnish, [folders] * AT_ONCE))
            named = dict(own_settings.variables(folders))
            assert "path = /etc/gitconfig" in Path(named["GIT_CONFIG_SYSTEM"]).read_text()
            assert Path(named["XDG_RUNTIME_DIR"]).stat().st_mode & 0o777 == 0o700
            assert (root / "home/.profile").read_text() == "PATH=/first:$PATH:/usr/bin\n"
