"""What is said of jobs that want another machine than there is."""

from __future__ import annotations

from seatrial.errors import Place
from seatrial.pipeline.dialects.travis.jobs import Job
from seatrial.pipeline.dialects.travis.texts import Findings, text
from seatrial.pipeline.finding import error, warning


def check_systems(jobs: tuple[Job, ...], findings: Findings) -> None:
    """A job for another system is skipped; a file with no other has nothing to run."""
    say = warning if any(job.system == "linux" for job in jobs) else error
    for job in jobs:
        if job.system != "linux":
            message = f"the job wants `os: {job.system}` and is skipped: jobs run on Linux here"
            findings.append(say(_place(job, "os"), message))
        arch = text(job.values.get("arch"))
        if arch not in ("", "amd64", "x86_64", "x64"):
            message = f"`arch: {arch}` is passed over: the machine is what it is"
            findings.append(warning(_place(job, "arch"), message))


def _place(job: Job, key: str) -> Place:
    return job.values[key].place if key in job.values else job.place
