"""What a person gives as a reason: a short line, which can be shown wherever it is told. Pure."""

LONGEST = 500


def flaw(text: str) -> str:
    """What is wrong with it, in words; "" where it is in order. A second line could pass for one of ours."""
    if len(text) > LONGEST:
        return f"is longer than {LONGEST} characters"
    return "" if text.isprintable() else "has signs that cannot be printed, as a line break is"
