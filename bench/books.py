"""The books that are measured: the demo's offers and users, and as many sales in the current month as wanted."""

from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from vela import schema
from vela.db import Database
from vela.domain.catalog import queries as catalog
from vela.domain.ledger import commands, sums
from vela.domain.ledger.intake import NewTransaction
from vela.domain.people.access import operator
from vela.domain.workspace.settings import current_month
from vela.intake import read
from vela.seeding import seed_demo, seed_essentials

FEW = 10
MANY = 100_000

# One row becomes many, for nobody waits for a hundred thousand sales to be typed in; the sums are made anew afterwards.
REPEAT = """
WITH RECURSIVE again(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM again WHERE number < :times)
INSERT INTO transactions (service_id, revision_id, quantity, month, notes, revenue, cost, created_at, created_by,
                          face, sample, version)
SELECT service_id, revision_id, quantity, month, notes, revenue, cost, created_at, created_by, face, sample, version
FROM transactions, again WHERE month = :month
"""


def make_books(folder: Path, sales: int) -> None:
    """Books in `folder` with `sales` sales (a multiple of ten) in the current month, after eleven months of samples."""
    database = Database(f"sqlite:///{folder}/vela.db")
    schema.upgrade(database)
    with database.transaction() as session:
        seed_essentials(session)
        seed_demo(session)
        _sell(session, sales)
    database.close()


def _sell(session: Session, sales: int) -> None:
    month = current_month(session)
    session.execute(text("DELETE FROM transactions WHERE month = :month"), {"month": str(month)})
    sums.rebuild(session)
    offers = catalog.services(session)
    for number in range(FEW):
        words = {"service_id": offers[number % len(offers)].id, "quantity": 1 + number % 3, "month": str(month)}
        commands.record_sale(session, operator(), read(NewTransaction, words))
    if sales > FEW:
        session.execute(text(REPEAT), {"month": str(month), "times": sales // FEW - 1})
        sums.rebuild(session)
