"""The second half of the story: three commits that are good on paper, judged by what they do with requests.

Each `…_commit` makes the commit in the story's repository and no more.
"""

import csv
import random

from story import eventually, expect, say, todays

REFUSED = 3
# Some three hundred requests a second, so that there is room beside it for training the next one.
PAUSE_SECONDS = 0.02
LABELS = 8_000

CANARY = """\
    canary: [20%, 50%]
    warm_up: 2s
    gates:                          # the same language, asked of live traffic
      - error_rate <= stable + 0.5pp
      - latency_p95 <= 500ms
      - accuracy >= stable - 0.07   # from labels, as they come
    predictions: {from: header}
    mature_after: 10m               # until then labels may take a promotion back
    within: 10m
"""

TOLD = """\
def told(found, _pixels):
    \"\"\"The answer to the scores that were found for a picture.\"\"\"
    best = int(found.argmax())
    return {"digit": int(LABELS[best]), "score": round(float(found[best]), 4)}
"""
TOLD_WITH_CONTRAST = """\
def told(found, pixels):
    \"\"\"The answer to the scores that were found for a picture.\"\"\"
    best = int(found.argmax())
    score = round(float(found[best]), 4)
    return {"digit": int(LABELS[best]), "score": score, "contrast": contrast(pixels)}


def contrast(pixels):
    \"\"\"Of ink and paper, in the part that the app shows: the digit with four columns on either side.\"\"\"
    picture = np.reshape(pixels, (28, 28))
    inked = np.flatnonzero(picture.any(axis=0))
    shown = picture[:, inked[0] - 4 : inked[-1] + 5]
    return int(shown.max() - shown.min())
"""
PREPARED = """\
    return np.asarray(pixels, dtype="float32") / 255
"""
PREPARED_AND_CLEANED = """\
    values = np.asarray(pixels, dtype="float32") / 255
    return np.where(values < 0.25, 0, values)  # so light is no ink: dirt on the paper
"""


def live(story, network):
    """`network` is the revision of commit 2, which is live before and after the first two."""
    canary(story, network)
    digits = todays(story.digits)
    say("From here on requests do not stop. One person of four draws with a pencil today.")
    with story.load("today", digits, PAUSE_SECONDS) as requests:
        broken = commit_4(story, requests)
        worse = commit_5(story, requests, digits)
        equal = commit_6(story, requests, digits)
    told(requests, network, broken, worse, equal)
    story.type("seatrial", "history")
    say("The refused one, replayed: its plan, its traffic, what its gates knew when.")
    story.type("seatrial", "history", number(broken))


def canary(story, network):
    say(
        "The environment gets gates of its own: from now on a release is a canary, judged by live "
        "traffic and by labels that come later. What is live stays as it is."
    )
    canary_commit(story)
    story.type("seatrial", "check")
    story.type("seatrial", "run", "-q")
    expect(story.production()["revision"] == network, "settings alone must not release anything")


def canary_commit(story):
    story.edit("seatrial.yaml", "    strategy: blue-green\n", CANARY)
    story.commit("Release by a canary")


def commit_4(story, requests):
    say(
        "Commit 4 answers how clearly a digit is drawn, too. Every offline gate passes: the model is "
        "the same. But its code cannot cut out a digit that is near the left edge."
    )
    contrast_commit(story)
    stable = story.production()["revision"]
    revision = release(story, exit_codes=(REFUSED,))
    expect(story.production()["revision"] == stable, "a canary that fails must not become stable")
    answered, failed = requests.counts()[number(revision)]
    print(f"  the canary answered {answered} requests, {failed} of them with an error", flush=True)
    expect(0 < failed < answered, "some, not all, of the canary's requests must have failed")
    say("It is in quarantine: releasing it again is refused.")
    story.type("seatrial", "release", "--to", "production", exit_codes=(REFUSED,))
    return revision


def contrast_commit(story):
    story.edit("serve.py", "import network\n", "import network\nimport numpy as np\n")
    story.edit("serve.py", TOLD, TOLD_WITH_CONTRAST)
    story.commit("Say how clearly a digit is drawn")


def commit_5(story, requests, digits):
    say(
        "Commit 5 cleans the paper and learns for longer. It is as good on the test digits, fast and "
        "healthy, so it is promoted. But nobody drew those with a pencil."
    )
    story.revert()
    cleaning_commit(story)
    stable = story.production()["revision"]
    revision = release(story)
    expect(story.production()["revision"] == revision, "a healthy canary must be promoted")
    say("The promotion is provisional. Labels come, of requests of the canary's time, and take it back.")
    add_labels(story, requests, digits, (stable, revision))
    eventually(lambda: is_settled(story, stable), "labels must take the worse model back")
    print(f"  revision {number(stable)} is live again: {last(story)['why']}", flush=True)
    story.type("seatrial", "labels", "show")
    return revision


def cleaning_commit(story):
    story.edit("network.py", PREPARED, PREPARED_AND_CLEANED)
    story.edit("train.py", "max_iter=30", "max_iter=40")
    story.commit("Clean the paper, and learn for longer")


def commit_6(story, requests, digits):
    say("Commit 6 only learns for longer: as good as what is live. It is promoted step by step.")
    story.revert()
    longer_commit(story)
    stable = story.production()["revision"]
    revision = release(story)
    say("Labels come for it, too, and do not speak against it.")
    add_labels(story, requests, digits, (stable, revision))
    eventually(lambda: is_weighed(story), "the labels must be weighed")
    story.type("seatrial", "status")
    expect(story.production()["revision"] == revision, "an equal model must stay")
    return revision


def longer_commit(story):
    story.edit("train.py", "max_iter=30", "max_iter=40")
    story.commit("Learn for longer")


def release(story, exit_codes=(0,)):
    """Run everything up to the package, then release that; the new revision's id."""
    story.type("seatrial", "run", "-q", "test", "evaluate", "package")
    story.watch("seatrial", "release", "--to", "production", exit_codes=exit_codes)
    return last(story)["revision"]


def last(story):
    """What the history says of the last release or rollback."""
    return story.ask("seatrial", "history")["environments"][0]["releases"][-1]


def add_labels(story, requests, digits, revisions):
    """What was really drawn, for some of the requests of the time in which two revisions answered."""
    of_both = [one for one in requests.answers() if one.revision in map(number, revisions)]
    newest = number(revisions[-1])
    first = next(index for index, one in enumerate(of_both) if one.revision == newest)
    chosen = random.Random(4).sample(of_both[first:], min(LABELS, len(of_both) - first))
    with (story.folder / "labels.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["id", "label"])
        table.writerows((one.request, digits[one.digit][0]) for one in chosen)
    story.type("seatrial", "labels", "add", str(story.folder / "labels.csv"))


def is_settled(story, revision):
    """Whether this revision is live again and nothing else is on its way."""
    found = story.production()
    return found["revision"] == revision and not found["under_way"] and set(found["serving"]) == {revision}


def is_weighed(story):
    """Whether labels have been weighed, and the promotion still stands."""
    provisional = story.production()["provisional"]
    expect(provisional, "labels must not take an equal model back")
    return all(gate["candidate_n"] for gate in provisional["gates"])


def told(requests, network, broken, worse, equal):
    """How the requests of the whole second half ended."""
    say("How the requests ended.")
    counts = requests.counts()
    words = {network: "commit 2", broken: "commit 4", worse: "commit 5", equal: "commit 6"}
    for revision, commit in words.items():
        answered, failed = counts[number(revision)]
        print(
            f"  revision {number(revision)} ({commit}): {answered:6,} answered, {failed} failed", flush=True
        )
    sound = sum(failed for revision, (_, failed) in counts.items() if revision != number(broken))
    expect(sound == 0 and requests.lost == 0, "only requests of commit 4 may have failed")


def number(revision):
    return revision.rpartition("/")[2]
