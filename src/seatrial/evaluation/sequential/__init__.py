"""The live judge's arithmetic: it may look every second, and its error rates hold. Pure, without numpy."""
