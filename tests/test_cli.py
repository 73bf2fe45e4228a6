"""The operator's command: what each command does, and each way it can be refused."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from tests import make
from vela import schema, seeding
from vela.cli import main
from vela.db import Database
from vela.domain.catalog import queries as catalog
from vela.domain.ledger import queries as ledger
from vela.domain.people import queries as people
from vela.domain.people.access import Face
from vela.domain.people.intake import Credentials
from vela.errors import Unauthenticated
from vela.intake import read
from vela.settings import Settings
from vela.signin import entering, visiting

NOBODY_LISTENS = 8829

Vela = Callable[..., Result]


@pytest.fixture
def vela(settings: Settings) -> Vela:
    """Runs one command against the books of this test."""

    def run(*words: str, typed: str | None = None, **environment: str) -> Result:
        said = {"VELA_DATA_DIR": str(settings.data_dir), "VELA_DATABASE_URL": settings.database_url, **environment}
        return CliRunner(env=said).invoke(main, list(words), input=typed)

    return run


def refused(result: Result, *, status: int = 1) -> str:
    """The one line that a refused command ends with."""
    assert result.exit_code == status
    assert "Traceback" not in result.output
    line = result.stderr.splitlines()[-1]
    assert line.startswith("Error: ")
    assert status != 1 or result.stderr.splitlines() == [line]
    return line


def signs_in(database: Database, settings: Settings, username: str, password: str) -> entering.SignedIn:
    words = read(Credentials, {"username": username, "password": password})
    return entering.sign_in(database, settings.secret(), words, address="127.0.0.1", agent="tests")


# ---------- users


def test_a_user_is_made_with_a_password_from_standard_input(vela: Vela, database: Database, settings: Settings) -> None:
    made = vela("user", "create", "Salma", "--role", "admin", "--password-stdin", typed=f"{make.PASSWORD}\n")
    assert (made.exit_code, made.stdout) == (0, "")
    user = signs_in(database, settings, "salma", make.PASSWORD).user
    assert (user.username, user.role, user.demo) == ("salma", "admin", False)


def test_a_generated_password_is_printed_alone_and_opens_the_door(
    vela: Vela, database: Database, settings: Settings
) -> None:
    made = vela("user", "create", "nadia", "--display-name", "Nadia Idrissi", "--generate")
    password = made.stdout.removesuffix("\n")
    assert (len(password), password.isalnum()) == (20, True)
    user = signs_in(database, settings, "nadia", password).user
    assert (user.display_name, user.role) == ("Nadia Idrissi", "viewer")


@pytest.mark.parametrize(
    ("words", "typed", "says"),
    [
        (("nadia", "--password-stdin"), "short\n", "password: Use at least 12 characters."),
        (("nadia", "--password-stdin"), "", "password: Enter a password."),
        (("Nadia Idrissi", "--generate"), None, "username: Use 2 to 40 small letters"),
        (("salma", "--generate"), None, "salma is taken. Pick another name."),
    ],
)
def test_a_user_that_cannot_be_is_refused_and_not_kept(
    vela: Vela, database: Database, words: tuple[str, ...], typed: str | None, says: str
) -> None:
    with database.transaction() as session:
        make.user(session, "salma")
    assert says in refused(vela("user", "create", *words, typed=typed))
    with database.reading() as session:
        assert [user.username for user in people.users(session)] == ["salma"]


def test_without_a_terminal_a_password_must_come_from_somewhere(vela: Vela) -> None:
    assert "--password-stdin or --generate" in refused(vela("user", "create", "nadia"), status=2)
    both = vela("user", "create", "nadia", "--password-stdin", "--generate")
    assert "either --password-stdin or --generate" in refused(both, status=2)


def test_users_are_listed_with_their_state(vela: Vela, database: Database) -> None:
    with database.transaction() as session:
        make.user(session, "salma", role="admin")
        make.user(session, "nadia")
    vela("user", "deactivate", "nadia")
    listed = vela("user", "list").stdout.splitlines()
    assert [line.split() for line in listed[1:]] == [
        ["salma", "Salma", "admin", "active"],
        ["nadia", "Nadia", "viewer", "deactivated"],
    ]


def test_a_new_password_ends_what_the_old_one_opened(vela: Vela, database: Database, settings: Settings) -> None:
    with database.transaction() as session:
        make.user(session, "salma")
    before = signs_in(database, settings, "salma", make.PASSWORD)
    changed = vela("user", "set-password", "salma", "--generate")
    assert visiting.actor_of_page(database, before.page_token, settings.secret()) is None
    with pytest.raises(Unauthenticated):
        signs_in(database, settings, "salma", make.PASSWORD)
    assert signs_in(database, settings, "salma", changed.stdout.strip()).user.username == "salma"


def test_a_deactivated_user_comes_back_with_the_password_they_had(
    vela: Vela, database: Database, settings: Settings
) -> None:
    with database.transaction() as session:
        make.user(session, "salma", role="admin")
        make.user(session, "nadia")
    assert vela("user", "deactivate", "nadia").exit_code == 0
    with pytest.raises(Unauthenticated):
        signs_in(database, settings, "nadia", make.PASSWORD)
    assert vela("user", "activate", "nadia").exit_code == 0
    assert signs_in(database, settings, "nadia", make.PASSWORD).user.active


def test_the_last_admin_stays(vela: Vela, database: Database) -> None:
    with database.transaction() as session:
        make.user(session, "salma", role="admin")
    assert "last active admin" in refused(vela("user", "deactivate", "salma"))


@pytest.mark.parametrize("command", ["set-password", "deactivate", "activate"])
def test_a_name_that_nobody_has_is_refused(vela: Vela, command: str) -> None:
    words = ("user", command, "ghost", *(["--generate"] if command == "set-password" else []))
    assert "no user named ghost" in refused(vela(*words))


# ---------- tokens


def test_a_token_is_printed_alone_and_works(vela: Vela, database: Database) -> None:
    with database.transaction() as session:
        make.user(session, "salma")
    made = vela("token", "create", "salma", "--name", "Nightly export")
    secret = made.stdout.removesuffix("\n")
    assert made.stdout == f"{secret}\n"
    assert "vela token revoke 1" in made.stderr
    actor = visiting.actor_of_personal_token(database, secret, Face.AGENT)
    assert actor is not None
    assert (actor.username, actor.token_name) == ("salma", "Nightly export")


@pytest.mark.parametrize("scope", ["read", "propose", "write", "admin"])
def test_a_token_reaches_as_far_as_it_is_told_to(vela: Vela, database: Database, scope: str) -> None:
    with database.transaction() as session:
        make.user(session, "salma", role="admin")
    secret = vela("token", "create", "salma", "--scope", scope).stdout.strip()
    actor = visiting.actor_of_personal_token(database, secret, Face.AGENT)
    assert actor is not None
    assert actor.scope == scope


def test_a_revoked_token_is_over(vela: Vela, database: Database) -> None:
    with database.transaction() as session:
        make.user(session, "salma")
    secret = vela("token", "create", "salma", "--name", "Laptop").stdout.strip()
    listed = vela("token", "list").stdout
    assert "Laptop" in listed
    assert secret not in listed
    assert vela("token", "revoke", "1").exit_code == 0
    assert visiting.actor_of_personal_token(database, secret, Face.AGENT) is None
    assert "Laptop" not in vela("token", "list", "salma").stdout
    assert "no token with id 1" in refused(vela("token", "revoke", "1"))


def test_no_token_for_somebody_who_cannot_sign_in(vela: Vela, database: Database) -> None:
    with database.transaction() as session:
        make.user(session, "salma", role="admin")
        make.user(session, "nadia")
    vela("user", "deactivate", "nadia")
    result = vela("token", "create", "nadia")
    assert "vela user activate nadia" in refused(result)
    assert "no user named ghost" in refused(vela("token", "create", "ghost"))
    assert result.stdout == ""


# ---------- books


def test_the_preset_offers_load_once(vela: Vela, database: Database) -> None:
    assert "Loaded the four" in vela("seed", "--offers").stderr
    assert "nothing was loaded" in vela("seed", "--offers").stderr
    with database.reading() as session:
        assert [offer.name for offer in catalog.services(session)] == ["Atlas", "Atlas+", "Rif", "Rif+"]
        assert not ledger.has_samples(session)
    assert "--offers" in refused(vela("seed"), status=2)


def test_sums_that_lost_their_sales_are_found_and_made_anew(vela: Vela, database: Database) -> None:
    with database.transaction() as session:
        make.sale(session, make.offer(session), quantity=2)
    assert vela("sums", "check").exit_code == 0
    with database.engine.execution_options(vela_writes=True).begin() as connection:
        connection.execute(text("UPDATE month_sums SET revenue = revenue + 1"))
    found = vela("sums", "check")
    assert "1 sum differs" in refused(found)
    assert "revenue 2000.01" in found.stdout
    assert "revenue 2000.00" in found.stdout
    assert vela("sums", "rebuild").stdout == "Made 1 sum anew.\n"
    assert vela("sums", "check").stdout == "The sums agree with the sales.\n"


def test_clearing_the_demo_leaves_what_is_yours(vela: Vela, database: Database) -> None:
    with database.transaction() as session:
        seeding.seed_demo(session)
        mine = make.sale(session, catalog.services(session)[0]).id
    cleared = vela("demo", "clear")
    assert cleared.exit_code == 0
    assert "vela user deactivate admin" in cleared.stderr
    assert "vela user set-password viewer" in cleared.stderr
    with database.reading() as session:
        assert [sale.id for sale in ledger.transactions(session)] == [mine]
    assert vela("sums", "check").exit_code == 0
    assert vela("demo", "clear").stdout == "Removed 0 sample sales.\n"


def test_a_demo_account_with_its_own_password_is_no_demo_account_any_more(vela: Vela, database: Database) -> None:
    with database.transaction() as session:
        seeding.seed_demo(session)
    vela("user", "set-password", "admin", "--generate")
    vela("user", "deactivate", "viewer")
    assert vela("demo", "clear").stderr == ""


def test_example_data_stays_out_of_books_in_use(vela: Vela, database: Database) -> None:
    with database.transaction() as session:
        make.user(session, "salma", role="admin")
    assert "in use already" in refused(vela("demo", VELA_BIND=f"127.0.0.1:{NOBODY_LISTENS}"))
    with database.reading() as session:
        assert [user.username for user in people.users(session)] == ["salma"]


# ---------- settings and databases that cannot be


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"VELA_BIND": "everywhere"}, "VELA_BIND must be host:port"),
        ({"VELA_BIND": "127.0.0.1:99999"}, "VELA_BIND must be host:port"),
        ({"VELA_THREADS": "many"}, "VELA_THREADS must be a whole number"),
        ({"VELA_DATABASE_URL": "mysql://books"}, "VELA_DATABASE_URL must start with"),
        ({"VELA_DATABASE_URL": "sqlite:////dev/null/vela.db"}, "/dev/null"),
        ({"VELA_DATABASE_URL": f"postgresql://nobody@127.0.0.1:{NOBODY_LISTENS}/books"}, "does not answer"),
        ({"VELA_DATABASE_URL": "sqlite:///books.db", "VELA_WORKERS": "2"}, "needs PostgreSQL"),
        ({"VELA_BIND": "192.0.2.1:8788", "VELA_ALLOW_HTTP": "1"}, "Cannot listen on 192.0.2.1:8788"),
        ({"VELA_BIND": "unix:/nowhere/vela.sock"}, "/nowhere"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(vela: Vela, environment: dict[str, str], says: str) -> None:
    assert says in refused(vela("serve", **environment))


@pytest.mark.parametrize(
    "words", [("serve",), ("user", "list"), ("token", "list"), ("sums", "check"), ("seed", "--offers")]
)
def test_an_empty_database_asks_to_be_migrated(vela: Vela, tmp_path: Path, words: tuple[str, ...]) -> None:
    assert "vela migrate" in refused(vela(*words, VELA_DATABASE_URL=f"sqlite:///{tmp_path}/fresh.db"))


@pytest.mark.parametrize("words", [("serve",), ("migrate",)])
def test_a_database_of_a_newer_vela_is_left_alone(vela: Vela, bare_url: str, words: tuple[str, ...]) -> None:
    database = Database(bare_url)
    schema.upgrade(database)
    with database.engine.execution_options(vela_writes=True).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'from_tomorrow'"))
    database.close()
    assert "newer Vela" in refused(vela(*words, VELA_DATABASE_URL=bare_url))


@pytest.mark.parametrize(
    ("bind", "answer"),
    [
        ("127.0.0.1:8788", True),
        ("127.8.0.1:8788", True),
        ("localhost:8788", True),
        ("[::1]:8788", True),
        ("unix:/run/vela.sock", True),
        ("0.0.0.0:8788", False),
        ("[::]:8788", False),
        ("192.168.1.4:8788", False),
        ("127.0.0.1.example:8788", False),
    ],
)
def test_what_only_this_machine_can_reach(bind: str, answer: bool) -> None:
    settings = Settings.from_environment({"VELA_BIND": bind})
    assert settings.is_local is answer
    behind = Settings.from_environment({"VELA_BIND": bind, "VELA_TRUSTED_PROXIES": "1"})
    assert behind.is_local is False, "whoever reaches the proxy reaches this"


@pytest.mark.parametrize("bind", ["0.0.0.0:8788", "[::]:8788", "vela.example:8788"])
def test_the_demo_serves_this_machine_alone(vela: Vela, database: Database, bind: str) -> None:
    assert "this machine alone" in refused(vela("demo", VELA_BIND=bind))
    with database.reading() as session:
        assert people.users(session) == []


def test_known_passwords_are_not_served_to_others(vela: Vela, settings: Settings) -> None:
    database = Database(settings.database_url)
    with database.transaction() as session:
        seeding.seed_demo(session)
    database.close()
    for reach in (
        {"VELA_BIND": "0.0.0.0:8829", "VELA_ALLOW_HTTP": "1"},
        {"VELA_BIND": "127.0.0.1:8829", "VELA_TRUSTED_PROXIES": "1"},
    ):
        line = refused(vela("serve", **reach))
        assert "admin, viewer" in line
        assert "vela user set-password" in line
