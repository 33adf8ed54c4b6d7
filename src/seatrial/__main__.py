"""The way in: `seatrial`, and `python -m seatrial`."""

import gc
import os
import sys

# A command makes values and ends: looking for cycles among them again and again only takes time.
_OBJECTS_BETWEEN_COLLECTIONS = 50_000


def main() -> int:
    """Run the command that the words of this process ask for, and return its exit code."""
    if None in (sys.stdin, sys.stdout, sys.stderr):
        _open_closed_streams()
    if sys.argv[1:] in (["--version"], ["-V"]):  # answered before anything is imported
        return _say_version()
    _see_paths_as_utf8()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, 20, 20)
    try:
        from seatrial.cli.main import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # nothing is there yet, or no longer, that could say more
        from seatrial.errors import INTERRUPTED

        code = INTERRUPTED
    return _leave(code)


def _open_closed_streams() -> None:
    """Who closed them (`>&-`) wants to hear nothing, and no file of ours may take the place of one."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            found = os.open(os.devnull, os.O_RDWR)
            if found != number:
                os.dup2(found, number)
                os.close(found)
            os.set_inheritable(number, True)
            setattr(sys, name, open(number, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - stays open


def _see_paths_as_utf8() -> None:
    """Begin again where the locale has it otherwise: digests are made of names, which would be other texts.

    Python takes the first of several -X utf8, so nobody comes by here twice.
    """
    if sys.getfilesystemencoding() != "utf-8":
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])


def _say_version() -> int:
    from seatrial import __version__

    try:
        sys.stdout.write(f"seatrial {__version__}\n")
        sys.stdout.flush()
    except OSError as error:
        from seatrial.errors import OUR_FAULT

        sys.stderr.write(f"error: the output cannot be written: {error.strerror}\n")
        return _leave(OUR_FAULT)
    return 0


def _leave(code: int) -> int:
    """End now. To take every module apart again takes longer than many a command does.

    All that lasts is on disk before: we may be killed at any instruction anyhow.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue  # whoever read it has gone; the exit code still tells
    os._exit(code)


if __name__ == "__main__":
    sys.exit(main())
