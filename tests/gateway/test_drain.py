import socket
import threading

import pytest

from seatrial.clients.envoy import Admin
from seatrial.gateway import drain
from tests.release.site import PATIENCE_SECONDS, get

pytestmark = pytest.mark.needs_envoy


def test_a_server_is_idle_when_its_last_request_has_been_answered(gateway, upstream):
    one = upstream("a")
    gateway.keep(one, a=1)
    client = threading.Thread(target=get, args=(gateway.port, "/hold"))
    client.start()
    assert one.held.wait(PATIENCE_SECONDS)
    assert drain.active_requests(gateway.yard.admin, "a") == 1
    threading.Timer(0.3, one.release.set).start()
    assert drain.wait_idle(gateway.yard.admin, "a", PATIENCE_SECONDS) == 0
    assert one.release.is_set()
    client.join()


def test_what_is_left_after_the_grace_is_counted(gateway, upstream):
    one = upstream("a")
    gateway.keep(one, a=1)
    clients = [threading.Thread(target=get, args=(gateway.port, "/hold")) for _ in range(3)]
    for client in clients:
        client.start()
    while drain.active_requests(gateway.yard.admin, "a") < 3:
        assert one.held.wait(PATIENCE_SECONDS)
    assert drain.wait_idle(gateway.yard.admin, "a", 0.2) == 3
    one.release.set()
    for client in clients:
        client.join()


def test_a_server_that_is_gone_keeps_nobody_waiting(gateway, upstream):
    gateway.keep(upstream("a"), a=1)
    assert drain.wait_idle(gateway.yard.admin, "a", 60.0, lambda: True) == 0


def test_without_envoy_nothing_is_under_way(tmp_path):
    assert drain.wait_idle(Admin(tmp_path / "no.sock"), "a", 60.0) == 0


def test_an_envoy_that_hangs_may_still_have_requests(tmp_path):
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(tmp_path / "deaf.sock"))
        deaf.listen(100)
        admin = Admin(tmp_path / "deaf.sock", timeout_seconds=0.05)
        assert drain.wait_idle(admin, "a", 0.3) == 1
