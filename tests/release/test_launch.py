from pathlib import Path

import pytest

from seatrial.errors import BadInput
from seatrial.gateway import secret_values
from seatrial.journal import releases
from seatrial.package.contents import PackagedPython
from seatrial.release import launch
from tests.release.site import PATH, Site

SETTINGS = {
    "env": [["LOG", "debug"]],
    "secrets": [],
    "drain_seconds": 1.0,
    "ready_seconds": 7.0,
    "path": PATH,
}


def revision(store, package, **settings):
    with store.journal.change():
        body = {"settings": {**SETTINGS, **settings}}
        return releases.add_revision(store.journal, "p", "e", package=package, run="", commit="", body=body)


def test_a_server_gets_its_own_copy_of_the_package(home, store, tmp_path):
    package = Site(home, store).package("one")
    folder = tmp_path / "server" / "package"
    folder.mkdir(parents=True)
    (folder / "half").write_text("left by one who died")
    serving = launch.prepare(home, store, revision(store, package), folder)
    assert sorted(path.name for path in folder.iterdir()) == ["model.txt", "serve.py"]
    assert serving.launch.folder == folder
    assert serving.launch.command == "exec python3 serve.py"
    assert serving.launch.env == {"LOG": "debug", "MODEL": str(folder / "model.txt"), "PATH": PATH}
    assert (serving.health, serving.ready_seconds) == ("/", 7.0)


def test_secrets_are_kept_for_us_alone_and_a_missing_one_is_an_error(home, store, tmp_path):
    package = Site(home, store).package("one")
    secret_values.keep(home, "p", "e", {"KEY": "s3cret"})
    assert secret_values.file(home, "p", "e").stat().st_mode & 0o777 == 0o600
    serving = launch.prepare(home, store, revision(store, package, secrets=["KEY"]), tmp_path / "a")
    assert serving.launch.env["KEY"] == "s3cret"
    with pytest.raises(BadInput, match="the secret OTHER of e has no value"):
        launch.prepare(home, store, revision(store, package, secrets=["OTHER"]), tmp_path / "b")


@pytest.mark.slow
def test_the_packages_own_python_comes_first(home, store, tmp_path):
    package = Site(home, store).package("one", PackagedPython("3.11", ""))
    serving = launch.prepare(home, store, revision(store, package), tmp_path / "a")
    first, _, rest = serving.launch.env["PATH"].partition(":")
    assert (Path(first) / "python3").exists()
    assert first.startswith(str(home))
    assert rest == PATH
