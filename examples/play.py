"""Play examples/vision as a repository of its own: from a commit to live traffic, on evidence, and back.

`make demo` runs this. Everything happens in a temporary folder, which is removed at the end but for --keep.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from live import REFUSED, live
from story import Failed, Story, expect, say


def first_release(story):
    say(
        "Commit 1. A logistic regression: trained, tested, judged, packaged and released. "
        "There is no production yet, so the gate against it does not apply."
    )
    story.commit("A first classifier of digits")
    story.type("seatrial", "run")
    return story.predict()


def nothing_to_do(story):
    say("Commit 1 again: everything is restored, nothing runs, and the release is there already.")
    story.type("seatrial", "run")
    say("A stricter gate: nothing is trained again, only judged again.")
    story.edit("seatrial.yaml", "- accuracy >= 0.80\n", "- accuracy >= 0.82\n")
    story.commit("Ask for a little more")
    story.type("seatrial", "run")
    story.type("seatrial", "explain", "evaluate")


def dirty_run(story):
    say("An edit that nobody committed: it runs, is marked dirty, and ends before the release.")
    story.edit("train.py", "C=0.02", "C=0.01")
    story.type("seatrial", "run")
    story.git("checkout", "train.py")


def better_model(story):
    say(
        "Commit 2, a small neural network. Production's own code predicts the same digits, so the "
        "comparison is paired; and the release happens under load."
    )
    story.edit("train.py", "HIDDEN = ()", "HIDDEN = (128,)")
    story.commit("A network with a hidden layer")
    with story.unharmed("commit-2"):
        story.type("seatrial", "run")
    return story.predict()


def worse_model(story):
    say(
        "Commit 3 trains faster, on a fifth of the digits. Good enough for every fixed bar, "
        "but worse than what is live."
    )
    story.edit("train.py", "HIDDEN = (128,)", "HIDDEN = (24,)")
    story.edit("train.py", "ROWS = 3_500", "ROWS = 700")
    story.commit("Train five times faster")
    story.type("seatrial", "run", exit_codes=(REFUSED,))


def back_and_forth(story, first, second):
    expect(story.predict(1) == second, "the refused model must not have touched production")
    say("One command brings the first revision back. Nothing is built again.")
    with story.unharmed("rollback"):
        story.type("seatrial", "rollback")
    expect(story.predict(1) == first, "the next request must be answered by the old revision")
    say("What was live when, from which commit, on what evidence.")
    story.type("seatrial", "history")
    story.type("seatrial", "status")
    say("Down, and up again.")
    story.type("seatrial", "down")
    story.type("seatrial", "up")
    expect(story.predict(1) == first, "after `up` the same revision must serve")


def forth(story, second):
    say("Forth again; and the commit that was refused is reverted.")
    story.type("seatrial", "rollback", "--to", second.rpartition("/")[2])
    story.revert()


def offline(story):
    """The first half: what the evidence of test digits decides. Returns the revision that is live then."""
    first = first_release(story)
    nothing_to_do(story)
    dirty_run(story)
    second = better_model(story)
    expect(second != first, "commit 2 must be another revision")
    worse_model(story)
    back_and_forth(story, first, second)
    forth(story, second)
    return second


def straight(story):
    """Where the first half ends, without its story."""
    story.edit("train.py", "HIDDEN = ()", "HIDDEN = (128,)")
    story.commit("A network with a hidden layer")
    story.type("seatrial", "run", "-q")
    return story.production()["revision"]


def play(folder, only):
    started = time.monotonic()
    story = Story(folder)
    story.prepare()
    try:
        second = (straight if only == "live" else offline)(story)
        if only != "offline":
            live(story, second)
    finally:
        story.end()
    say(f"That was all, in {time.monotonic() - started:.0f} s.")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", action="store_true", help="leave the folder, to look around in it")
    parser.add_argument("--only", choices=("offline", "live"), help="one half of the story")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="seatrial-demo-"))
    try:
        play(folder, arguments.only)
    except Failed as failure:
        sys.exit(f"\nthe demo failed: {failure}")
    finally:
        if arguments.keep:
            print(f"kept: {folder} (SEATRIAL_HOME={folder}/home)")
        else:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
