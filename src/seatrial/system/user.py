"""Who is at this machine, which may not know its users, as many a container does not."""

from __future__ import annotations

import os


def by_whom() -> str:
    """Who asks: the name of the user at this machine."""
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def home() -> str:
    """The user's own folder, "" where the machine does not know the user."""
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_dir
    except KeyError:
        return ""
