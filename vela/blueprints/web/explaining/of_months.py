"""The figures of a month, explained."""

from vela.blueprints.web.explaining.example import SOLD, Offer, month_of, times
from vela.blueprints.web.explaining.topics import Section, Topic
from vela.blueprints.web.figures import amount, percent, quantity
from vela.domain.ledger.profit import Figures, MonthFigures, summed
from vela.language import gettext as _


def section() -> Section:
    """Everything that stands on the statement of a month."""
    atlas = Offer("Atlas")
    month = month_of(times(SOLD, atlas.totals))
    topics = (*_sales(atlas, month), *_gross(month), _opex(month), *_net(month), _sums(atlas, month))
    return Section("months", _("Figures of a month"), topics)


def _sales(atlas: Offer, month: MonthFigures) -> tuple[Topic, ...]:
    unit = atlas.totals
    return (
        Topic(
            "revenue",
            _("Revenue"),
            _("What the sales of a month bring. Each sale counts in the month it was recorded for."),
            _("Revenue = sum of (quantity sold × sell when it was sold)"),
            _("Revenue is the sum, over all sales, of the quantity sold times sell when it was sold."),
            (
                _(
                    "%(count)s sold of Atlas at %(unit)s bring %(sum)s.",
                    count=quantity(SOLD),
                    unit=amount(unit.sell),
                    sum=amount(month.total_revenue),
                ),
            ),
        ),
        Topic(
            "cost-of-components",
            _("Cost of components"),
            _("What the units sold in a month cost you. Pages with little room say just cost."),
            _("Cost of components = sum of (quantity sold × cost when it was sold)"),
            _("Cost of components is the sum, over all sales, of the quantity sold times cost when it was sold."),
            (
                _(
                    "%(count)s sold of Atlas at a cost of %(unit)s cost %(sum)s.",
                    count=quantity(SOLD),
                    unit=amount(unit.cost),
                    sum=amount(month.total_cost),
                ),
            ),
        ),
    )


def _gross(month: MonthFigures) -> tuple[Topic, ...]:
    return (
        Topic(
            "gross-profit",
            _("Gross profit"),
            _("What the sales leave before running expenses."),
            _("Gross profit = revenue − cost of components"),
            _("Gross profit is revenue minus cost of components."),
            (
                _(
                    "%(revenue)s less %(cost)s is %(profit)s.",
                    revenue=amount(month.total_revenue),
                    cost=amount(month.total_cost),
                    profit=amount(month.gross_profit),
                ),
            ),
        ),
        Topic(
            "gross-margin",
            _("Gross margin"),
            _("Gross profit as a share of revenue."),
            _("Gross margin = 100 × gross profit ÷ revenue"),
            _("Gross margin is 100 times gross profit, divided by revenue."),
            (_share(month, amount(month.gross_profit), percent(month.gross_margin_pct)),),
        ),
    )


def _share(month: MonthFigures, profit: str, share: str) -> str:
    return _("%(profit)s of %(revenue)s is %(share)s.", profit=profit, revenue=amount(month.total_revenue), share=share)


def _opex(month: MonthFigures) -> Topic:
    return Topic(
        "opex",
        _("Opex"),
        _(
            "Operating expenses: what a month costs whatever is sold in it, such as rent. Each has a first and a last "
            "month and counts in full in every month between them."
        ),
        _("Opex = sum of the expenses of the month"),
        _("Opex is the sum of the expenses of the month."),
        (_("New books begin with one expense of %(opex)s a month. Change it to yours.", opex=amount(month.opex)),),
    )


def _net(month: MonthFigures) -> tuple[Topic, ...]:
    return (
        Topic(
            "net-profit",
            _("Net profit"),
            _("What is left of a month in the end."),
            _("Net profit = gross profit − opex"),
            _("Net profit is gross profit minus opex."),
            (
                _(
                    "%(gross)s less %(opex)s is %(net)s.",
                    gross=amount(month.gross_profit),
                    opex=amount(month.opex),
                    net=amount(month.net_profit),
                ),
            ),
        ),
        Topic(
            "net-margin",
            _("Net margin"),
            _("Net profit as a share of revenue."),
            _("Net margin = 100 × net profit ÷ revenue"),
            _("Net margin is 100 times net profit, divided by revenue."),
            (_share(month, amount(month.net_profit), percent(month.net_margin_pct)),),
        ),
    )


def _sums(atlas: Offer, month: MonthFigures) -> Topic:
    one, rest = times(1, atlas.totals), times(SOLD - 1, atlas.totals)
    together: Figures = summed([month, month_of()])
    return Topic(
        "sums",
        _("Sums of a month, and of several"),
        _(
            "A month adds up its sales that count; voided ones do not. Several months add up the same way, and their "
            "margins are made from the sums: margins are never averaged."
        ),
        _("Margin of several months = 100 × sum of profits ÷ sum of revenues"),
        _("The margin of several months is 100 times the sum of their profits, divided by the sum of their revenues."),
        (
            _(
                "One sale of %(one)s and one of %(rest)s make a revenue of %(sum)s.",
                one=amount(one.sell),
                rest=amount(rest.sell),
                sum=amount(month_of(one, rest).total_revenue),
            ),
            _(
                "That month and one without sales end with %(net)s together: %(share)s of %(revenue)s.",
                net=amount(together.net_profit),
                share=percent(together.net_margin_pct),
                revenue=amount(together.total_revenue),
            ),
        ),
    )
