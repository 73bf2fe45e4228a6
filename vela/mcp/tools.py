"""The tools: what each reads, does and answers, and what hosts are told about its effects."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mcp_types import Tool as ToolEntry
from mcp_types import ToolAnnotations
from sqlalchemy.orm import Session

from vela.domain.catalog import queries
from vela.domain.insight.dashboard import dashboard
from vela.domain.insight.intake import Supposed
from vela.domain.insight.what_if import suppose
from vela.domain.ledger.queries import profit_of
from vela.domain.people.access import Act, Actor
from vela.domain.proposals.kinds import KINDS, Kind
from vela.domain.workspace.settings import current_month, workspace
from vela.intake import Words
from vela.mcp import reading
from vela.mcp.arguments import (
    AddComponent,
    AddTransaction,
    Changing,
    DeleteComponent,
    Nothing,
    OneService,
    UndoChange,
    UpdateComponent,
    VoidTransaction,
    WhichMonth,
    WhichServices,
)
from vela.mcp.changing import (
    ChangedComponentShape,
    RecordedShape,
    Tell,
    UndoneShape,
    change,
    tell_component,
    tell_sale,
    tell_undone,
    without_new_ids,
)
from vela.mcp.histories import ChangesShape, RevisionsShape
from vela.mcp.months import ExpensesShape, MonthsShape, SalesShape
from vela.mcp.questions import (
    AimedMargin,
    TwoRevisions,
    WhichChanges,
    WhichExpenses,
    WhichMonths,
    WhichProposals,
    WhichRevisions,
    WhichSales,
)
from vela.mcp.schemas import input_schema, output_schema
from vela.mcp.shapes import ProposalsShape, ServicesShape
from vela.mcp.wording import argument_words, tool_words
from vela.shapes.base import Shape
from vela.shapes.offers import ServiceShape
from vela.shapes.profit import DashboardShape, ProfitShape
from vela.shapes.revisions import ComparisonShape
from vela.shapes.suppositions import AimShape, ScenarioShape


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


def currency_of(session: Session) -> str:
    return workspace(session).currency


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool. `act` is what its user must be permitted, or may propose; None for reading, which every user may; but
    what `sees` names, only those may read who may do it."""

    run: Callable[[Session, Actor, Any], Shape]
    reads: type[Words]
    answers: type[Shape]
    act: Act | None = None
    sees: Act | None = None
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

    def is_for(self, actor: Actor) -> bool:
        """Whether `actor` can use it, with what they came with."""
        can = self.act is None or actor.may(self.act) or actor.may_propose(self.act)
        return can and (self.sees is None or actor.may_as_person(self.sees))

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


def changing(
    kind: Kind,
    reads: type[Changing],
    answers: type[Shape],
    tell: Tell,
    *,
    destructive: bool = False,
    idempotent: bool = False,
) -> Tool:
    """A tool that does, rehearses or proposes one kind of change."""

    def run(session: Session, actor: Actor, words: Changing) -> Shape:
        currency = currency_of(session)
        told = change(session, actor, kind, words, lambda thing: tell(thing, currency))
        return answers.model_validate(without_new_ids(kind, told))

    run.__name__ = kind.name
    return Tool(run, reads, answers, kind.act, destructive=destructive, idempotent=idempotent)


_TOOLS = (
    Tool(get_pnl, WhichMonth, ProfitShape),
    Tool(get_services, WhichServices, ServicesShape),
    Tool(get_service, OneService, ServiceShape),
    Tool(get_dashboard, Nothing, DashboardShape),
    Tool(what_if, Supposed, ScenarioShape),
    Tool(reading.price_for_margin, AimedMargin, AimShape),
    Tool(reading.get_pnl_range, WhichMonths, MonthsShape),
    Tool(reading.get_transactions, WhichSales, SalesShape),
    Tool(reading.get_expenses, WhichExpenses, ExpensesShape),
    Tool(reading.get_revisions, WhichRevisions, RevisionsShape),
    Tool(reading.compare_revisions, TwoRevisions, ComparisonShape),
    Tool(reading.get_proposals, WhichProposals, ProposalsShape),
    Tool(reading.get_changes, WhichChanges, ChangesShape, sees=Act.CHANGE_SETTINGS),
    changing(KINDS["add_component"], AddComponent, ChangedComponentShape, tell_component),
    changing(
        KINDS["update_component"],
        UpdateComponent,
        ChangedComponentShape,
        tell_component,
        destructive=True,
        idempotent=True,
    ),
    changing(
        KINDS["delete_component"],
        DeleteComponent,
        ChangedComponentShape,
        tell_component,
        destructive=True,
    ),
    changing(KINDS["undo_change"], UndoChange, UndoneShape, tell_undone, destructive=True),
    changing(KINDS["add_transaction"], AddTransaction, RecordedShape, tell_sale),
    changing(KINDS["void_transaction"], VoidTransaction, RecordedShape, tell_sale, destructive=True),
)
TOOLS: Mapping[str, Tool] = {tool.name: tool for tool in _TOOLS}


def permitted(actor: Actor) -> list[Tool]:
    """The tools that `actor` can use, always in the same order."""
    return [tool for tool in TOOLS.values() if tool.is_for(actor)]
