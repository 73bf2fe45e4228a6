"""What a host can offer while an argument of a prompt or an address is typed: ids of offers, and months with something
in them."""

from collections.abc import Sequence

from mcp_types import CompleteRequestParams, Completion, PromptReference
from sqlalchemy.orm import Session

from vela.domain.catalog import queries as catalog
from vela.domain.ledger import queries as ledger
from vela.domain.workspace.settings import current_month
from vela.mcp import prompts, resources
from vela.periods import Span

MOST = 100
"""What the protocol lets one answer hold."""


def known(params: CompleteRequestParams) -> bool:
    """Whether there is such a prompt or template, with such an argument."""
    if isinstance(params.ref, PromptReference):
        prompt = prompts.ready().get(params.ref.name)
        return prompt is not None and params.argument.name in prompt.arguments
    return params.argument.name in resources.TEMPLATES.get(params.ref.uri, ())


def completion(session: Session, params: CompleteRequestParams) -> Completion:
    """What goes on from what was typed, best first; nothing for an argument that has too many values to list."""
    name, typed = params.argument.name, params.argument.value.strip()
    if name in ("service_id", "id"):
        return _of(_offers(session, typed))
    if name == "month":
        return _of([month for month in _months(session) if month.startswith(typed)])
    if name == "margin_pct":
        return _of([target for target in _targets(session) if target.startswith(typed)])
    return _of([])


def _offers(session: Session, typed: str) -> list[str]:
    """Ids that begin with what was typed, and those of offers whose name does; hosts show the value alone."""
    begun = typed.casefold()
    found = catalog.services(session)
    by_id = [str(each.id) for each in found if str(each.id).startswith(typed)]
    by_name = [str(each.id) for each in found if begun and each.name.casefold().startswith(begun)]
    return list(dict.fromkeys([*by_id, *by_name]))


def _months(session: Session) -> list[str]:
    """From the current month back to the first in which anything was sold."""
    last = current_month(session)
    first = min(ledger.first_month(session) or last, last)
    return [str(month) for month in reversed(Span(first, last).months)]


def _targets(session: Session) -> list[str]:
    """The target margins of the offers, in percent, the most wanted first."""
    targets = [each.target_margin_pct for each in catalog.services(session) if each.target_margin_pct is not None]
    ordered = sorted(set(targets), key=lambda target: (-targets.count(target), target))
    return [f"{target.normalize():f}" for target in ordered]


def _of(values: Sequence[str]) -> Completion:
    return Completion(values=list(values[:MOST]), total=len(values), has_more=len(values) > MOST)
