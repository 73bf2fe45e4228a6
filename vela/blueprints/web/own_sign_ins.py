"""Where somebody is signed in: ending one of those sign-ins, or all but this one."""

from flask import Response

from vela.blueprints.web.account import sign_ins_shown
from vela.blueprints.web.answers import away, done
from vela.blueprints.web.confirming import recently_confirmed
from vela.blueprints.web.guards import actor, database, sign_in_id, sign_in_key
from vela.blueprints.web.routes import pages
from vela.domain.people import signins
from vela.language import gettext as _
from vela.language import ngettext

BACK = "/account#sign-ins"


@pages.post("/account/sign-ins/<int:ended_id>/end")
@recently_confirmed
def end_sign_in(ended_id: int) -> Response:
    """End one of one's own sign-ins; this one, too."""
    with database().transaction() as session:
        signins.end_one(session, actor(), ended_id)
        if ended_id == sign_in_id():
            return away("/login")
        words = _("That sign-in is ended.")
        shown = sign_ins_shown(session)
        return done(session, "account/sign_ins_ended.html", BACK, words=words, told=words, sign_ins=shown)


@pages.post("/account/sign-ins/end-others")
@recently_confirmed
def end_other_sign_ins() -> Response:
    """End all of one's own sign-ins but this one."""
    with database().transaction() as session:
        ended = signins.end_others(session, actor(), sign_in_key())
        words = ngettext("%(count)d other sign-in is ended.", "%(count)d other sign-ins are ended.", ended)
        shown = sign_ins_shown(session)
        return done(session, "account/sign_ins_ended.html", BACK, words=words, told=words, sign_ins=shown)
