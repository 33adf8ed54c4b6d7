"""Labels and real answers: through Envoy, its log and the supervisor, also when that one is killed."""

from __future__ import annotations

import json
import time
from http.client import HTTPConnection

import pytest

from seatrial.gateway.files import service_port
from seatrial.journal import label_figures, labels
from seatrial.pipeline.pipeline import Predictions
from seatrial.release import label_requests, wake
from tests.release.site import PATIENCE_SECONDS, Site, environment, eventually, get, port_of

pytestmark = [pytest.mark.needs_envoy, pytest.mark.slow]

PLACE = ("reviews", "production")


def predictions(site: Site) -> int:
    return label_figures.figures(site.store.journal, *PLACE).predictions


def post(site: Site, lines: list[dict[str, str]]) -> dict[str, int]:
    port = int(service_port(site.home).read_text())
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    headers = {"Authorization": f"Bearer {label_requests.token(site.home)}"}
    body = "\n".join(map(json.dumps, lines)).encode()
    connection.request("POST", "/labels/reviews/production", body, headers)
    answered = connection.getresponse()
    assert answered.status == 200
    found: dict[str, int] = json.loads(answered.read())
    connection.close()
    return found


def test_an_answer_and_its_label_make_a_pair(site: Site) -> None:
    at = environment(predictions=Predictions(mask=(r"\d+",)))
    site.release("word", at)
    before = time.time()
    ids = [get(port_of(at), "/word-12").headers["x-request-id"] for _ in range(3)]
    early = post(site, [{"id": ids[0], "label": "word-34"}, {"id": "strange", "label": "x"}])
    assert early["joined"] + early["waiting"] == 2
    eventually(lambda: predictions(site) >= 3)
    assert post(site, [{"id": one, "label": "word-***"} for one in ids]) | {"waiting": 0} == {
        "joined": 2, "waiting": 0, "repeated": 1, "contradicting": 0, "unsampled": 0,
    }  # fmt: skip
    found = labels.pairs(site.store.journal, *PLACE)
    assert sorted(pair.request for pair in found) == sorted(ids)
    assert {pair[3:6] for pair in found} == {("reviews/production/1", "word-***", "word-***")}
    assert all(before - 2 < pair.predicted_at <= time.time() for pair in found)
    assert label_figures.waiting(site.store.journal, *PLACE) == 1


def test_a_killed_supervisor_neither_loses_nor_doubles_a_prediction(site: Site) -> None:
    at = environment(predictions=Predictions(source="labels"))
    site.release("word", at)
    ids = []
    for _ in range(3):
        ids += [get(port_of(at)).headers["x-request-id"] for _ in range(20)]
        site.kill_supervisor()
        ids += [get(port_of(at)).headers["x-request-id"] for _ in range(20)]
        wake.ensure(site.home)
    eventually(lambda: predictions(site) >= len(ids))
    lines = [{"id": one, "label": "word", "prediction": "word"} for one in ids]
    assert post(site, lines)["joined"] == len(set(ids)) == 120
    [only] = label_figures.figures(site.store.journal, *PLACE).revisions
    assert (only.revision, only.labelled, only.accuracy) == ("reviews/production/1", 120, 1.0)


def test_without_predictions_nothing_is_kept(site: Site) -> None:
    at = environment()
    site.release("word", at)
    for _ in range(5):
        get(port_of(at))
    time.sleep(2.5)  # two turns: what is not kept can be waited for by the clock alone
    assert predictions(site) == 0
