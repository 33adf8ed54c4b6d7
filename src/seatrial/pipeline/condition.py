"""The conditions of `when` and of what runs afterwards."""

from __future__ import annotations

# The outcomes that a `Finally` block can ask for, in the order in which Jenkins tests them.
OUTCOMES = (
    "always",
    "changed",
    "fixed",
    "regression",
    "aborted",
    "success",
    "unsuccessful",
    "unstable",
    "failure",
    "not_built",
    "cleanup",
)
