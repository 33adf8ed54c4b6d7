"""Releases by the thousand: does the live judge keep its promises? `python -m tests.simulations`."""
