"""Every page that types commands shows what they really print."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from seatrial.gateway.ports import free_port
from tests.conftest import requires
from tests.docs.replay import ROOT, File, Shell, agrees, elsewhere, steps, surroundings

PAGES = [
    page.relative_to(ROOT).as_posix()
    for page in sorted((ROOT / "docs").rglob("*.md"))
    if any(not isinstance(step, File) for step in steps(page.read_text(encoding="utf-8")))
]


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    requires("git")
    shell = Shell(tmp_path, surroundings())
    yield shell
    shell.end()


@pytest.mark.slow
@pytest.mark.needs_envoy
@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_shows_is_what_is_printed(page: str, shell: Shell) -> None:
    port = free_port()
    text = elsewhere((ROOT / page).read_text(encoding="utf-8"), port)
    for step in steps(text):
        if isinstance(step, File):
            shell.write(step)
            continue
        printed = shell.play(step)
        if step.command.startswith("seatrial init"):
            shell.move("seatrial.yaml", port)
        if not agrees(printed, step.printed):
            assert printed == step.printed, f"{page}:{step.line}: {step.command}"
            pytest.fail(f"{page}:{step.line}: an expected line never came")


def test_pages_are_played() -> None:
    assert {"docs/tutorial/first-model.md", "docs/tutorial/add-a-gate.md", "docs/how-to/gates.md"} <= {*PAGES}


def test_what_differs_from_run_to_run_is_compared_by_its_kind() -> None:
    page = (
        "greeter  88b016a60f0f main  Later\n  ✓ train      0.01s\npassed: 3 ran in 0.1s  r-06h0l12ac7-kxrq\n"
    )
    other = (
        "greeter  710617bc06cd main  Later\n  ✓ train   12.3s\npassed: 3 ran in 1.4s  r-06h2pmv9qs-3pue4l\n"
    )
    assert agrees(other, page)
    assert agrees(other.replace("12.3s", "1m 42s").replace("1.4s", "2h 03m"), page)
    assert not agrees(other.replace("3 ran", "2 ran"), page)
    assert not agrees(other + "one more line\n", page)
    assert agrees(other + "one more line\n", page + "…\n")


def test_stages_that_run_at_once_print_in_any_order() -> None:
    page = "  ▸ a\n  ▸ b\n  ✓ a    0.1s\n  ✓ b    0.1s\n"
    assert agrees("  ▸ b\n  ✓ b    0.2s\n  ▸ a\n  ✓ a    0.1s\n", page)
    assert not agrees("  ▸ b\n  ✗ b    0.2s\n  ▸ a\n  ✓ a    0.1s\n", page)
