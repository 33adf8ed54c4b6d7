"""Releases by the thousand, to see whether the live judge keeps its promises: `python -m tests.simulations`."""
