"""Labels over HTTP: who may send them, what is refused, and that one request is all or nothing."""

from __future__ import annotations

import json
import stat
import threading
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from seatrial.gateway.service import Request, Service
from seatrial.journal import label_figures, labels
from seatrial.journal.journal import Journal
from seatrial.release import label_requests, predictions
from seatrial.system import clock
from tests.release.labelled import NAME, PROJECT, answer, environment

PATH = "/labels/reviews/production"


def post(home: Path, body: bytes, path: str = PATH, token: str | None = None) -> tuple[int, dict[str, Any]]:
    authorization = f"Bearer {label_requests.token(home) if token is None else token}"
    found = label_requests.answer(home, Request("POST", path, {"authorization": authorization}, body))
    assert found.kind == "application/json"
    return found.status, json.loads(found.body)


def known(journal: Journal) -> int:
    return label_figures.figures(journal, PROJECT, NAME).labels


def outcomes(**counts: int) -> dict[str, int]:
    none = {"joined": 0, "waiting": 0, "repeated": 0, "contradicting": 0, "unsampled": 0}
    return none | counts


def test_json_lines_and_lists_are_taken(journal: Journal, home: Path) -> None:
    row = environment(journal)
    with journal.change():
        predictions.keep(journal, row, [answer("1", "a"), answer("2", "1", revision=2)])
    lines = b'{"id": "1", "label": "a"}\r\n\n{"id": 2, "label": 1.0}\n'
    assert post(home, lines) == (200, outcomes(joined=2))
    assert post(home, lines) == (200, outcomes(repeated=2))
    assert post(home, b' [{"id": "1", "label": "b"}, {"id": "3", "label": true}]') == (
        200,
        outcomes(contradicting=1, waiting=1),
    )
    found = [(pair.request, pair.prediction, pair.label) for pair in labels.pairs(journal, PROJECT, NAME)]
    assert found == [("1", "a", "a"), ("2", "1", "1")]


def correct(home: Path, body: bytes, **headers: str) -> tuple[int, dict[str, Any]]:
    """As it comes through the service, which reads bytes of headers one by one."""
    sent = {name.replace("_", "-"): value.encode().decode("latin-1") for name, value in headers.items()}
    sent["authorization"] = f"Bearer {label_requests.token(home)}"
    found = label_requests.answer(home, Request("POST", PATH, sent, body))
    return found.status, json.loads(found.body)


def test_wrong_labels_are_corrected_by_who_says_why(journal: Journal, home: Path) -> None:
    row = environment(journal)
    with journal.change():
        predictions.keep(journal, row, [answer("1", "a"), answer("2", "b")])
    assert post(home, b'{"id": "1", "label": "b"}') == (200, outcomes(joined=1))
    right = b'{"id": "1", "label": "a"}\n{"id": "2", "label": "b"}'
    why, by = "zwölf Zeilen verrutscht", "ann"
    assert correct(home, right, seatrial_correct=why, seatrial_by=by) == (
        200,
        outcomes(joined=1) | {"corrected": 1},
    )
    assert [(pair.request, pair.label) for pair in labels.pairs(journal, PROJECT, NAME)] == [
        ("1", "a"),
        ("2", "b"),
    ]
    [told] = [one for one in journal.events(subject="reviews/production") if one.kind == labels.CORRECTION]
    assert told.body == {"corrected": 1, "why": why, "by": by}


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"seatrial_correct": "a row off"}, "the header 'seatrial-by' is missing"),
        ({"seatrial_by": "ann"}, "the header 'seatrial-correct' is missing"),
        ({"seatrial_correct": " ", "seatrial_by": "ann"}, "the header 'seatrial-correct' is missing"),
        ({"seatrial_correct": "a\x1b[1m", "seatrial_by": "ann"}, "signs that cannot be printed"),
        ({"seatrial_correct": "a" * 501, "seatrial_by": "ann"}, "longer than 500"),
    ],
)
def test_a_correction_without_a_reason_changes_nothing(
    journal: Journal, home: Path, headers: dict[str, str], words: str
) -> None:
    environment(journal)
    post(home, b'{"id": "1", "label": "b"}')
    status, said = correct(home, b'{"id": "1", "label": "a"}', **headers)
    assert status == 400
    assert words in said["error"]
    assert known(journal) == 1
    assert [one.kind for one in journal.events(subject="reviews/production")] == [labels.GIVEN]


def test_a_reason_in_another_encoding_is_refused(journal: Journal, home: Path) -> None:
    environment(journal)
    sent = {"authorization": f"Bearer {label_requests.token(home)}", "seatrial-correct": "\xfc"}
    found = label_requests.answer(home, Request("POST", PATH, sent, b'{"id": "1", "label": "a"}'))
    assert (found.status, b"not UTF-8" in found.body) == (400, True)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "no labels"),
        (b"[]", "no labels"),
        (b"{", "line 1 is not JSON"),
        (b"[{]", "the body is not JSON"),
        (b"\xff", "not UTF-8"),
        (b"[" * 100_000, "not JSON"),
        (b"7", "label 1: not a JSON object"),
        (b'[["id"]]', "label 1: not a JSON object"),
        (b'{"id": "1"}', "label 1: the 'label' is missing"),
        (b'{"label": "a"}', "label 1: the 'id' is missing"),
        (b'{"id": "", "label": "a"}', "the 'id' is missing"),
        (b'{"id": "1", "label": NaN}', "the 'label' is missing"),
        (b'{"id": "1", "label": {}}', "the 'label' is not one value"),
        (b'{"id": "1", "label": "a", "lable": "b"}', "'lable' is unknown"),
        (b'{"id": "1", "label": "\\ud800"}', "signs that cannot be printed"),
        (b'{"id": "1\\u0000", "label": "a"}', "signs that cannot be printed"),
        (b'{"id": "%s", "label": "a"}' % (b"1" * 129), "longer than 128"),
        (b'{"id": "1", "label": "%s"}' % (b"1" * 513), "longer than 512"),
        (b'{"id": "1", "label": "a", "revision": 7}', "never had a revision '7'"),
        (b'{"id": "1", "label": "a", "answered": "yesterday"}', "no time of an answer"),
        (b'{"id": "1", "label": "a", "answered": 1e300}', "no time of an answer"),
        (b'{"id": "1", "label": "a", "answered": true}', "no time of an answer"),
        (b'{"id": "1", "label": "a", "answered": [1]}', "no time of an answer"),
        (b'{"id": "1", "label": %s}' % (b"9" * 5000), "not JSON"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_kept(
    journal: Journal, home: Path, body: bytes, words: str
) -> None:
    environment(journal)
    status, said = post(home, body)
    assert (status, list(said)) == (400, ["error"])
    assert words in said["error"]
    assert known(journal) == 0


def test_one_wrong_label_refuses_all_of_its_request(journal: Journal, home: Path) -> None:
    environment(journal)
    status, said = post(home, b'{"id": "1", "label": "a"}\n{"id": "2", "label": "a"}\n{"id": "3"}\n')
    assert (status, said["error"].partition(";")[0]) == (400, "label 3: the 'label' is missing")
    assert known(journal) == 0
    assert journal.events(subject="reviews/production") == []


@pytest.mark.parametrize(
    "path",
    ["/labels", "/labels/", "/labels/reviews", "/labels/reviews/staging", "/labels/reviews/production/1",
     "/labels/reviews%2Fproduction", "/labels/../production", "/labels/%00/%ff"],
)  # fmt: skip
def test_an_unknown_environment_is_not_found(journal: Journal, home: Path, path: str) -> None:
    environment(journal)
    assert post(home, b'{"id": "1", "label": "a"}', path)[0] == 404


@pytest.mark.parametrize(
    "word", ["", "Bearer", "Bearer ", "Bearer wrong", "Basic {}", "{}", "Bearer {}x", "Bearer ä"]
)
def test_without_the_token_nobody_learns_anything(journal: Journal, home: Path, word: str) -> None:
    environment(journal)
    given = {"authorization": word.format(label_requests.token(home))}
    for path in (PATH, "/labels/no/such"):
        found = label_requests.answer(home, Request("POST", path, given, b'{"id": "1", "label": "a"}'))
        assert found.status == 401
        assert label_requests.token(home).encode() not in found.body
    assert label_requests.answer(home, Request("POST", PATH, {}, b"")).status == 401
    assert known(journal) == 0


def test_where_no_predictions_are_kept_labels_are_refused(journal: Journal, home: Path) -> None:
    environment(journal, None)
    status, said = post(home, b'{"id": "1", "label": "a"}')
    assert status == 400
    assert "keeps no predictions" in said["error"]
    assert "predictions: {from: header}" in said["error"]


def test_labels_that_are_to_say_the_prediction_must(journal: Journal, home: Path) -> None:
    row = environment(journal, source="labels")
    with journal.change():
        predictions.keep(journal, row, [answer("1", "", revision=2)])
    assert "the 'prediction' is missing" in post(home, b'{"id": "1", "label": "a"}')[1]["error"]
    assert post(home, b'{"id": "1", "label": "a", "prediction": "b"}') == (200, outcomes(joined=1))
    [pair] = labels.pairs(journal, PROJECT, NAME)
    assert (pair.revision, pair.prediction) == ("reviews/production/2", "b")


@pytest.mark.parametrize("revision", ["2", 2, 2.0, "reviews/production/2", "reviews%2Fproduction%2F2"])
@pytest.mark.parametrize(
    ("answered", "at"),
    [(1777817220, 1777817220.0), ("1777817220.5", 1777817220.5), ("2026-05-03T14:07:00Z", 1777817220.0),
     ("2026-05-03T16:07:00+02:00", 1777817220.0), ("2026-05-03T14:07", 1777817220.0)],
)  # fmt: skip
def test_a_label_that_says_all_needs_no_log(
    journal: Journal, home: Path, revision: object, answered: object, at: float
) -> None:
    environment(journal)
    one = {"id": "1", "label": "a", "prediction": "b", "revision": revision, "answered": answered}
    assert post(home, json.dumps([one]).encode()) == (200, outcomes(joined=1))
    [pair] = labels.pairs(journal, PROJECT, NAME)
    assert (pair.revision, pair.predicted_at) == ("reviews/production/2", at)


def test_an_answer_of_tomorrow_is_none(journal: Journal, home: Path) -> None:
    environment(journal)
    for ahead, status in ((30.0, 200), (3600.0, 400)):
        one = {"id": f"{ahead}", "label": "a", "answered": clock.now() + ahead}
        assert post(home, json.dumps([one]).encode())[0] == status


def test_labels_outside_of_the_sample_are_counted_and_not_kept(journal: Journal, home: Path) -> None:
    environment(journal, sample=0.25)
    body = json.dumps([{"id": str(number), "label": "a"} for number in range(1000)]).encode()
    _, said = post(home, body)
    assert said["waiting"] + said["unsampled"] == 1000
    assert 180 < said["waiting"] < 320, "five standard deviations around 250"
    assert known(journal) == said["waiting"]


def test_labels_are_masked_as_predictions_are(journal: Journal, home: Path) -> None:
    row = environment(journal, mask=(r"\d+",))
    with journal.change():
        predictions.keep(journal, row, [answer("1", "card 4111")])
    assert post(home, b'{"id": "1", "label": "card 4112"}') == (200, outcomes(joined=1))
    [pair] = labels.pairs(journal, PROJECT, NAME)
    assert (pair.prediction, pair.label) == ("card ***", "card ***")


def test_the_token_is_made_once_for_its_owner_alone(home: Path) -> None:
    found: list[str] = []
    barrier = threading.Barrier(8)

    def ask() -> None:
        barrier.wait()
        found.append(label_requests.token(home))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(found[0]) >= 40
    path = label_requests.token_file(home)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in home.iterdir() if "partial" in one.name] == []


def test_the_service_takes_labels_on_its_port(journal: Journal, home: Path) -> None:
    environment(journal)
    (home / "gateway").mkdir()
    service = Service(home, {label_requests.WORD: label_requests.route(home)})
    headers = {"Authorization": f"Bearer {label_requests.token(home)}"}

    def ask(method: str, body: bytes | None, **more: str) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", service.port, timeout=10)
        connection.request(method, PATH, body, headers | more)
        answered = connection.getresponse()
        found = answered.status, answered.read()
        connection.close()
        return found

    try:
        assert ask("POST", b'{"id": "1", "label": "a"}')[0] == 200
        assert ask("POST", b'{"id": "2", "label": "a"}', Authorization="Bearer no")[0] == 401
        reason = {"Seatrial-Correct": "a row off", "Seatrial-By": "ann"}
        assert json.loads(ask("POST", b'{"id": "1", "label": "b"}', **reason)[1])["corrected"] == 1
        assert ask("GET", None) == (405, b'{"error": "Method Not Allowed"}\n')
        assert ask("POST", None, **{"Content-Length": str(label_requests.LARGEST + 1)})[0] == 413
    finally:
        service.close()
    assert known(journal) == 1


def test_a_journal_that_cannot_be_used_is_no_fault_of_the_sender(home: Path) -> None:
    token = label_requests.token(home)
    (home / "journal.db").write_bytes(b"no database" * 1000)
    status, said = post(home, b'{"id": "1", "label": "a"}', token=token)
    assert status == 503
    assert "journal" in said["error"]
