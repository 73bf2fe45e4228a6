"""Refusals on the page of an offer: beside the cell they are about, what was typed kept, fresh figures around it."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from flask import Response, request

from vela.blueprints.web import forms
from vela.blueprints.web.answers import from_htmx, partials, source_id, told
from vela.blueprints.web.guards import database
from vela.blueprints.web.ids import slot_id
from vela.blueprints.web.offers.looking import Refused, everything, offer_page
from vela.blueprints.web.offers.typed import BOOKKEEPING
from vela.domain.catalog import queries
from vela.errors import Conflict, Invalid, NotFound, Stale

View = Callable[..., Response]
FORMS = {"web.add_component": "component-new", "web.change_offer": "offer"}
GOING_BACK = {"web.undo", "web.restore"}


def refused_in_place(view: View) -> View:
    """Answer what the domain refuses of a change to `offer_id` on its page, not on a page of its own."""

    @wraps(view)
    def answered(offer_id: int, **others: int) -> Response:
        component_id = others.get("component_id", 0)
        try:
            return view(offer_id, **others)
        except NotFound as error:
            if error.data["kind"] != "component":
                raise
            return _gone(offer_id, error)
        except (Invalid, Conflict) as error:
            return _refused(offer_id, component_id, error)

    return answered


def _gone(offer_id: int, error: NotFound) -> Response:
    """Somebody else removed the component: the rows as they are now, and a notice."""
    if not from_htmx():
        raise error
    with database().reading() as session:
        context = everything(session, queries.service(session, offer_id), made=False)
        return partials(session, "offers/component_gone.html", HTTPStatus.NOT_FOUND, **context)


def _refused(offer_id: int, component_id: int, error: Invalid | Conflict) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if isinstance(error, Invalid) else HTTPStatus.CONFLICT
    messages = forms.complaints(error) if isinstance(error, Invalid) else {error.data.get("field") or "": error.message}
    with database().reading() as session:
        if not from_htmx():
            if request.endpoint in GOING_BACK:
                return told(error.message, f"/offers/{offer_id}/history", "bad")
            return offer_page(session, offer_id, status, refused=_kept(component_id, messages))
        context = everything(session, queries.service(session, offer_id), made=False)
        slots = _slots(messages)
        stale = error if isinstance(error, Stale) else None
        return partials(session, "offers/refused.html", status, error=error, stale=stale, slots=slots, **context)


def _kept(component_id: int, messages: dict[str, str]) -> Refused:
    """The form as it was sent: of a component, of a new one, or of the offer itself."""
    removing = request.endpoint == "web.remove_component"  # for which nothing was typed
    row = f"component-{component_id}" if component_id and not removing else ""
    form = row or FORMS.get(request.endpoint or "", "")
    typed = {name: value for name, value in request.form.items() if name not in BOOKKEEPING}
    return Refused(form, typed, messages if form else {"": " ".join(messages.values())})


def _slots(messages: dict[str, str]) -> dict[str, str]:
    """Messages by the slot of the field each is about; none when a button asked.

    A single cell was asked about, so a complaint about another field of its row, or about the whole, stands in its own.
    """
    source = source_id()
    if source and request.method == "PATCH" and len(request.form.keys() - BOOKKEEPING) == 1:
        return {slot_id(source, ""): " ".join(messages.values())}
    if source and request.endpoint in FORMS:
        return {slot_id(source, name): message for name, message in messages.items() if name}
    return {}
