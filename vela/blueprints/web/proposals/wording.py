"""Proposals in words: what each would do, line by line."""

from dataclasses import dataclass
from decimal import Decimal

from vela.domain.catalog.revisions import Change
from vela.domain.proposals.commands import plan_of
from vela.domain.proposals.models import Proposal, State
from vela.domain.proposals.obstacles import in_the_way
from vela.domain.proposals.plan import LineChange, Plan
from vela.language import gettext as _
from vela.language import pgettext
from vela.periods import Month
from vela.wording import differing

DECIMALS = {"quantity", "unit_cost", "unit_sell", "list_cost", "list_sell", "target_margin_pct"}


@dataclass(frozen=True, slots=True)
class Line:
    """One field that differs: what, from what, to what; a side that has nothing is None."""

    subject: str
    label: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A proposal beside its plan, told."""

    proposal: Proposal
    plan: Plan
    title: str
    state: str
    tone: str
    why: str
    month: Month
    lines: list[Line]


def shown(proposal: Proposal) -> Shown:
    """A proposal for people."""
    plan = plan_of(proposal)
    state, tone = _state(proposal.standing)
    lines = [_line(line) for line in plan.lines if line.field != "position"]
    return Shown(proposal, plan, title(plan), state, tone, in_the_way(proposal), Month.parse(plan.month), lines)


def title(plan: Plan) -> str:
    """What is proposed, in one sentence without a full stop."""
    offer = plan.service
    return {
        "add_component": _("Add a component to %(offer)s", offer=offer),
        "update_component": _("Change a component of %(offer)s", offer=offer),
        "delete_component": _("Remove a component from %(offer)s", offer=offer),
        "undo_change": _("Undo a change of %(offer)s", offer=offer),
        "add_transaction": _("Record a sale of %(offer)s", offer=offer),
        "void_transaction": _("Void a sale of %(offer)s", offer=offer),
    }[plan.change]


def _state(state: State) -> tuple[str, str]:
    return {
        State.WAITING: (pgettext("a proposal", "Waiting"), "look"),
        State.APPROVED: (pgettext("a proposal", "Approved"), "ok"),
        State.DECLINED: (pgettext("a proposal", "Declined"), "bad"),
        State.EXPIRED: (pgettext("a proposal", "Expired"), ""),
        State.WITHDRAWN: (pgettext("a proposal", "Withdrawn"), ""),
    }[state]


def _line(line: LineChange) -> Line:
    before, after = _value(line.field, line.before), _value(line.field, line.after)
    told = differing.told_of(Change(line.component_id, line.subject, line.field, before, after))
    return Line(told.subject, told.label, told.before if line.before else None, told.after if line.after else None)


def _value(field: str, text: str | None) -> object:
    if text is None:
        return None
    if field == "active":
        return text == "True"
    return Decimal(text) if field in DECIMALS else text
