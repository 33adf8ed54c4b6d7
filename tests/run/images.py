"""Images that tests make of the one that their engine has."""

from __future__ import annotations

import subprocess

from tests.engine import IMAGE


def image_of_its_own_user() -> str:
    """An image whose commands run as a user with a home, such as those that CircleCI makes."""
    users = "mkdir -p /etc /home/joe; echo joe:x:4321:4321::/home/joe:/bin/sh > /etc/passwd"
    file = f"FROM {IMAGE}\nRUN {users}; touch /home/joe/tool; chown -R 4321:4321 /home/joe\nUSER joe\n"
    return image("seatrial/joe:1", file)


def image(name: str, file: str) -> str:
    """The name of an image that is built of a Dockerfile."""
    command = ["docker", "build", "-q", "--network", "host", "-t", name, "-"]
    subprocess.run(command, input=file.encode(), stdout=subprocess.DEVNULL, check=True)
    return name
