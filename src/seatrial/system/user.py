"""Who is at this machine."""

from __future__ import annotations


def by_whom() -> str:
    """Who asks: the name of the user at this machine."""
    import os
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
