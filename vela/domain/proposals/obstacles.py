"""Why nobody can approve a proposal that somebody's token made, while nothing about it was decided."""

from vela.domain.people import signins
from vela.domain.people.access import Face
from vela.domain.proposals.kinds import KINDS
from vela.domain.proposals.models import Proposal, State
from vela.errors import Conflict
from vela.language import gettext as _


def refuse_in_the_way(proposal: Proposal) -> None:
    """Raises Conflict when its user may not make the change any more, so that approving would lend them the right."""
    words = in_the_way(proposal)
    if words:
        raise Conflict("proposer_lost_right", words, state=proposal.standing.value)


def in_the_way(proposal: Proposal) -> str:
    """What is in the way of approving; nothing when it can be approved, or was decided about or has expired."""
    who = proposal.user.display_name
    if proposal.standing is State.WITHDRAWN:
        if not proposal.user.active:
            return _("%(user)s, whose token proposed this, was deactivated since. Nobody can approve it.", user=who)
        return _("The token that proposed this was revoked since. Nobody can approve it.")
    if proposal.standing is State.WAITING and not _may_still(proposal):
        return _("%(user)s, whose token proposed this, may not do it any more. Nobody can approve it.", user=who)
    return ""


def _may_still(proposal: Proposal) -> bool:
    return signins.actor_for(proposal.user, Face.PROPOSAL).may_as_person(KINDS[proposal.change].act)
