"""The self-check: every stored figure made again from its parts. What fails makes the books read-only.

It runs before anybody is served, every night, and whenever an operator asks. A figure that cannot be trusted is worse
than one that cannot be changed, so nothing is repaired silently: the books stop, the banner says why, and the operator
repairs, restores, or accepts what was found with a reason.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import func, select
from sqlalchemy.exc import DatabaseError, DBAPIError
from sqlalchemy.orm import Session

from vela import outages
from vela.clock import now
from vela.db import Database, damage, orphans
from vela.domain.audit import chain, trail
from vela.domain.audit.models import AcceptedFinding, CheckResult
from vela.domain.catalog import proving as catalog
from vela.domain.idempotency import keys
from vela.domain.importing import files
from vela.domain.ledger import closing, retracing, sums
from vela.domain.ledger import proving as ledger
from vela.domain.ledger.queries import offer_names
from vela.domain.ledger.sums import Sums
from vela.domain.notifying import forgetting
from vela.domain.people import signins, tries
from vela.domain.people.access import Act, Actor, require
from vela.domain.proposals import commands as proposals
from vela.errors import NotFound
from vela.intake import Reason, Words
from vela.language import gettext as _
from vela.language import ngettext

# What a value that was never written by Vela can raise when it is read.
UNREADABLE = (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, DatabaseError)
MOST_KEPT = 200
RESULTS_KEPT = 400


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong: `code` is stable, so that it can be accepted; `words` is a sentence for people."""

    code: str
    words: str


class Acceptance(Words):
    """Why a finding may stand."""

    reason: Reason


def findings(session: Session) -> Iterator[Finding]:
    """Everything that is wrong with the books, whether it was accepted or not."""
    for name, prove in PROOFS.items():
        try:
            yield from prove(session)
        except UNREADABLE as trouble:
            if _is_passing(trouble):
                raise
            session.rollback()  # nosemgrep: commit-outside-a-transaction the connection may be of no use any more
            what = str(getattr(trouble, "orig", trouble)).partition("\n")[0][:200]
            yield Finding(f"unreadable:{name}:{what[:100]}", _unreadable_words(name, what))


def _is_passing(trouble: Exception) -> bool:
    """Whether the books only cannot be looked at now, which says nothing about them."""
    outage = outages.unavailable(trouble) if isinstance(trouble, DBAPIError) else None
    return outage is not None and outage.code != "damaged"


def _unreadable_words(name: str, what: str) -> str:
    areas = {
        "damage": _("The database file"),
        "orphans": _("What rows point to"),
        "sums": _("The monthly sums"),
        "sales": _("The sales"),
        "revisions": _("The history of the offers"),
        "months": _("The closed months"),
        "untold": _("What the trail says of sales, expenses and months"),
        "trail": _("The trail of changes"),
    }
    return _("%(area)s cannot be read: %(what)s.", area=areas[name], what=what.rstrip("."))


def _damage(session: Session) -> Iterator[Finding]:
    for words in damage(session):
        told = " ".join(words.split())
        yield Finding(f"damage:{told[:150]}", _("The database file is damaged: %(words)s.", words=told[:200]))


def _orphans(session: Session) -> Iterator[Finding]:
    for table, column, count, span in orphans(session):
        words = ngettext(
            "%(count)d row of %(table)s points to something that is not there (%(column)s).",
            "%(count)d rows of %(table)s point to something that is not there (%(column)s).",
            count,
            table=table,
            column=column,
        )
        yield Finding(f"orphans:{table}.{column}:{count}:{span}", words)


def _sums(session: Session) -> Iterator[Finding]:
    wrong = sums.check(session)
    names = offer_names(session, {each.service_id for each in wrong})
    for each in wrong:
        words = _(
            "The kept sum of %(offer)s in %(month)s is %(kept)s; the sales add up to %(true)s.",
            offer=names.get(each.service_id, f"#{each.service_id}"),
            month=each.month,
            kept=_revenue_and_cost(each.kept),
            true=_revenue_and_cost(each.true),
        )
        yield Finding(f"sums:{each.month}:{each.service_id}:{each.revision_id}:{_mark(each.kept, each.true)}", words)


def _revenue_and_cost(found: Sums | None) -> str:
    if found is None:
        return _("nothing")
    return _(
        "%(quantity)s units, revenue %(revenue)s, cost %(cost)s",
        quantity=found.quantity,
        revenue=found.revenue,
        cost=found.cost,
    )


def _sales(session: Session) -> Iterator[Finding]:
    for sale in ledger.wrong_sales(session):
        yield Finding(f"sale:{sale.id}:{sale.kept.sell}:{sale.kept.cost}", _sale_words(sale))


def _sale_words(sale: ledger.WrongSale) -> str:
    if sale.should is None:
        return _("Sale %(id)s is of another offer than the prices it was sold at.", id=sale.id)
    return _(
        "Sale %(id)s stands at revenue %(revenue)s, cost %(cost)s; by its prices it is %(sell)s and %(unit_cost)s.",
        id=sale.id,
        revenue=sale.kept.sell,
        cost=sale.kept.cost,
        sell=sale.should.sell,
        unit_cost=sale.should.cost,
    )


def _revisions(session: Session) -> Iterator[Finding]:
    wrong = list(islice(catalog.flaws(session), MOST_KEPT))
    names = offer_names(session, {each.service_id for each in wrong})
    for flaw in wrong:
        name = names.get(flaw.service_id, f"#{flaw.service_id}")
        code = f"revision:{flaw.kind}:{flaw.service_id}:{flaw.revision}:{flaw.mark}"
        yield Finding(code, _flaw_words(flaw, name))


def _months(session: Session) -> Iterator[Finding]:
    for month, closed, stands in closing.changed_since_closing(session):
        words = _(
            "%(month)s was closed with %(then)s; now it stands at %(now)s.",
            month=month,
            then=_figures(closed),
            now=_figures(stands),
        )
        yield Finding(f"month:{month}:{_mark(closed, stands)}", words)


def _figures(month: closing.Figures) -> str:
    return _(
        "%(sales)s sales, revenue %(revenue)s, cost %(cost)s, opex %(opex)s",
        sales=month.sales,
        revenue=month.revenue,
        cost=month.cost,
        opex=month.opex,
    )


def _untold(session: Session) -> Iterator[Finding]:
    for each in retracing.untold(session):
        yield Finding(f"untold:{each.kind}:{each.identity}:{_mark(each.kept, each.told)}", _untold_words(each))


def _untold_words(each: retracing.Untold) -> str:
    names = {
        "sale": _("Sale %(id)s", id=each.identity),
        "expense": _("Operating expense %(id)s", id=each.identity),
        "month": _("The closing of %(id)s", id=each.identity),
    }
    what = names[each.kind]
    if each.kept is None:
        return _("%(what)s is in the trail and not in the books.", what=what)
    if each.told is None:
        return _("%(what)s is in the books and not in the trail.", what=what)
    field, kept, told = next(
        (field, kept, each.told[field]) for field, kept in each.kept.items() if kept != each.told[field]
    )
    return _(
        "%(what)s is not what the trail says: %(field)s is %(kept)s and should be %(told)s.",
        what=what,
        field=field,
        kept=kept,
        told=told,
    )


def _mark(*found: object) -> str:
    """Another when what was found is another, so that what is accepted is accepted as it was found."""
    return hashlib.sha256(repr(found).encode()).hexdigest()[:16]


def _trail(session: Session) -> Iterator[Finding]:
    for broken in chain.verify(session):
        words = _("Entry %(id)s of the trail of changes: %(words)s", id=broken.entry_id, words=broken.words)
        yield Finding(f"trail:{broken.entry_id}:{broken.found}", words)


def _flaw_words(flaw: catalog.Flaw, name: str) -> str:
    place = {"offer": name, "revision": flaw.revision}
    match flaw.kind:
        case "line":
            return _("A line of %(offer)s, revision %(revision)s, is not quantity times price.", **place)
        case "sum":
            return _("%(offer)s, revision %(revision)s, is not the sum of its lines.", **place)
        case "told":
            return _("%(offer)s, revision %(revision)s, is not what the trail says was changed.", **place)
        case "number":
            return _("Revisions of %(offer)s are missing.", **place)
        case _:
            return _("%(offer)s is not what its last revision, %(revision)s, says.", **place)


PROOFS = {
    "damage": _damage,
    "orphans": _orphans,
    "sums": _sums,
    "sales": _sales,
    "revisions": _revisions,
    "months": _months,
    "untold": _untold,
    "trail": _trail,
}


def check(database: Database) -> list[Finding]:
    """Look for everything that is wrong, note the result, and stop the books, or let go of them; returns what counts.

    What an operator has accepted does not count. Raises Unavailable.
    """
    with database.reading() as session:
        before = session.scalar(select(func.max(CheckResult.id))) or 0
        accepted = set(session.scalars(select(AcceptedFinding.code)))
        found = list(islice((each for each in findings(session) if each.code not in accepted), MOST_KEPT))
    with database.transaction() as session:
        overtaken = _found_since(session, before)
        _note(session, found)
        keys.forget_old(session)
        signins.forget_old(session)
        tries.forget_old(session)
        files.forget_old(session)
        proposals.forget_old(session)
        forgetting.forget_old(session)
        if found:
            chain.stop(session, _why(found))
        elif not overtaken:
            chain.release(session)
    return found


def _found_since(session: Session, result_id: int) -> bool:
    """Whether a check that ended while this one was looking has found something that this one may not have seen."""
    later = select(CheckResult.id).where(CheckResult.id > result_id, CheckResult.ok.is_(False))
    return session.scalar(later.limit(1)) is not None


def _why(found: list[Finding]) -> str:
    if len(found) == 1:
        return found[0].words
    more = ngettext("And %(count)d more.", "And %(count)d more.", len(found) - 1)
    return f"{found[0].words[:400]} {more}"


def _note(session: Session, found: list[Finding]) -> None:
    told = [{"code": each.code, "words": each.words} for each in found]
    session.add(CheckResult(at=now(), ok=not found, findings=told))
    session.flush()
    newest = session.scalar(select(func.max(CheckResult.id))) or 0
    for old in session.scalars(select(CheckResult).where(CheckResult.id <= newest - RESULTS_KEPT)).all():
        session.delete(old)


def last_result(session: Session) -> CheckResult | None:
    """The newest result; None before the first check."""
    return session.scalar(select(CheckResult).order_by(CheckResult.id.desc()).limit(1))


def accept(session: Session, actor: Actor, found: list[Finding], words: Acceptance) -> None:
    """Let `found` stand: it does not stop the books any more. The trail says who accepted what, and why.

    Raises Forbidden.
    """
    require(actor, Act.CHANGE_SETTINGS)
    for each in found:
        session.merge(AcceptedFinding(code=each.code, at=now(), reason=words.reason))
    trail.record(
        session,
        actor,
        "accept findings",
        "books",
        None,
        after={"findings": [each.words for each in found], "reason": words.reason},
        even_when_stopped=True,
    )


def accepted(session: Session) -> list[AcceptedFinding]:
    """What was let stand, oldest first."""
    return list(session.scalars(select(AcceptedFinding).order_by(AcceptedFinding.at, AcceptedFinding.code)))


def withdraw(session: Session, actor: Actor, code: str) -> None:
    """Let a finding count again that was accepted. Raises Forbidden, NotFound."""
    require(actor, Act.CHANGE_SETTINGS)
    found = session.get(AcceptedFinding, code)
    if found is None:
        raise NotFound("accepted finding", code)
    session.delete(found)
    trail.record(session, actor, "withdraw acceptance", "books", None, before={"code": code}, even_when_stopped=True)
