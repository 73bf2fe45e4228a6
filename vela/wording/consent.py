"""What a person is asked before something is taken away for them: what it is, and what becomes of the figures."""

import json
from collections.abc import Sequence

from vela import figures
from vela.domain.catalog.models import Component, Revision
from vela.domain.catalog.pricing import Totals
from vela.domain.catalog.revisions import Change
from vela.domain.ledger.models import Transaction
from vela.language import gettext as _
from vela.wording import differing, naming

FEW = 5
TYPED = ("name", "description", "group", "notes")


def about_removal(component: Component, left: Totals, currency: str) -> str:
    """Whether to take a component out of its offer, of which `left` is one unit without it."""
    return _(
        "Remove the component %(component)s from the offer %(offer)s? One unit of the offer then %(then)s; now it "
        "%(now)s.",
        component=quoted(component.name),
        offer=quoted(component.service.name),
        then=_priced(left, currency),
        now=_priced(component.service.totals, currency),
    )


def about_undoing(undone: Revision, offer: str, changes: Sequence[Change]) -> str:
    """Whether to take back `changes`, which are those of the revision `undone` of the offer called `offer`."""
    moved = [change for change in changes if change.field != "position"]
    told = [_change(change) for change in moved[:FEW]]
    if changes and not moved:
        told = [f"{quoted(offer)} {_('has its components in another order')}"]
    more = [_("and %(count)d more", count=len(moved) - FEW)] if len(moved) > FEW else []
    return _(
        "Undo revision %(number)d of the offer %(offer)s, made by %(author)s? It takes back: %(changes)s.",
        number=undone.number,
        offer=quoted(offer),
        author=quoted(naming.person(undone.author)),
        changes=" · ".join([*told, *more]),
    )


def about_voiding(sale: Transaction, currency: str) -> str:
    """Whether to take a sale out of the figures of its month."""
    return _(
        "Void sale %(id)d, %(quantity)s × %(offer)s in %(month)s? Revenue of that month falls by %(revenue)s and its "
        "profit by %(margin)s.",
        id=sale.id,
        quantity=figures.quantity(sale.quantity),
        offer=quoted(sale.service.name),
        month=figures.month_long(sale.month),
        revenue=figures.with_currency(sale.revenue, currency),
        margin=figures.with_currency(sale.totals.margin, currency),
    )


def quoted(text: str) -> str:
    """What somebody typed, between quotation marks that it cannot close, with nothing in it that cannot be seen."""
    return json.dumps("".join(sign if sign.isprintable() else "\ufffd" for sign in text), ensure_ascii=False)


def _change(change: Change) -> str:
    told = differing.told_of(change)
    said = f"{quoted(told.subject)} {told.label}"
    if not told.after:
        return said
    return f"{said} {_value(change.field, change.before)} → {_value(change.field, change.after)}"


def _value(field: str, value: object) -> str:
    return quoted(value) if field in TYPED and isinstance(value, str) and value else differing.shown(field, value)


def _priced(priced: Totals, currency: str) -> str:
    return _(
        "costs %(cost)s and sells for %(sell)s, margin %(margin)s",
        cost=figures.with_currency(priced.cost, currency),
        sell=figures.with_currency(priced.sell, currency),
        margin=figures.with_currency(priced.margin, currency),
    )
