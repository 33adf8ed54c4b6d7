"""The containers of a job: the first is the job's own, the others stand beside it."""

from __future__ import annotations

import re

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.container import OF_IMAGE
from seatrial.pipeline.dialects.circleci.expressions import Reader
from seatrial.pipeline.dialects.circleci.nodes import shown, slug, text, texts
from seatrial.pipeline.dialects.circleci.steps import variables
from seatrial.pipeline.finding import error, note
from seatrial.pipeline.pipeline import Service, Variables
from seatrial.pipeline.yaml_document import Node, entries, items


class Images(NamedTuple):
    """`image` is "" for a job that is a process of this machine; `env` are the variables of the image, `user`
    is who its commands run as."""

    image: str = ""
    services: tuple[Service, ...] = ()
    env: Variables = ()
    user: str = ""


def read_images(node: Node | None, reader: Reader) -> Images:
    found = [one for item in items(node) if (one := _image(item, reader))]
    if not found:
        return Images()
    first = found[0]
    named: dict[str, Service] = {}
    for one in found[1:]:
        unique = one.name if one.name not in named else f"{one.name}-{len(named)}"
        named[unique] = one._replace(name=unique)
    return Images(first.image, tuple(named.values()), first.env, first.user or OF_IMAGE)


def _image(item: Node, reader: Reader) -> Service | None:
    parts = entries(item)
    image = shown(text(parts.get("image")))
    if not image:
        reader.findings.append(error(item.place, "an image is `image: NAME`"))
        return None
    for key in ("auth", "aws_auth"):
        if key in parts:
            reader.findings.append(note(parts[key].place, f"`{key}`: the engine's own login is used"))
    name = shown(text(parts.get("name"))) or re.split(r"[@:]", image.rsplit("/", 1)[-1])[0]
    return Service(
        slug(name).lower(),
        image,
        tuple((one, shown(value)) for one, value in variables(parts.get("environment"), reader)),
        is_local=True,
        entrypoint=texts(parts.get("entrypoint")),
        command=texts(parts.get("command")),
        user=shown(text(parts.get("user"))),
    )
