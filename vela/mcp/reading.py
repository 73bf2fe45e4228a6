"""The tools that answer why: sales, revisions, the trail, proposals, several months; and a wanted margin."""

from sqlalchemy.orm import Session

from vela.domain.audit import reading as trail
from vela.domain.catalog import queries as catalog
from vela.domain.catalog.comparing import compare
from vela.domain.insight.aiming import aim
from vela.domain.ledger import closing
from vela.domain.ledger import queries as ledger
from vela.domain.people.access import Act, Actor, require_sight
from vela.domain.proposals import queries as proposals
from vela.domain.workspace.settings import workspace
from vela.errors import invalid
from vela.language import gettext as _
from vela.mcp.histories import ChangesShape, RevisionsShape
from vela.mcp.months import ExpensesShape, MonthsShape, SalesShape
from vela.mcp.questions import (
    MOST_MONTHS,
    AimedMargin,
    TwoRevisions,
    WhichChanges,
    WhichExpenses,
    WhichMonths,
    WhichProposals,
    WhichRevisions,
    WhichSales,
)
from vela.mcp.shapes import ProposalsShape
from vela.periods import Span
from vela.shapes.revisions import ComparisonShape
from vela.shapes.suppositions import AimShape


def get_pnl_range(session: Session, _actor: Actor, words: WhichMonths) -> MonthsShape:
    span = Span(words.first, words.last)
    if span.count < 1:
        raise invalid("last", "order", _("This comes before first. Swap them."))
    if span.count > MOST_MONTHS:
        raise invalid("last", "too_many", _("That is more than %(most)d months. Ask for fewer.", most=MOST_MONTHS))
    closed = {each.month for each in closing.closed_months(session)}
    return MonthsShape.of(ledger.profits_of(session, span.months), closed, workspace(session).currency)


def get_transactions(session: Session, _actor: Actor, words: WhichSales) -> SalesShape:
    if words.service_id is not None:
        catalog.service(session, words.service_id)
    month, service_id = words.month, words.service_id
    found = ledger.transactions(
        session,
        month=month,
        service_id=service_id,
        include_voided=words.include_voided,
        before=words.before,
        most=words.limit + 1,
    )
    together = ledger.sold_in_all(session, month=month, service_id=service_id)
    voided = ledger.voided_in_all(session, month=month, service_id=service_id)
    return SalesShape.of(found, words.limit, together, voided, workspace(session).currency)


def get_expenses(session: Session, _actor: Actor, words: WhichExpenses) -> ExpensesShape:
    listed = ledger.expenses(session)
    if words.month is None:
        return ExpensesShape.of(listed, workspace(session).currency)
    counted = [each for each in listed if each.covers(words.month)]
    total = ledger.opex_of(listed, words.month)
    return ExpensesShape.of(counted, workspace(session).currency, month=words.month, total=total)


def get_revisions(session: Session, _actor: Actor, words: WhichRevisions) -> RevisionsShape:
    service = catalog.service(session, words.service_id)
    found = catalog.revisions(session, service.id, most=words.limit + 1, before=words.before)
    undone = catalog.numbers_of(session, {each.undoes_id for each in found if each.undoes_id})
    total = catalog.how_many_revisions(session, service.id)
    return RevisionsShape.of(service, found, words.limit, undone, total, workspace(session).currency)


def compare_revisions(session: Session, _actor: Actor, words: TwoRevisions) -> ComparisonShape:
    service = catalog.service(session, words.service_id)
    first = catalog.revision(session, service.id, words.from_revision)
    second = catalog.revision(session, service.id, words.to_revision or service.version)
    return ComparisonShape.of(service, compare(first, second), workspace(session).currency)


def get_changes(session: Session, actor: Actor, words: WhichChanges) -> ChangesShape:
    require_sight(actor, Act.CHANGE_SETTINGS)
    narrowed = {"subject": words.subject, "username": words.username}
    found = trail.entries(session, before=words.before, most=words.limit + 1, **narrowed)
    return ChangesShape.of(found, words.limit, trail.count(session, **narrowed))


def get_proposals(session: Session, actor: Actor, words: WhichProposals) -> ProposalsShape:
    if words.decided:
        _refuse_turned("after", words.after, _("Those that were decided about come newest first. Go on with before."))
        found = proposals.decided(session, actor, before=words.before, most=words.limit + 1)
        return ProposalsShape.of(found, words.limit, proposals.count_decided(session, actor), decided=True)
    _refuse_turned("before", words.before, _("Those that wait come oldest first. Go on with after."))
    found = proposals.waiting(session, actor, after=words.after, most=words.limit + 1)
    return ProposalsShape.of(found, words.limit, proposals.count_waiting(session, actor), decided=False)


def _refuse_turned(field: str, given: int | None, words: str) -> None:
    """Raises Invalid for an id at which a list would go on that runs the other way."""
    if given is not None:
        raise invalid(field, "order", words)


def price_for_margin(session: Session, _actor: Actor, words: AimedMargin) -> AimShape:
    return AimShape.of(aim(session, words.service_id, words.margin_pct), workspace(session).currency)
