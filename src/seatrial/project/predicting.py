"""Let what is live predict, for an evaluation by hand: a run of one stage, kept like any other."""

from __future__ import annotations

import os
from pathlib import Path

from seatrial.errors import BadInput, Place
from seatrial.pipeline.pipeline import PREDICT, Pipeline, Predict, Stage
from seatrial.project.project import Home

_OWN = ("SEATRIAL_RUN", "SEATRIAL_STAGE")  # of a run that we may be part of; this one is another


def predict(home: Home, project: str, environment: str, package: str, data: Path) -> str:
    """The digest of what a packaged model predicts on a file. Raises BadInput where it cannot."""
    from seatrial.actions.all_actions import Actions
    from seatrial.commit.change import Change
    from seatrial.run import runner
    from seatrial.run.request import Request
    from seatrial.store import trees

    options = Predict("", str(data.resolve()), package=package, environment=environment)
    stage = Stage(f"predict@{environment}", Place(str(data)), action=PREDICT, options=options)
    title = f"Predict {data.name} by what is live in {environment}"
    result = runner.run(
        Request(
            home=home.folder,
            journal=home.journal,
            store=home.store,
            project=project,
            change=Change("none", str(Path.cwd()), "", trees.save(home.store, ()), "", message=title),
            tree=(),
            pipeline=Pipeline("seatrial", "", project, stages=(stage,)),
            stages=(stage,),
            actions=Actions(),
            host_env={name: value for name, value in os.environ.items() if name not in _OWN},
        )
    )
    outcome = result.outcomes[stage.name]
    if not outcome.outputs:
        hint = f"seatrial logs {result.run} shows what it did; or give its predictions: --against FILE"
        raise BadInput(f"what is live in {environment} could not predict: {outcome.message}", hint)
    return trees.load(home.store, outcome.outputs)[0].digest
