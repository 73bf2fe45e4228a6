"""What keeps figures as they were, and how numbers are written, explained."""

from decimal import Decimal

from vela import money
from vela.blueprints.web.explaining.example import SOLD, Offer, half_of, month_of, times
from vela.blueprints.web.explaining.of_offers import DEARER
from vela.blueprints.web.explaining.topics import Section, Topic
from vela.blueprints.web.figures import amount, number, percent, price
from vela.domain.catalog import pricing
from vela.language import gettext as _

ODD_PRICE = Decimal("0.33")


def what_stays() -> Section:
    """Revisions, voids and closed months."""
    atlas = Offer("Atlas")
    return Section("past", _("What happens to the past"), (_revisions(atlas), _voiding(atlas), _closing()))


def how_written() -> Section:
    """Rounding and dashes."""
    return Section("numbers", _("How numbers are written"), (_rounding(), _dash()))


def _revisions(atlas: Offer) -> Topic:
    scenario = atlas.dearer(DEARER)
    return Topic(
        "revisions",
        _("Revisions"),
        _(
            "Every change of an offer makes a new revision of it: all its components, who changed them and when. A "
            "sale belongs to the revision it was sold under and keeps its prices. Taking a change back makes another "
            "revision; nothing is overwritten."
        ),
        examples=(
            _(
                "%(count)s were sold of Atlas while it cost %(was)s. It costs %(now)s now: those sold still cost "
                "%(sum)s, the next one costs %(now)s.",
                count=number(SOLD),
                was=amount(scenario.now.cost),
                now=amount(scenario.then.cost),
                sum=amount(times(SOLD, scenario.now).cost),
            ),
        ),
    )


def _voiding(atlas: Offer) -> Topic:
    sales = [atlas.totals] * SOLD
    return Topic(
        "voiding",
        _("Voiding"),
        _(
            "A sale that was recorded by mistake is voided. It leaves every figure at once and stays in the books, "
            "marked with who voided it and when; it can be counted again."
        ),
        examples=(
            _(
                "Of three sales of Atlas one is voided: the revenue of the month goes from %(before)s to %(after)s.",
                before=amount(month_of(*sales).total_revenue),
                after=amount(month_of(*sales[1:]).total_revenue),
            ),
        ),
    )


def _closing() -> Topic:
    return Topic(
        "closing",
        _("Closing a month"),
        _(
            "An admin closes a month that was handed in. Its figures are written down, and nothing that would change "
            "them is taken any more: no sale, no void, no expense of that month. An admin can reopen it, with a reason "
            "that is kept."
        ),
    )


def _rounding() -> Topic:
    line = half_of(Offer("Atlas").line(DEARER), ODD_PRICE)
    exact, rif = line.quantity * line.unit_cost, Offer("Rif").totals
    return Topic(
        "rounding",
        _("Rounding"),
        _(
            "Each line of an offer is rounded to two decimals, and totals add up the rounded lines, so that what you "
            "see adds up. Halves go away from zero. A percentage is rounded once, to two decimals, from exact amounts; "
            "pages show one of them, the API and agents get both. The statement shows whole units and is added up "
            "from the exact amounts."
        ),
        examples=(
            _(
                "%(quantity)s of something at %(unit)s is %(exact)s exactly, and counts as %(rounded)s.",
                quantity=price(line.quantity),
                unit=price(line.unit_cost),
                exact=number(exact, money.places_of(exact)),
                rounded=amount(pricing.line_totals(line).cost),
            ),
            _(
                "Rif keeps %(margin)s of %(sell)s. That is kept as %(kept)s and shown as %(shown)s.",
                margin=amount(rif.margin),
                sell=amount(rif.sell),
                kept=percent(rif.margin_pct, money.PERCENT_PLACES),
                shown=percent(rif.margin_pct),
            ),
        ),
    )


def _dash() -> Topic:
    empty = month_of()
    return Topic(
        "dash",
        _("What a dash means"),
        _(
            "A dash stands where there is no figure: a margin without revenue, a list price nobody set, an offer that "
            "was not sold in that month. A zero is a figure: somebody counted, and it is nothing."
        ),
        examples=(
            _(
                "A month without sales has a revenue of %(revenue)s, a net profit of %(net)s and a net margin of "
                "%(margin)s (a dash).",
                revenue=amount(empty.total_revenue),
                net=amount(empty.net_profit),
                margin=percent(empty.net_margin_pct),
            ),
        ),
    )
