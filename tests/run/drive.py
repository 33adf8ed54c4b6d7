"""A run in a process of its own: python -m tests.run.drive HOME FILES JOBS STAGES [--fresh]."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from seatrial.run.runner import run
from tests.run.stages import Project, stage


def main() -> int:
    home, files, jobs, text, *more = sys.argv[1:]
    stages = [
        stage(
            one["name"],
            one["script"],
            inputs=tuple(one["inputs"]) if "inputs" in one else None,
            outputs=tuple(one.get("outputs", ())),
            needs=tuple(one.get("needs", ())),
            python=one.get("python", ""),
        )
        for one in json.loads(text)
    ]
    request = Project(Path(home), Path(files), []).request(*stages, jobs=int(jobs), fresh="--fresh" in more)
    result = run(request, lambda event: print(repr(event), flush=True))
    request.journal.close()
    return result.exit_code


if __name__ == "__main__":
    sys.exit(main())
