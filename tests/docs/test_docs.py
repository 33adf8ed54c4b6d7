"""The documentation says what the code does: pages, links, files and commands in it are held against it."""

from __future__ import annotations

import ast
import re
import shlex
import sys
from collections.abc import Iterator
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

import pytest

from docs import generate
from seatrial.cli.all_commands import ALL_COMMANDS, command
from seatrial.cli.parser import parse, parser_of, split
from seatrial.errors import BadInput
from seatrial.evaluation.all_metrics import ALL_METRICS
from seatrial.pipeline.all_dialects import ALL_DIALECTS
from seatrial.pipeline.finding import ERROR
from seatrial.pipeline.load import load
from seatrial.project.known import known
from seatrial.release.all_strategies import MODULES as STRATEGIES
from seatrial.release.all_targets import MODULES as TARGETS
from seatrial.run.all_executors import ALL_EXECUTORS

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])
FENCE = re.compile(r"^```([^\n`]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
SPAN = re.compile(r"`seatrial ((?:[a-z]+ ?)[^`\n]*)`")


class Block(NamedTuple):
    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


@cache
def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def relative(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(*languages: str) -> list[Block]:
    found = [
        Block(relative(page), text_of(page).count("\n", 0, match.start()) + 1, *parts(match))
        for page in PAGES
        for match in FENCE.finditer(text_of(page))
    ]
    return [block for block in found if block.language in languages]


def parts(match: re.Match[str]) -> tuple[str, str]:
    return (match.group(1).split() or [""])[0], match.group(2)


def prose(page: Path) -> str:
    """The page without its blocks of code."""
    return FENCE.sub("", text_of(page))


def anchors(page: Path) -> set[str]:
    """The anchors that a forge makes of the headings."""
    headings = re.findall(r"^#+ +(.*)$", prose(page), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()) for heading in headings)
    return {heading.strip().replace(" ", "-") for heading in plain}


# -- generated pages


@pytest.mark.parametrize("name", generate.PAGES)
def test_a_generated_page_is_what_the_code_says_now(name: str) -> None:
    if name == "commands.md" and sys.version_info >= (3, 13):
        pytest.skip("argparse writes its help in another way since Python 3.13")
    assert generate.text_of(generate.REFERENCE / name) == generate.PAGES[name](), "run `make docs`"


def test_check_names_the_page_that_differs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.md").write_text("old")
    (tmp_path / "b.md").write_text("as it is")
    monkeypatch.setattr(generate, "REFERENCE", tmp_path)
    monkeypatch.setattr(generate, "PAGES", {"a.md": lambda: "new", "b.md": lambda: "as it is"})
    monkeypatch.setattr(sys, "argv", ["generate", "--check"])
    assert generate.main() == 1
    assert "a.md differs" in (said := capsys.readouterr().out)
    assert "b.md" not in said
    assert (tmp_path / "a.md").read_text() == "old"
    monkeypatch.setattr(sys, "argv", ["generate"])
    assert generate.main() == 0
    assert (tmp_path / "a.md").read_text() == "new"


# -- links


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_links_lead_somewhere(page: Path) -> None:
    missing = []
    for link in LINK.findall(prose(page)):
        path, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        target = (page.parent / path).resolve() if path else page
        is_there = target.exists() and target.is_relative_to(ROOT)
        if not is_there or (anchor and anchor not in anchors(target)):
            missing.append(link)
    assert not missing


def test_the_index_leads_to_every_page() -> None:
    index = ROOT / "docs" / "index.md"
    linked = {(index.parent / link.partition("#")[0]).resolve() for link in LINK.findall(prose(index))}
    pages = {page for page in PAGES if page.is_relative_to(ROOT / "docs")} - {index}
    assert {relative(page) for page in pages - linked} == set()


# -- files


WHOLE = [block for block in blocks("yaml", "yml") if re.search(r"^(stages|environments):", block.text, re.M)]


@pytest.mark.parametrize("block", WHOLE, ids=str)
def test_a_pipeline_file_in_the_docs_passes_check(block: Block) -> None:
    found = load(block.text, "seatrial.yaml", known=known()).findings
    assert [f"{one.place}: {one.message}" for one in found if one.severity == ERROR] == []


def test_there_are_pipeline_files_in_the_docs() -> None:
    assert {block.page for block in WHOLE} >= {"README.md", "docs/how-to/gates.md"}


@pytest.mark.parametrize("block", blocks("python"), ids=str)
def test_python_in_the_docs_is_python(block: Block) -> None:
    ast.parse(block.text)


# -- commands


def typed(block: Block) -> Iterator[list[str]]:
    """The words after `seatrial` in what the block types: in a console, only the lines with a prompt."""
    lines = block.text.replace("\\\n", " ").splitlines()
    if block.language == "console":
        lines = [line[2:] for line in lines if line.startswith("$ ")]
    for line in lines:
        for words in simple_commands(line):
            while words and re.match(r"[A-Z_]+=", words[0]):
                words = words[1:]
            if words and words[0] == "seatrial":
                yield words[1:]


def simple_commands(line: str) -> list[list[str]]:
    """The commands of a line of shell, apart from those in quotes."""
    reader = shlex.shlex(line, posix=True, punctuation_chars=True)
    reader.whitespace_split = True
    found: list[list[str]] = [[]]
    for word in reader:
        if set(word) <= set("|&;()<>"):
            found.append([])
        else:
            found[-1].append(word)
    return found


def is_understood(words: list[str]) -> bool:
    """Whether the parser takes the words. Raises its error, with what is wrong, where it does not."""
    if not words or words[0] in ("--help", "--version"):
        return True
    name, rest = split(words)
    return parse(command(name), rest) is not None


CALLS = [(str(block), words) for block in blocks("console", "sh") for words in typed(block)]


@pytest.mark.parametrize(
    ("place", "words"), CALLS, ids=[f"{place} {' '.join(words)}" for place, words in CALLS]
)
def test_a_command_in_a_block_is_one_that_the_parser_takes(place: str, words: list[str]) -> None:
    assert is_understood(words), place


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_a_command_in_the_prose_is_there_with_its_options(page: Path) -> None:
    for words in SPAN.findall(prose(page)):
        name, rest = split(words.split())
        takes = parser_of(command(name)).format_help()
        options = takewhile(lambda word: word != "--", rest)
        assert [word for word in options if word.startswith("-") and word not in takes] == [], words


def test_an_unknown_command_would_be_noticed() -> None:
    for line in ("seatrial deploy", "X=1 seatrial run --no-such-option | tail", "cd x; seatrial release a b"):
        with pytest.raises(BadInput):
            [is_understood(words) for words in typed(Block("", 1, "sh", line))]


@pytest.mark.parametrize("name", ALL_COMMANDS)
def test_every_command_is_used_somewhere_in_the_docs(name: str) -> None:
    """Not only in the generated reference: a page must say what it is for."""
    pages = [text_of(page) for page in PAGES if "reference" not in page.parts]
    assert any(f"seatrial {name}" in text for text in pages)


# -- tables


@pytest.mark.parametrize("table", [ALL_METRICS, STRATEGIES, TARGETS, ALL_DIALECTS, ALL_EXECUTORS])
def test_every_variant_is_named_in_the_docs(table: dict[str, object]) -> None:
    reference = "".join(text_of(page) for page in PAGES if "reference" in page.parts)
    assert [name for name in table if f"`{name}`" not in reference] == []
