"""The seed of what is drawn at random: SEATRIAL_TEST_SEED repeats a run."""

from __future__ import annotations

import os

SEED = int(os.environ.get("SEATRIAL_TEST_SEED", "1"))
