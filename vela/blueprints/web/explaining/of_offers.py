"""The figures of an offer, explained."""

from vela.blueprints.web.explaining.example import RISE, Offer
from vela.blueprints.web.explaining.topics import Section, Topic, listed
from vela.blueprints.web.figures import amount, percent, price, signed
from vela.domain.catalog import pricing
from vela.language import gettext as _

DEARER = "RAM (16GB)"
ABOVE = 5


def section() -> Section:
    """Everything that stands on the page of an offer."""
    atlas, plus = Offer("Atlas"), Offer("Atlas+")
    topics = (*_sums(atlas), *_margins(atlas), _list_price(atlas, plus), _target(atlas), _what_if(atlas))
    return Section("offers", _("Figures of an offer"), topics)


def _sums(atlas: Offer) -> tuple[Topic, ...]:
    lines, totals = [pricing.line_totals(line) for line in atlas.lines], atlas.totals
    return (
        Topic(
            "cost",
            _("Cost"),
            _("What one unit of an offer costs you: the sum of what its components cost."),
            _("Cost = sum of (quantity × unit cost)"),
            _("Cost is the sum, over all components, of quantity times unit cost."),
            (
                _(
                    "The components of Atlas cost %(parts)s. Together that is %(sum)s.",
                    parts=listed(line.cost for line in lines),
                    sum=amount(totals.cost),
                ),
            ),
        ),
        Topic(
            "sell",
            _("Sell"),
            _("What one unit sells for: the sum of what its components sell for. Nobody types it in."),
            _("Sell = sum of (quantity × unit sell)"),
            _("Sell is the sum, over all components, of quantity times unit sell."),
            (
                _(
                    "The components of Atlas sell for %(parts)s. Together that is %(sum)s.",
                    parts=listed(line.sell for line in lines),
                    sum=amount(totals.sell),
                ),
            ),
        ),
    )


def _margins(atlas: Offer) -> tuple[Topic, ...]:
    totals = atlas.totals
    return (
        Topic(
            "margin",
            _("Margin"),
            _("What is left of the price of one unit when its components are paid. Below zero it is a loss."),
            _("Margin = sell − cost"),
            _("Margin is sell minus cost."),
            (
                _(
                    "Atlas sells for %(sell)s and costs %(cost)s, so its margin is %(margin)s.",
                    sell=amount(totals.sell),
                    cost=amount(totals.cost),
                    margin=amount(totals.margin),
                ),
            ),
        ),
        Topic(
            "margin-percent",
            _("Margin %"),
            _("The margin as a share of the price. It is not a mark-up: it is measured on the price, not on the cost."),
            _("Margin % = 100 × margin ÷ sell"),
            _("Margin percent is 100 times margin, divided by sell."),
            (
                _(
                    "Of each %(sell)s that an Atlas brings, %(margin)s stays: %(percent)s.",
                    sell=amount(totals.sell),
                    margin=amount(totals.margin),
                    percent=percent(totals.margin_pct),
                ),
            ),
        ),
    )


def _list_price(atlas: Offer, plus: Offer) -> Topic:
    return Topic(
        "list-price",
        _("List price and difference"),
        _(
            "The list price is what you publish. You type it in, and it prices nothing: the components are the truth. "
            "The difference tells what selling at the list price gives away, or brings on top, a unit."
        ),
        _("Difference = list price − sell"),
        _("The difference is the list price minus sell."),
        tuple(
            _(
                "%(name)s is listed at %(listed)s and adds up to %(sell)s: the difference is %(gap)s.",
                name=offer.name,
                listed=amount(offer.list_sell),
                sell=amount(offer.totals.sell),
                gap=signed(offer.gap),
            )
            for offer in (atlas, plus)
        ),
    )


def _target(atlas: Offer) -> Topic:
    reached = atlas.totals.margin_pct
    return Topic(
        "target-margin",
        _("Target margin"),
        _("The margin % you aim for with an offer, if you set one. An offer below its target needs a look."),
        _("Needs a look when margin % < target margin"),
        _("An offer needs a look when its margin percent is less than its target margin."),
        (
            _(
                "Atlas earns %(percent)s. With a target of %(target)s it would need a look.",
                percent=percent(reached),
                target=percent(None if reached is None else reached + ABOVE),
            ),
        ),
    )


def _what_if(atlas: Offer) -> Topic:
    line, scenario = atlas.line(DEARER), atlas.dearer(DEARER)
    return Topic(
        "what-if",
        _("What if"),
        _(
            "What an offer would earn if costs or prices moved by some percent. Nothing is saved. Beside it stands the "
            "price at which the margin % would stay as it is."
        ),
        _("Supposed unit price = unit price × (100 + change) ÷ 100"),
        _("A supposed unit price is the unit price times 100 plus the change, divided by 100."),
        (
            _(
                "If %(name)s cost %(rise)s more, its unit cost would go from %(was)s to %(now)s and the margin of "
                "Atlas from %(margin)s to %(left)s, or %(percent)s. Sold for %(keep)s, it would keep its %(before)s.",
                name=line.name,
                rise=percent(RISE, 0),
                was=price(line.unit_cost),
                now=price(pricing.moved_price(line.unit_cost, RISE)),
                margin=amount(scenario.now.margin),
                left=amount(scenario.then.margin),
                percent=percent(scenario.then.margin_pct),
                keep=amount(scenario.price_to_keep_margin),
                before=percent(scenario.now.margin_pct),
            ),
        ),
    )
