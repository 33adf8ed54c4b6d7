"""No damage to a file that uses much of the language raises."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from seatrial.pipeline.load import load
from tests.properties import examples

FILE = r"""
language: python
python: [3.9, "3.10"]
env:
  global: [X=1, secure: abc]
  matrix: [A=1, 'A=2 B=$(echo x)']
matrix:
  include:
  - python: 3.8
    env: C=1
    stage: lint
    if: 'branch = a AND (tag =~ /^v\d+/ OR NOT type IN (push, api))'
  exclude: [{python: 3.9, env: A=1}]
  allow_failures: [{python: 3.8}]
stages: [lint, {name: test, if: tag IS blank}]
install: [pip install x, {a: b}]
script: [pytest]
deploy: [{provider: script, script: x, on: {branch: [a, b], condition: '$X = 1'}}, {provider: pypi, on: main}]
"""
DAMAGE = ["", ": ", "- ", "\n", "{", "&a ", "*a", "x", "[", "'", "(", ")", " = ", "\n  "]


@examples(300)
@given(st.integers(0, 2**32))
def test_no_damage_raises(seed: int) -> None:
    chance = random.Random(seed)
    text = list(FILE)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(text) + 1)
        text[at : at + chance.randint(0, 4)] = chance.choice(DAMAGE)
    load("".join(text), ".travis.yml")
