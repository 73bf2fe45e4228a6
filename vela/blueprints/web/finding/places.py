"""The pages and acts of the palette, as far as whoever asks may use them."""

from vela.blueprints.web.figures import month_short
from vela.blueprints.web.finding.options import Option
from vela.blueprints.web.guards import actor
from vela.domain.catalog.models import Service
from vela.domain.people.access import Act
from vela.language import gettext as _
from vela.periods import Month


def acts() -> list[Option]:
    """What can be done from anywhere."""
    may = actor().may
    found = list[Option]()
    if may(Act.RECORD_SALES):
        found.append(Option("plus-lg", _("Record a sale"), "/transactions#new-sale", key="N"))
    if may(Act.CHANGE_OFFERS):
        found.append(Option("plus-lg", _("New offer"), "/offers/new"))
    found += [
        Option("keyboard", _("Keys"), "/help/keys", _("help"), key="?"),
        Option("moon-stars", _("Switch theme"), about=_("dark, light"), act="theme"),
        Option("box-arrow-right", _("Sign out"), act="sign out"),
    ]
    return found


def files(month: Month) -> list[Option]:
    """What can be taken out as a file, and brought in from one; of the sales, those of `month`."""
    lists = (
        (_("Export offers"), "/offers"),
        (_("Export transactions of %(month)s", month=month_short(month)), "/transactions"),
        (_("Export profit and loss"), "/profit"),
    )
    found = [
        Option("download", label, f"{path}.{ending}", _("%(kind)s, download", kind=ending.upper()))
        for label, path in lists
        for ending in ("csv", "xlsx")
    ]
    paper = _("Statement of %(month)s (PDF)", month=month_short(month))
    found.append(Option("download", paper, f"/profit.pdf?month={month}", _("export, download")))
    may = actor().may
    if may(Act.CHANGE_OFFERS):
        found.append(Option("file-earmark-text", _("Import offers"), "/offers/import", "CSV, XLSX"))
    if may(Act.RECORD_SALES):
        found.append(Option("file-earmark-text", _("Import sales"), "/transactions/import", "CSV, XLSX"))
    return found


def selling(offers: list[Service]) -> list[Option]:
    """Recording a sale of the first of the offers that can be sold."""
    sold = [each for each in offers if each.active and each.components][:1]
    if not actor().may(Act.RECORD_SALES):
        return []
    return [
        Option("plus-lg", _("Record a sale of %(offer)s", offer=each.name), f"/transactions?offer={each.id}#new-sale")
        for each in sold
    ]


def places() -> list[Option]:
    """The pages, in the order of the side bar."""
    may = actor().may
    found = [
        Option("grid-1x2", _("Dashboard"), "/", key="G D"),
        Option("boxes", _("Offers"), "/offers", key="G O"),
        Option("archive", _("Archived offers"), "/offers?status=archived"),
        Option("arrow-left-right", _("Transactions"), "/transactions", _("sales"), key="G T"),
        Option("bar-chart-line", _("Profit and loss"), "/profit", _("P&L"), key="G P"),
        Option("clipboard", _("Proposals"), "/proposals", _("changes that wait for a decision")),
        Option("person-gear", _("Your account"), "/account", _("password, tokens, language")),
    ]
    if may(Act.CHANGE_SETTINGS):
        found += [
            Option("gear", _("Settings"), "/settings", _("users, currency, time zone")),
            Option("clock-history", _("History of all changes"), "/settings/trail"),
            Option("hdd-stack", _("State of the books"), "/settings/books"),
        ]
    return found
