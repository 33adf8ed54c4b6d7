import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.gateway import access_log, log_line
from seatrial.gateway.log_line import Line
from tests.properties import examples

GOOD = b"1790000000\treviews/production/2\t200\t-\t-\t1500\torder-7\t0.93\tada"


def changed(**fields):
    names = ("at", "revision", "code", "flags", "grpc", "duration", "request", "prediction", "unit")
    values = dict(zip(names, GOOD.split(b"\t"), strict=True)) | fields
    return b"\t".join(values.values())


def test_a_line_says_who_answered_what_and_how_fast():
    assert log_line.parse(GOOD) == Line(
        1790000000, "reviews/production/2", 200, False, 1500, "order-7", "0.93", "ada"
    )


def test_what_is_unknown_is_empty():
    line = log_line.parse(b"1790000000\t-\t503\tNR\t-\t-\t-\t-\t-")
    assert line == Line(1790000000, "", 503, True, None)


@pytest.mark.parametrize("revision", ["études/production/1", "a b%/x/1", "evil\tx\n/y/1"])
def test_a_revision_is_read_as_it_was_named(revision):
    assert log_line.parse(changed(revision=log_line.quoted(revision).encode())).revision == revision


@pytest.mark.parametrize(
    ("fields", "failed"),
    [
        ({}, False),
        ({"code": b"404"}, False),
        ({"code": b"429"}, False),
        ({"code": b"500"}, True),
        ({"code": b"503", "flags": b"UF"}, True),
        ({"flags": b"UC"}, True),  # reset after 200
        ({"flags": b"DC"}, False),  # the client left
        ({"code": b"0", "flags": b"DC"}, False),
        ({"flags": b"DC,UC"}, True),
        ({"flags": b"URX"}, True),
        ({"grpc": b"0"}, False),
        ({"grpc": b"5"}, False),  # NOT_FOUND
        ({"grpc": b"13"}, True),  # INTERNAL
        ({"grpc": b"14"}, True),  # UNAVAILABLE
    ],
)
def test_the_server_has_failed_where_it_is_to_blame(fields, failed):
    assert log_line.parse(changed(**fields)).failed is failed
    (second,) = access_log.count(changed(**fields) + b"\n")
    assert (second.requests, second.failed) == (1, int(failed))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"-",
        GOOD[:40],
        b"1790000000\treviews/production/2\t20",
        GOOD.replace(b"1790000000", b"x"),
        GOOD.replace(b"1790000000", b"1" * 30),
        GOOD.replace(b"\t200\t", b"\t2001790000001\t"),
    ],
)
def test_what_envoy_cannot_have_written_is_no_line(line):
    assert log_line.parse(line) is None


@pytest.mark.parametrize("name", ["request", "prediction", "unit"])
def test_a_tab_from_outside_costs_only_the_ids_of_its_own_request(name):
    line = changed(**{name: b"x\t1790000000\tother/production/1\t500\t-\t-\t1\ty\tz\tw"})
    found = log_line.parse(line)
    assert found == log_line.parse(GOOD)._replace(request="", prediction="", unit="")
    (second,) = access_log.count(line + b"\n" + GOOD + b"\n")
    assert (second.revision, second.requests, second.failed) == ("reviews/production/2", 2, 0)


def test_bytes_that_are_no_text_are_replaced():
    assert log_line.parse(changed(unit=b"a\xff")).unit == "a\ufffd"


OUTSIDE = st.binary(max_size=20).map(lambda given: given.replace(b"\n", b""))


@given(st.lists(st.tuples(OUTSIDE, OUTSIDE, OUTSIDE, st.sampled_from([b"200", b"502"])), max_size=20))
@examples(100)
def test_whatever_comes_from_outside_the_counts_hold(requests):
    content = b"".join(changed(request=r, prediction=p, unit=u, code=c) + b"\n" for r, p, u, c in requests)
    wanted = (len(requests), sum(code == b"502" for *_, code in requests))
    seconds = access_log.count(content)
    assert (sum(one.requests for one in seconds), sum(one.failed for one in seconds)) == wanted
    lines = list(log_line.lines(content))
    assert (len(lines), sum(one.failed for one in lines)) == wanted


@given(st.binary(max_size=300))
@examples(100)
def test_no_content_is_an_error(content):
    access_log.count(content)
    list(log_line.lines(content))


def test_requests_of_one_second_and_revision_are_added_up():
    other = GOOD.replace(b"/2", b"/1").replace(b"\t1500\t", b"\t90000\t")
    later = GOOD.replace(b"1790000000", b"1790000001").replace(b"\t1500\t", b"\t-\t")
    found = access_log.count(
        b"\n".join([GOOD, other, GOOD, later, GOOD.replace(b"\t200\t", b"\t500\t"), b""])
    )
    assert [one[:4] for one in found] == [
        (1790000000, "reviews/production/1", 1, 0),
        (1790000000, "reviews/production/2", 3, 1),
        (1790000001, "reviews/production/2", 1, 0),
    ]
    # A bucket i holds (1.01^(i-1), 1.01^i] seconds: ln 0.0015 / ln 1.01 = -653.5, ln 0.09 / ln 1.01 = -242.0
    assert found[1].latencies.buckets == ((-653, 3),)
    assert found[0].latencies.buckets == ((-241, 1),)
    assert found[2].latencies.buckets == ()
