"""Real servers of a Subversion repository on this machine: Apache with a certificate of its own, and sshd."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from seatrial.gateway import ports
from tests.parts import path_of

_MODULES = Path("/usr/lib/apache2/modules")
_LOADED = (
    *("mpm_event", "authn_core", "authn_file", "authz_core", "authz_user", "auth_basic", "socache_shmcb"),
    *("ssl", "dav", "dav_svn"),
)
_APACHE = """\
ServerName localhost
ServerRoot {place}
DefaultRuntimeDir {place}
PidFile {place}/pid
ErrorLog {place}/log
Mutex file:{place}
Listen 127.0.0.1:{port}
User {user}
{modules}
SSLEngine on
SSLCertificateFile {place}/certificate.pem
SSLCertificateKeyFile {place}/key.pem
<Location /open>
  DAV svn
  SVNPath {place}/server
</Location>
<Location /closed>
  DAV svn
  SVNPath {place}/server
  AuthType Basic
  AuthName closed
  AuthUserFile {place}/users
  Require valid-user
</Location>
"""
_SSHD = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {place}/host
PidFile {place}/pid
AuthorizedKeysFile {place}/known
StrictModes no
UsePAM no
PasswordAuthentication yes
KbdInteractiveAuthentication no
"""
USER, PASSWORD = "ada", "a word"


@contextlib.contextmanager
def apache(repository: Path) -> Iterator[tuple[str, Path]]:
    """The address of a server for a copy of a repository, and its certificate, which nobody has signed.

    `/open` lets anybody read it, `/closed` only USER. Its folder is one that another user may enter.
    """
    place = Path(tempfile.mkdtemp(prefix="apache-", dir="/tmp"))
    try:
        shutil.copytree(repository, place / "server")
        _certificate(place)
        secret = subprocess.run(
            ["openssl", "passwd", "-apr1", PASSWORD], check=True, capture_output=True, text=True
        )
        (place / "users").write_text(f"{USER}:{secret.stdout}")
        port = ports.free_port()
        modules = "\n".join(f"LoadModule {name}_module {_MODULES}/mod_{name}.so" for name in _LOADED)
        user = "www-data" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        config = place / "apache.conf"
        config.write_text(_APACHE.format(place=place, port=port, user=user, modules=modules))
        place.chmod(0o755)
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", user, place], check=True)
        with _running([str(path_of("apache2")), "-f", str(config), "-DFOREGROUND"], port, place / "log"):
            yield f"https://127.0.0.1:{port}", place / "certificate.pem"
    finally:
        shutil.rmtree(place, ignore_errors=True)


def make_room_for_sshd() -> None:
    """The folder that it shuts itself in, which the system makes where it starts one itself."""
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)


@contextlib.contextmanager
def sshd(place: Path) -> Iterator[tuple[int, Path]]:
    """The port of an SSH server that lets a key in, and that key; both are in `place`."""
    place.mkdir()
    for name in ("host", "key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", place / name], check=True)
    shutil.copy(place / "key.pub", place / "known")
    port = ports.free_port()
    config = place / "sshd.conf"
    config.write_text(_SSHD.format(place=place, port=port))
    make_room_for_sshd()
    command = [str(path_of("sshd")), "-D", "-f", str(config), "-E", str(place / "log")]
    with _running(command, port, place / "log"):
        yield port, place / "key"


@contextlib.contextmanager
def _running(command: list[str], port: int, log: Path) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(process, port, log)
        yield
    finally:
        process.terminate()
        process.wait(timeout=120)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(1200):
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError(log.read_text() if log.exists() else f"{process.args} does not listen")


def _certificate(place: Path) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += [
        "-subj",
        "/CN=127.0.0.1",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-keyout",
        "key.pem",
        "-out",
        "certificate.pem",
    ]
    subprocess.run(command, cwd=place, check=True, capture_output=True)
