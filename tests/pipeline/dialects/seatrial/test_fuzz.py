"""Nothing that anybody writes into a seatrial.yaml raises."""

from __future__ import annotations

import random
from pathlib import Path

import yaml
from hypothesis import given
from hypothesis import strategies as st

from seatrial.pipeline.dialects.seatrial.keys import ENVIRONMENT, PIPELINE, STAGE
from tests.fuzz.seatrial_yaml import fuzz_seatrial_yaml
from tests.properties import examples

GOLDENS = sorted((Path(__file__).parents[3] / "goldens" / "pipeline").glob("*.yaml"))
WORDS = [
    *(key.name for key in (*PIPELINE, *STAGE, *ENVIRONMENT)),
    *("a", "b", "model/", "5%", "90s", "main", "true", "1", "branch == main", "*", "..", "", "~", "include"),
]
TREES = st.recursive(
    st.sampled_from(WORDS) | st.text(max_size=5).filter(str.isprintable),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=6),
    max_leaves=20,
)


@examples(150)
@given(st.text() | st.text(alphabet="ab:-[]{}&*!|>'\"%@#?, \n\t<~."))
def test_any_text(text: str) -> None:
    fuzz_seatrial_yaml(text.encode("utf-8", "surrogatepass"))


@examples(250)
@given(st.dictionaries(st.sampled_from([key.name for key in PIPELINE]), TREES, max_size=5), TREES, TREES)
def test_any_tree_of_known_words(tree: dict[str, object], stage: object, environment: object) -> None:
    tree = {"stages": {"a": stage, "b": stage}, "environments": {"p": environment}, **tree}
    fuzz_seatrial_yaml(yaml.safe_dump(tree).encode())


@examples(150)
@given(st.sampled_from(GOLDENS), st.integers(0, 2**32))
def test_any_damage_to_a_real_file(path: Path, seed: int) -> None:
    data = bytearray(path.read_bytes())
    chance = random.Random(seed)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        data[at : at + chance.randint(0, 3)] = chance.choice(
            [b"", b": ", b"- ", b"\n", b"{", b"&a ", b"*a", b"\xff", b"x"]
        )
    fuzz_seatrial_yaml(bytes(data))
