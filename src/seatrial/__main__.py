"""The way in: `seatrial`, and `python -m seatrial`."""

import sys


def main() -> int:
    """Run the command that the words of this process ask for, and return its exit code."""
    if sys.argv[1:] in (["--version"], ["-V"]):  # answered before anything is imported
        from seatrial import __version__

        sys.stdout.write(f"seatrial {__version__}\n")
        return 0
    from seatrial.cli.main import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
