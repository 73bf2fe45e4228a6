"""What agents read about the tools that change nothing: what each answers, when to use it, its units and its limits."""

from vela.language import gettext as _
from vela.mcp.questions import MOST_LISTED, MOST_MONTHS


def reading_words(currency: str) -> dict[str, tuple[str, str]]:
    """The title and the description of each tool that reads."""
    return _month_words(currency) | _offer_words(currency) | _past_words(currency) | _supposing_words(currency)


def _month_words(currency: str) -> dict[str, tuple[str, str]]:
    return {
        "get_pnl": (
            _("Profit and loss of a month"),
            _(
                "Profit and loss of one month in %(currency)s: revenue, cost, gross profit, operating expenses, net "
                "profit, and both margins in percent. Use it for the figures of one month; for several, use "
                "get_pnl_range. A month without sales is zeros with null margins. Changes nothing.",
                currency=currency,
            ),
        ),
        "get_pnl_range": (
            _("Profit and loss of several months"),
            _(
                "Profit and loss of each month from first to last in %(currency)s, with margins in percent, whether "
                "the month is closed, and the total of them all. Use it to compare months, or for a quarter or a "
                "year; quote total instead of adding up. At most %(most)d months. Changes nothing.",
                currency=currency,
                most=MOST_MONTHS,
            ),
        ),
        "get_dashboard": (
            _("Dashboard"),
            _(
                "The current month, the month before, the twelve-month trend (oldest first) and the margin of every "
                "offer, amounts in %(currency)s and margins in percent. Use it first, for how the business is doing. "
                "Changes nothing.",
                currency=currency,
            ),
        ),
        "get_transactions": (
            _("Sales"),
            _(
                "Sales (transactions), newest first, with the revenue and cost in %(currency)s they were recorded at: "
                "of a month, of an offer, or all. Use it for why a month earned what it did, or to find a sale. total "
                "adds up every sale that was asked for, also those on later pages: quote it, do not add up the list. "
                "At most %(most)d at a time. Changes nothing.",
                currency=currency,
                most=MOST_LISTED,
            ),
        ),
        "get_expenses": (
            _("Operating expenses"),
            _(
                "Operating expenses in %(currency)s a month, each with the months it counts in. Use it for what the "
                "opex of a month is made of (say the month, and get the total too), or without a month for all there "
                "are. Changes nothing.",
                currency=currency,
            ),
        ),
    }


def _offer_words(currency: str) -> dict[str, tuple[str, str]]:
    return {
        "get_services": (
            _("All offers"),
            _(
                "Every offer (service) with its components, cost, price and margin in %(currency)s for one unit. Use "
                "it to find an offer or a component: their ids, and the versions of components, come from here. "
                "Changes nothing.",
                currency=currency,
            ),
        ),
        "get_service": (
            _("One offer"),
            _(
                "One offer with its components, cost, price, margin and list price in %(currency)s for one unit. Use "
                "it right before you change one of its components. Changes nothing.",
                currency=currency,
            ),
        ),
    }


def _past_words(currency: str) -> dict[str, tuple[str, str]]:
    return {
        "get_revisions": (
            _("History of an offer"),
            _(
                "Every change of an offer and its components, newest first: who, when, which fields from what to "
                "what, and what one unit cost, sold for and earned after it, in %(currency)s. Use it for when or by "
                "whom a price changed. At most %(most)d at a time. Changes nothing.",
                currency=currency,
                most=MOST_LISTED,
            ),
        ),
        "compare_revisions": (
            _("Compare two revisions of an offer"),
            _(
                "An offer as it stood in two revisions, component by component, with cost, price and margin before "
                "and after in %(currency)s, and the change of the margin in percentage points. Use it for why an "
                "offer earns more or less than it did; the numbers come from get_revisions. Changes nothing.",
                currency=currency,
            ),
        ),
        "get_proposals": (
            _("Proposals"),
            _(
                "The changes that were proposed through tokens and wait for a person, oldest first, each with its "
                "effect in %(currency)s; or, with decided, what became of earlier ones, newest first. Use it to learn "
                "whether something you proposed was approved. Only a person decides, in Vela. total counts those on "
                "later pages, too. At most %(most)d at a time. Changes nothing.",
                currency=currency,
                most=MOST_LISTED,
            ),
        ),
        "get_changes": (
            _("Trail of changes"),
            _(
                "Who changed what, when and through which face (browser, api, agent, command), newest first, with the "
                "thing before and after; amounts are in %(currency)s and times in UTC. Use it for who did something "
                "that is no change of an offer: sales, expenses, closed months, users, settings. For admins. At most "
                "%(most)d at a time. Changes nothing.",
                currency=currency,
                most=MOST_LISTED,
            ),
        ),
    }


def _supposing_words(currency: str) -> dict[str, tuple[str, str]]:
    return {
        "what_if": (
            _("What if costs or prices moved"),
            _(
                "What every active offer would cost, sell for and earn, in %(currency)s for one unit, if costs or "
                "prices moved by so many percent. Use it for questions that begin with 'what if'. It says which "
                "components moved and the price that would keep each margin. Nothing is stored.",
                currency=currency,
            ),
        ),
        "price_for_margin": (
            _("The price for a margin"),
            _(
                "The price in %(currency)s at which one unit of an offer leaves a margin of so many percent of that "
                "price, to the minor unit, half up: cost * 100 / (100 - margin_pct). Use it to price an offer: it "
                "says how far that is from its price now and from its list price, as an amount and in percent, "
                "negative for a discount. Prices come from components, so to sell at it, change their unit prices or "
                "add a component of kind adjustment with price_change as unit_sell. Nothing is stored.",
                currency=currency,
            ),
        ),
    }


def question_words() -> dict[str, tuple[str, object]]:
    """What the arguments of these tools mean, and an example of each, in the order in which tools list them."""
    return {
        "first": (_("The first month, as YYYY-MM."), "2026-01"),
        "last": (_("The last month, as YYYY-MM, at most %(most)d from the first.", most=MOST_MONTHS), "2026-12"),
        "from_revision": (_("The number of the earlier revision, from get_revisions."), 3),
        "to_revision": (_("The number of the later revision. Left out: the offer as it is now."), 5),
        "margin_pct": (_("The margin to leave, in percent of the price, from 0, at most two decimals."), 40),
        "include_voided": (_("Also sales that were voided; they are in no total."), False),
        "subject": (
            _(
                "Only changes of one kind of thing: service (an offer and its components), transaction (a sale), "
                "expense, month, user, token, webhook, proposal (what waited for a person's approval), workspace (the "
                "settings) or books (checks and repairs)."
            ),
            "transaction",
        ),
        "username": (_("Only changes by this user, by the name they sign in with."), "nadia"),
        "limit": (_("How many to list, at most %(most)d.", most=MOST_LISTED), 20),
        "before": (_("Where to go on: the next_before of the answer before. Left out: from the newest."), 120),
        "after": (
            _("Where proposals that wait go on: the next_after of the answer before. Left out: from the oldest."),
            120,
        ),
    }
