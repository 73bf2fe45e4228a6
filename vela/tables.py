"""All tables together: importing this module makes `Base.metadata` complete."""

from vela.db import Base
from vela.domain.audit import models as audit
from vela.domain.catalog import models as catalog
from vela.domain.idempotency import models as idempotency
from vela.domain.importing import models as importing
from vela.domain.ledger import models as ledger
from vela.domain.notifying import models as notifying
from vela.domain.people import models as people
from vela.domain.proposals import models as proposals
from vela.domain.workspace import models as workspace

__all__ = [
    "audit",
    "catalog",
    "idempotency",
    "importing",
    "ledger",
    "metadata",
    "notifying",
    "people",
    "proposals",
    "workspace",
]

metadata = Base.metadata
