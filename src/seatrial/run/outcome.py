"""What becomes of a stage in a run: the words for it, and what is said beside them."""

from collections.abc import Mapping
from typing import Any

from seatrial.named_tuple import NamedTuple

BLOCKED = "blocked"
RUNNING = "running"
SUCCEEDED = "succeeded"
UNSTABLE = "unstable"  # it did all its work, and something about that is bad: what needs it goes on
FAILED = "failed"
ERRORED = "errored"
SKIPPED = "skipped"
CANCELLED = "cancelled"

# In the body of a failed or unstable outcome.
MAY_FAIL = "may_fail"  # the run goes on, and passes, all the same
GOES_ON = "goes_on"  # the run goes on, and fails at its end
# In the body of a cancelled outcome: another branch failed, and that is what counts.
STOPPED = "stopped"
# In the body of a skipped outcome: a step of the stage found that its condition does not hold.
LEFT_OUT = "left_out"
MARKED = "marked"  # what the run is all the same: a condition that left the stage out has marked it so
# In the body of a failed outcome: its steps have not begun, so nothing runs after them.
NOT_BEGUN = "not_begun"
# In the body of an outcome of who asks a person: the values of parameters, and what is to be said of them.
GIVEN, SAID = "given", "said"
# The variable with the worst that steps have marked the run as, and that with what a stage has come to.
RESULT = "SEATRIAL_RESULT"
STAGE_RESULT = "SEATRIAL_STAGE_RESULT"


class Outcome(NamedTuple):
    """What became of a stage run.

    `outputs` is the digest of the tree of its outputs, "" for none. `body` is plain JSON that belongs to the
    kind of the stage: {"verdict": …}, {"package": digest}, {"revision": id}. `exit_code` is that of
    `seatrial.errors` which this stage asks the whole run to end with.
    """

    status: str
    outputs: str = ""
    message: str = ""
    exit_code: int = 0
    body: Mapping[str, Any] = {}
