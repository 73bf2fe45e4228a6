"""The tools: what each reads, does and answers, and what hosts are told about its effects."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mcp_types import Tool as ToolEntry
from mcp_types import ToolAnnotations
from sqlalchemy.orm import Session

from vela.domain.catalog import commands as catalog
from vela.domain.catalog import queries
from vela.domain.catalog.intake import ComponentChanges, NewComponent
from vela.domain.insight.dashboard import dashboard
from vela.domain.insight.what_if import suppose
from vela.domain.ledger.commands import record_sale
from vela.domain.ledger.queries import profit_of
from vela.domain.people.access import Act, Actor
from vela.domain.workspace.settings import current_month, workspace
from vela.intake import Words
from vela.mcp.arguments import (
    AddedComponent,
    AddedTransaction,
    DeletedComponent,
    Nothing,
    OneService,
    Supposed,
    UpdatedComponent,
    WhichMonth,
    WhichServices,
    part_of,
)
from vela.mcp.schemas import input_schema, output_schema
from vela.mcp.shapes import ChangedComponentShape, ScenarioShape, ServicesShape
from vela.mcp.wording import argument_words, tool_words
from vela.shapes import DashboardShape, ProfitShape, ServiceShape, Shape, TransactionShape


def get_pnl(session: Session, _actor: Actor, words: WhichMonth) -> ProfitShape:
    month = words.month or current_month(session)
    return ProfitShape.of(profit_of(session, month), currency_of(session))


def get_services(session: Session, _actor: Actor, words: WhichServices) -> ServicesShape:
    found = queries.services(session, include_inactive=words.include_inactive)
    return ServicesShape.of(found, currency_of(session))


def get_service(session: Session, _actor: Actor, words: OneService) -> ServiceShape:
    return ServiceShape.of(queries.service(session, words.service_id), currency_of(session))


def get_dashboard(session: Session, _actor: Actor, _words: Nothing) -> DashboardShape:
    return DashboardShape.of(dashboard(session, current_month(session)), currency_of(session))


def what_if(session: Session, _actor: Actor, words: Supposed) -> ScenarioShape:
    offers = suppose(session, cost_change=words.cost_change_pct, sell_change=words.sell_change_pct, only=words.only)
    return ScenarioShape.of(words, offers, currency_of(session))


def add_component(session: Session, actor: Actor, words: AddedComponent) -> ChangedComponentShape:
    component = catalog.add_component(session, actor, words.service_id, part_of(NewComponent, words))
    return ChangedComponentShape.of(component, currency_of(session))


def update_component(session: Session, actor: Actor, words: UpdatedComponent) -> ChangedComponentShape:
    changes = part_of(ComponentChanges, words)
    component = catalog.revise_component(session, actor, words.component_id, changes, version=words.version)
    return ChangedComponentShape.of(component, currency_of(session))


def delete_component(session: Session, actor: Actor, words: DeletedComponent) -> ChangedComponentShape:
    component = catalog.remove_component(session, actor, words.component_id, version=words.version)
    return ChangedComponentShape.of(component, currency_of(session))


def add_transaction(session: Session, actor: Actor, words: AddedTransaction) -> TransactionShape:
    return TransactionShape.of(record_sale(session, actor, words), currency_of(session))


def currency_of(session: Session) -> str:
    return workspace(session).currency


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool. `act` is what its user must be permitted, None for reading, which every user may."""

    run: Callable[[Session, Actor, Any], Shape]
    reads: type[Words]
    answers: type[Shape]
    act: Act | None = None
    destructive: bool = False
    idempotent: bool = True

    @property
    def name(self) -> str:
        return self.run.__name__

    @property
    def hints(self) -> ToolAnnotations:
        """All four said outright: left out, hosts assume the worst."""
        return ToolAnnotations(
            read_only_hint=self.act is None,
            destructive_hint=self.destructive,
            idempotent_hint=self.idempotent,
            open_world_hint=False,
        )

    def entry(self, currency: str) -> ToolEntry:
        """How the tool is listed."""
        title, description = tool_words(currency)[self.name]
        return ToolEntry(
            name=self.name,
            title=title,
            description=description,
            input_schema=input_schema(self.reads, argument_words(currency)),
            output_schema=output_schema(self.answers),
            annotations=self.hints,
        )


_TOOLS = (
    Tool(get_pnl, WhichMonth, ProfitShape),
    Tool(get_services, WhichServices, ServicesShape),
    Tool(get_service, OneService, ServiceShape),
    Tool(get_dashboard, Nothing, DashboardShape),
    Tool(what_if, Supposed, ScenarioShape),
    Tool(add_component, AddedComponent, ChangedComponentShape, Act.CHANGE_OFFERS, idempotent=False),
    Tool(update_component, UpdatedComponent, ChangedComponentShape, Act.CHANGE_OFFERS, destructive=True),
    Tool(
        delete_component,
        DeletedComponent,
        ChangedComponentShape,
        Act.CHANGE_OFFERS,
        destructive=True,
        idempotent=False,
    ),
    Tool(add_transaction, AddedTransaction, TransactionShape, Act.RECORD_SALES, idempotent=False),
)
TOOLS: Mapping[str, Tool] = {tool.name: tool for tool in _TOOLS}


def permitted(actor: Actor) -> list[Tool]:
    """The tools that `actor` can use, always in the same order."""
    return [tool for tool in TOOLS.values() if tool.act is None or actor.may(tool.act)]
