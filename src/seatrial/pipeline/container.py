"""What is asked of the containers that steps run in, beside their image (pure)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from seatrial.named_tuple import NamedTuple


class Registry(NamedTuple):
    """Where images come from. `credential` is the id of a user and a password; "" asks for none."""

    url: str = ""
    credential: str = ""


class Build(NamedTuple):
    """An image that is built in the workspace. `words` are those of `docker build` as a shell reads them."""

    file: str = "Dockerfile"  # below the folder
    folder: str = "."
    words: str = ""


OF_IMAGE = "*"  # the user that an image itself has its commands run as, or the entry point that it has


class Container(NamedTuple):
    """`options` are words of `docker run`, with what $NAME stands for still in them.

    `shared` is the name of the container that several stages have, until the run ends; "" is one for a
    stage alone. `decide` gives the image, and the container, from the variables that commands have, where
    only the run knows them. Raises StageFailed. `user` is who commands run as, with the HOME that the image
    has for that user; "" is who runs seatrial.
    """

    options: tuple[str, ...] = ()
    # What starts first in it, and has to start the words that it is given; that of the image is left out
    # where it does not.
    entrypoint: str = ""
    build: Build | None = None
    registry: Registry = Registry()
    always_pull: bool = False
    shared: str = ""
    decide: Callable[[Mapping[str, str]], tuple[str, Container]] | None = None
    user: str = ""


PLAIN = Container()


def reaches_out(container: Container) -> bool:
    """Whether it may touch more of the machine than its workspace, or send a password: a person has to trust
    the file then."""
    asks = container.options or container.decide or container.registry.credential
    return bool(asks or (container.build and container.build.words))


def host_of(url: str) -> str:
    """The part of a registry's address that stands before the names of its images."""
    return url.partition("://")[2].partition("/")[0] or url.partition("/")[0]


def qualified(image: str, url: str) -> str:
    """The name of an image of a registry; one that names it already stays."""
    host = host_of(url)
    return image if not host or image.startswith(f"{host}/") else f"{host}/{image}"
