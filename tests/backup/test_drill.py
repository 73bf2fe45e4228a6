"""The drill: books in use are backed up, destroyed and restored, and nobody who was told "done" has lost anything."""

from tests import make
from tests.backup.conftest import Vela, Writer, destroy, held, opened, sold
from vela.backup import making
from vela.domain.people.intake import Credentials
from vela.intake import read
from vela.settings import Settings
from vela.signin import entering, visiting


def test_books_that_were_destroyed_come_back(books: Settings, vela: Vela) -> None:
    with Writer(books) as writer:
        writer.wait_for(10)
        acknowledged = list(writer.acknowledged)
        backup, _removed = making.make(books)
        writer.wait_for(10)
    destroy(books, secret=True)
    done = vela("restore", "latest")
    assert done.exit_code == 0, done.output
    assert {"first", "second", "third", *acknowledged} <= set(sold(books))
    assert held(books) == backup.manifest.contents
    assert vela("check").exit_code == 0
    assert vela("audit", "verify").exit_code == 0
    with opened(books) as database:
        words = read(Credentials, {"username": "salma", "password": make.PASSWORD})
        signed_in = entering.sign_in(database, books.secret(), words, address="127.0.0.1", agent="tests")
        assert visiting.actor_of_page(database, signed_in.page_token, books.secret()) is not None
