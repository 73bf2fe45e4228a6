"""Short ways for the tests of the domain to act in a transaction of their own and to hear a refusal."""

from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from sqlalchemy.orm import Session

from tests import make
from vela.db import Database
from vela.domain.catalog import queries
from vela.domain.catalog.commands import change_service, revise_component
from vela.domain.catalog.intake import ComponentChanges, ServiceChanges
from vela.domain.catalog.models import Component, Service
from vela.domain.people.access import Actor, Face, Role
from vela.errors import Refusal
from vela.intake import read
from vela.tables import metadata

Said = TypeVar("Said")
Refused = TypeVar("Refused", bound=Refusal)


def person(name: str, role: Role = Role.ADMIN, user_id: int | None = None) -> Actor:
    return Actor(user_id, name.lower(), name, role, may_record_sales=True, face=Face.BROWSER)


SALMA, YOUSSEF = person("Salma"), person("Youssef")


def act(database: Database, verb: Callable[..., Said], *arguments: Any, **named: Any) -> Said:
    """Do one verb in a transaction of its own."""
    with database.transaction() as session:
        return verb(session, *arguments, **named)


def refused(
    kind: type[Refused], database: Database, verb: Callable[..., object], *arguments: Any, **named: Any
) -> Refused:
    """The refusal of one verb, after proving that it left nothing behind."""
    before = everything(database)
    with pytest.raises(kind) as refusal:
        act(database, verb, *arguments, **named)
    assert everything(database) == before
    return refusal.value


def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables."""
    with database.engine.connect() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(table.select()).all()), key=repr)
            for table in metadata.sorted_tables
        }


def new_offer(database: Database, name: str = "Atlas", *lines: tuple[str, object, object], **words: Any) -> int:
    with database.transaction() as session:
        return make.offer(session, name, *lines, **words).id


def part(session: Session, service_id: int, name: str) -> Component:
    return next(each for each in queries.service(session, service_id).components if each.name == name)


def part_id(database: Database, service_id: int, name: str) -> int:
    with database.reading() as session:
        return part(session, service_id, name).id


def reprice(
    database: Database, component_id: int, *, version: int | None = None, actor: Actor = SALMA, **words: Any
) -> Component:
    return act(database, revise_component, actor, component_id, read(ComponentChanges, words), version=version)


def change(
    database: Database, service_id: int, *, version: int | None = None, actor: Actor = SALMA, **words: Any
) -> Service:
    return act(database, change_service, actor, service_id, read(ServiceChanges, words), version=version)


def shown(database: Database, service_id: int) -> list[tuple[Any, ...]]:
    """The lines of an offer as a person sees them."""
    with database.reading() as session:
        return [
            (line.position, line.name, line.group, line.kind, line.quantity, line.unit_cost, line.unit_sell, line.notes)
            for line in queries.service(session, service_id).components
        ]
