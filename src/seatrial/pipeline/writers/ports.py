"""The ports at which services answer, where only their image says it. Pure."""

from __future__ import annotations

from seatrial.pipeline.pipeline import Service

_PORTS = {
    "cassandra": (9042,), "couchdb": (5984,), "mariadb": (3306,), "memcached": (11211,), "mongo": (27017,),
    "mysql": (3306,), "neo4j": (7474, 7687), "postgres": (5432,), "rabbitmq": (5672,), "redis": (6379,),
    "rethinkdb": (28015,),
}  # fmt: skip


def with_ports(service: Service) -> Service:
    name = service.image.rpartition("/")[2].partition(":")[0]
    return service if service.ports else service._replace(ports=_PORTS.get(name, ()))
