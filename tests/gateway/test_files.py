import os
import socket

import pytest

from seatrial.errors import Infrastructure
from seatrial.gateway import files


def test_sockets_are_in_the_home_and_for_us_alone(home, monkeypatch, tmp_path_factory):
    short = tmp_path_factory.mktemp("s")
    folder = files.sockets(short)
    assert folder == short / "sockets"
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_long_home_has_them_elsewhere_and_each_home_its_own(tmp_path, monkeypatch):
    runtime = tmp_path / "r"
    runtime.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/tmp")
    homes = [tmp_path / ("x" * 100) / name for name in "ab"]
    for home in homes:
        home.mkdir(parents=True)
    folders = [files.sockets(home) for home in homes]
    try:
        assert len(set(folders)) == 2
        with socket.socket(socket.AF_UNIX) as probe:
            probe.bind(str(folders[0] / "admin.sock"))
    finally:
        for folder in folders:
            for one in folder.iterdir():
                one.unlink()
            folder.rmdir()


def test_a_folder_that_others_could_read_is_refused(tmp_path):
    folder = tmp_path / "sockets"
    folder.mkdir()
    folder.chmod(0o755)
    if len(os.fsencode(folder)) > files.LONGEST_FOLDER:
        pytest.skip("the temporary folder is too deep")
    with pytest.raises(Infrastructure, match="not a folder of ours alone"):
        files.sockets(tmp_path)


def test_projects_and_environments_never_share_a_name():
    names = {
        files.entry_name(*pair) for pair in [("a", "bc"), ("ab", "c"), ("a/b", "c"), ("a", "b/c"), ("ü", "c")]
    }
    assert len(names) == 5
    assert all(name.isascii() and name.replace("-", "").isalnum() for name in names)


def test_homes_have_keys_of_their_own(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path)
    assert files.home_key(tmp_path) == files.home_key(tmp_path / "link")
    assert files.home_key(tmp_path) != files.home_key(tmp_path / "other")
