"""What differs between two revisions: facts by name, and the commits between them."""

from __future__ import annotations

from seatrial.project import differing
from seatrial.report.difference import Changed


def test_only_what_is_not_the_same_differs() -> None:
    found = differing.changed(
        {"same": "1", "moved": "1", "gone": "1"}, {"same": "1", "moved": "2", "new": "3"}
    )
    assert [(one.name, one.how) for one in found] == [
        ("gone", "removed"),
        ("moved", "changed"),
        ("new", "added"),
    ]
    assert found[1] == Changed("moved", "1", "2")


def test_commits_between_two_and_back(repository) -> None:
    made = repository()
    first, _, last = (made.commit(word, a_txt=word) for word in ("one", "two", "three"))
    there = differing.commits_between(made.folder, first, last)
    assert there is not None
    assert ([line.partition(" ")[2] for line in there[0]], there[1]) == (["three", "two"], False)
    back = differing.commits_between(made.folder, last, first)
    assert back is not None
    assert ([line.partition(" ")[2] for line in back[0]], back[1]) == (["three", "two"], True)


def test_commits_that_are_not_here_and_options_say_nothing(repository) -> None:
    made = repository()
    first = made.commit("one", a_txt="one")
    assert differing.commits_between(made.folder, first, "0" * 40) is None
    assert differing.commits_between(made.folder, first, "--all") is None
