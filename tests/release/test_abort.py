"""`seatrial abort`, `up`, `down` and `status` as commands, in a home where something was released."""

import json

import pytest

from seatrial.journal import releases
from seatrial.system import clock
from seatrial.system.user import by_whom
from tests.cli.terminal import seatrial, within
from tests.release.site import environment, eventually, get, port_of

HERE = ("--project", "reviews")


@pytest.mark.needs_envoy
@pytest.mark.slow
def test_a_release_that_is_aborted_says_who_and_why_to_everybody(site, tmp_path):
    place = environment(strategy_options=(("bake", "60s"),))
    site.release("one", place)
    asked = site.ask("two", place)
    eventually(lambda: get(port_of(place)).text == "two")
    ended = seatrial("abort", "production", "--why", "wrong data", *HERE, "--json", folder=tmp_path)
    assert ended.code == 0, ended.err
    told = json.loads(ended.out)
    reason = f"wrong data (by {by_whom()})"
    assert (told["status"], told["reason"], told["release"]) == ("aborted", reason, asked.release.id)
    assert told["revision"] == "reviews/production/1"
    assert f"aborted: {reason}" in ended.err
    assert get(port_of(place)).text == "one"
    events = site.store.journal.events(subject=asked.release.id)
    wish = next(event for event in events if event.kind == "release.abort_asked")
    assert wish.body == {"reason": "wrong data", "by": by_whom()}
    history = seatrial("history", *HERE, folder=tmp_path)
    assert reason in history.out


@pytest.mark.needs_envoy
@pytest.mark.slow
def test_a_rollback_waits_for_the_release_under_way_where_it_is_told_to(site, tmp_path):
    place = environment(strategy_options=(("bake", "2s"),))
    site.release("one", place)
    asked = site.ask("two", place)
    refused = seatrial("rollback", "production", "--to", "1", *HERE, folder=tmp_path)
    assert refused.code != 0
    assert "wait for it (--wait)" in refused.err
    ended = seatrial("rollback", "production", "--to", "1", "--wait", *HERE, folder=tmp_path)
    assert ended.code == 0, ended.err
    assert f"waiting for {asked.release.id}" in ended.out
    assert site.stable() == "reviews/production/1"
    assert get(port_of(place)).text == "one"


def test_without_a_release_there_is_nothing_to_abort(journal, tmp_path):
    with journal.change():
        releases.keep_environment(journal, "reviews", "production", "127.0.0.1:1")
    ended = within("abort", "production", *HERE, folder=tmp_path)
    assert (ended.code, ended.out) == (2, "")
    assert "no release is under way in reviews/production" in ended.err


def test_the_hint_of_a_release_under_way_is_a_command(journal):
    from seatrial.cli.all_commands import command
    from seatrial.cli.parser import parse, split
    from seatrial.release.request import UnderWay

    with journal.change():
        releases.keep_environment(journal, "reviews", "production", "127.0.0.1:1")
        revision = releases.add_revision(
            journal, "reviews", "production", package="p", run="", commit="", body={}
        )
        row = releases.add_release(
            journal, revision, previous="", kind="release", plan={"steps": []}, body={}
        )
    hint = UnderWay(row).hint
    name, rest = split(hint.partition("seatrial ")[2].split())
    assert parse(command(name), rest).environment == "production"
    for asking in ("release", "rollback"):
        assert parse(command(asking), ["production", "--wait"]).wait


def test_status_shows_the_trouble(journal, tmp_path):
    with journal.change():
        releases.keep_environment(journal, "reviews", "production", "127.0.0.1:1")
    releases.set_desired(journal, "reviews", "production", releases.DOWN)
    row = releases.environment(journal, "reviews", "production")
    releases.record_trouble(journal, row, releases.Trouble("Envoy does not answer", clock.now()))
    assert "in trouble" in within("status", *HERE, folder=tmp_path).out
    [seen] = json.loads(within("status", *HERE, "--json", folder=tmp_path).out)["environments"]
    assert seen["trouble"] == "Envoy does not answer"
    assert seen["trouble_since"] == pytest.approx(clock.now(), abs=60)
    row = releases.environment(journal, "reviews", "production")
    releases.record_trouble(journal, row, releases.Trouble())
    [seen] = json.loads(within("status", *HERE, "--json", folder=tmp_path).out)["environments"]
    assert (seen["trouble"], seen["trouble_since"]) == ("", None)
    kinds = [event.kind for event in journal.events(subject="reviews/production")]
    assert kinds[-2:] == ["environment.trouble", "environment.recovered"]


def test_the_unit_is_printed_and_nothing_is_started(site, tmp_path):
    ended = seatrial("up", "--systemd", folder=tmp_path)
    assert ended.code == 0
    assert f'Environment="SEATRIAL_HOME={site.home}"' in ended.out
    assert json.loads(seatrial("up", "--systemd", "--json", folder=tmp_path).out)["unit"] == ended.out
    assert site.supervisors() == []


def test_a_wish_for_nothing_says_so(home, tmp_path):
    for word in ("up", "down"):
        ended = seatrial(word, "--all", folder=tmp_path)
        assert (ended.code, ended.out) == (0, "nothing was released here yet\n")
