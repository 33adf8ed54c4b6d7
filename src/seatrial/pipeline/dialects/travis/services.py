"""What runs beside a job: on Travis by the machine, here in containers where the job itself is in one."""

from __future__ import annotations

from collections.abc import Mapping

from seatrial.pipeline.dialects.travis.jobs import Job
from seatrial.pipeline.dialects.travis.texts import Findings, text
from seatrial.pipeline.finding import note
from seatrial.pipeline.pipeline import Service, Variables
from seatrial.pipeline.yaml_document import entries, items

_NONE = ("", "false")  # an entry that wants none of the file's
_NAMES = {
    "memcache": "memcached", "mongo": "mongodb", "postgres": "postgresql", "rabbitmq-server": "rabbitmq",
    "redis-server": "redis",
}  # fmt: skip
# The image of each, without a version.
_IMAGES = {
    "cassandra": "cassandra", "couchdb": "couchdb", "mariadb": "mariadb", "memcached": "memcached",
    "mongodb": "mongo", "mysql": "mysql", "neo4j": "neo4j", "postgresql": "postgres", "rabbitmq": "rabbitmq",
    "redis": "redis", "rethinkdb": "rethinkdb",
}  # fmt: skip
# As on Travis, the first user of a database needs no password.
_OPEN: Mapping[str, Variables] = {
    "mariadb": (("MARIADB_ALLOW_EMPTY_ROOT_PASSWORD", "yes"),),
    "mysql": (("MYSQL_ALLOW_EMPTY_PASSWORD", "yes"),),
    "neo4j": (("NEO4J_AUTH", "none"),),
    "postgresql": (("POSTGRES_HOST_AUTH_METHOD", "trust"),),
}


def services_of(job: Job, findings: Findings) -> tuple[Service, ...]:
    """The services of a job, with the versions that `addons` ask for."""
    versions = {_name(key): text(value) for key, value in entries(job.values.get("addons")).items()}
    wanted = dict.fromkeys(name for name in versions if name in _IMAGES)
    for item in items(job.values.get("services")):
        name = _name(text(item))
        if name.lower() in _NONE:
            continue
        wanted[name] = None
        if name not in _IMAGES:
            findings.append(note(item.place, f"`{name}` is what is there of it: nothing here starts it"))
    return tuple(_service(name, versions.get(name, "")) for name in wanted if name in _IMAGES)


def _service(name: str, version: str) -> Service:
    image = f"{_IMAGES[name]}:{version}" if version else _IMAGES[name]
    return Service(name, image, _OPEN.get(name, ()), is_local=True)


def _name(text_: str) -> str:
    return _NAMES.get(text_, text_)
