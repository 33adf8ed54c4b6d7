"""The images that stages name: by digest where the engine has them, pulled where it has not."""

from __future__ import annotations

from collections.abc import Callable

from seatrial.clients import docker
from seatrial.errors import Infrastructure, StageFailed


def resolve(image: str, log: Callable[[bytes], None]) -> str:
    """The id of an image: the digest of its configuration, and so of all that it holds.

    A name is looked up on this machine first, so a tag means what it meant here before; `docker pull` brings
    the newest. Raises Infrastructure.
    """
    found = docker.inspect("image", image)
    if found is None:
        log(f"docker pull {image}\n".encode())
        try:
            docker.run("pull", "--quiet", image)
        except StageFailed as failure:
            hint = "is its name right, and may this machine pull it?"
            raise Infrastructure(f"the image {image} cannot be had: {failure.message}", hint) from None
        found = docker.inspect("image", image)
    return str(found["Id"])
