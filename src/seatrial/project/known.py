"""What this version can perform, asked of every table."""

from __future__ import annotations

from seatrial.pipeline.check import Known


def known() -> Known:
    """The names of the tables, and the parts that are not there yet."""
    from seatrial.actions.all_actions import ALL_ACTIONS
    from seatrial.pipeline.check import VERDICT
    from seatrial.release import all_strategies, all_targets
    from seatrial.run import all_executors

    return Known(
        executors=tuple(all_executors.ALL_EXECUTORS),
        targets=tuple(all_targets.MODULES),
        strategies=tuple(all_strategies.MODULES),
        actions=tuple(ALL_ACTIONS),
        tasks=("classification", "regression"),
        requirements=(VERDICT,),
        has_remote_inputs=False,
    )
