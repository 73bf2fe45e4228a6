"""The doctor: every finding, brought about."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner, Result
from sqlalchemy import text

from tests import make
from vela import checking
from vela.cli import main
from vela.clock import now
from vela.db import Database
from vela.doctor import books, files, network
from vela.doctor.findings import Finding, Verdict
from vela.doctor.visit import visit
from vela.domain.notifying.queries import Queue
from vela.seeding import seed_demo
from vela.settings import Settings
from vela.standing import LEAST_FREE, LITTLE_FREE, OLD, Standing

MOUNTS = """\
overlay / overlay rw,relatime 0 0
tmpfs /tmp tmpfs rw 0 0
server:/export /srv/books nfs4 rw 0 0
//nas/share /mnt/with\\040space cifs rw 0 0
salma@host: /home/salma/far fuse.sshfs rw 0 0
host /srv/books/local ext4 rw 0 0
"""
WELL = Standing("ok", "current", 10**12, 60.0, writable=True, stopped=False, check_ok=True, check_age=60.0)


def of(found: Finding | list[Finding]) -> list[tuple[str, str]]:
    every = [found] if isinstance(found, Finding) else found
    assert all(each.words and (each.do or each.verdict is Verdict.OK) for each in every)
    return [(each.verdict.value, each.code) for each in every]


def settings_of(folder: Path, **more: str) -> Settings:
    return Settings.from_environment({"VELA_DATA_DIR": str(folder)} | more)


# ---------- files


def test_a_secret(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    assert of(files.secret(path)) == [("ok", "secret")]
    settings_of(tmp_path).secret()
    assert of(files.secret(path)) == [("ok", "secret")]
    path.chmod(0o640)
    assert of(files.secret(path)) == [("fail", "secret")]
    path.chmod(0o600)
    for told in ("change-me-" * 10, "short"):
        path.write_text(told)
        assert of(files.secret(path)) == [("fail", "secret")]


@pytest.mark.parametrize("end", ["", "-wal", "-shm"])
def test_a_database_that_others_may_read(tmp_path: Path, end: str) -> None:
    for each in ("", "-wal", "-shm"):
        (tmp_path / f"vela.db{each}").touch(mode=0o600)
    assert of(files.database(tmp_path / "vela.db")) == [("ok", "database_file")]
    (tmp_path / f"vela.db{end}").chmod(0o604)
    found = files.database(tmp_path / "vela.db")
    assert of(found) == [("fail", "database_file")]
    assert found.do == f"chmod 600 {tmp_path}/vela.db{end}"


def test_folders_that_others_may_look_into(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    assert list(files.folders(tmp_path, tmp_path / "nothing")) == []
    tmp_path.chmod(0o750)
    assert of(list(files.folders(tmp_path))) == [("warn", "folder")]


@pytest.mark.parametrize(
    ("path", "verdict"),
    [
        ("/var/lib/vela/vela.db", "ok"),
        ("/tmp/vela.db", "ok"),  # noqa: S108 nothing is written there
        ("/srv/books/vela.db", "fail"),
        ("/srv/bookshop/vela.db", "ok"),
        ("/srv/books/local/vela.db", "ok"),
        ("/mnt/with space/vela.db", "fail"),
        ("/home/salma/far/vela.db", "fail"),
    ],
)
def test_a_network_file_system(path: str, verdict: str) -> None:
    assert of(files.disk(Path(path), MOUNTS)) == [(verdict, "network_disk")]


def test_the_table_of_this_machine_is_understood(tmp_path: Path) -> None:
    assert files.file_system(tmp_path, Path("/proc/mounts").read_text()) != ""


def test_room_on_the_disk() -> None:
    found = [files.room(free) for free in (LITTLE_FREE, LITTLE_FREE - 1, LEAST_FREE - 1, None)]
    assert [each.verdict.value for each in found] == ["ok", "warn", "fail", "warn"]


# ---------- the network


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        ({}, "ok"),
        ({"VELA_BIND": "unix:/run/vela.sock"}, "ok"),
        ({"VELA_BIND": "0.0.0.0:8788"}, "fail"),
        ({"VELA_BIND": "books.lan:8788"}, "fail"),
        ({"VELA_BIND": "0.0.0.0:8788", "VELA_ALLOW_HTTP": "1"}, "warn"),
        ({"VELA_BIND": "0.0.0.0:8788", "VELA_TRUSTED_PROXIES": "1"}, "ok"),
    ],
)
def test_passwords_in_clear(tmp_path: Path, told: dict[str, str], verdict: str) -> None:
    assert of(network.encryption(settings_of(tmp_path, **told))) == [(verdict, "encryption")]


@pytest.mark.parametrize(
    ("told", "ports", "verdict"),
    [
        ({}, set[int](), "ok"),
        ({}, {443}, "warn"),
        ({"VELA_TRUSTED_PROXIES": "1"}, {80, 443}, "ok"),
        ({"VELA_TRUSTED_PROXIES": "1"}, {22}, "warn"),
        ({"VELA_TRUSTED_PROXIES": "1", "VELA_BIND": "0.0.0.0:8788"}, {443}, "warn"),
        ({"VELA_TRUSTED_PROXIES": "1", "VELA_BIND": "unix:/run/vela.sock"}, {443}, "ok"),
    ],
)
def test_as_many_proxies_as_there_are(tmp_path: Path, told: dict[str, str], ports: set[int], verdict: str) -> None:
    assert of(network.proxies(settings_of(tmp_path, **told), ports)) == [(verdict, "proxies")]


def test_ports_that_something_listens_on() -> None:
    tables = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:01BB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1
   1: 0100007F:2254 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2
   2: 0100007F:0050 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 3
"""
    assert network.listening(tables) == {443, 8788}


def test_root() -> None:
    assert [of(network.user(uid)) for uid in (0, 1000)] == [[("warn", "user")], [("ok", "user")]]


# ---------- the books


@pytest.mark.parametrize(
    ("version", "verdict"), [((3, 40, 1), "warn"), ((3, 51, 2), "warn"), ((3, 51, 3), "ok"), ((4, 0, 0), "ok")]
)
def test_an_old_sqlite(version: tuple[int, ...], verdict: str) -> None:
    assert of(books.engine(version)) == [(verdict, "sqlite")]


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (WELL, [("ok", "database"), ("ok", "check")]),
        (Standing("unreachable", "unknown", None, None), [("fail", "database")]),
        (Standing("ok", "outdated", None, None), [("fail", "database")]),
        (Standing("ok", "missing", None, None), [("fail", "database")]),
        (replace(WELL, writable=False), [("fail", "database"), ("ok", "check")]),
        (replace(WELL, stopped=True, check_ok=False), [("ok", "database"), ("fail", "read_only"), ("fail", "check")]),
        (replace(WELL, check_ok=None, check_age=None), [("ok", "database"), ("warn", "check")]),
        (replace(WELL, check_age=OLD.total_seconds() + 1), [("ok", "database"), ("warn", "check")]),
    ],
)
def test_how_the_books_stand(found: Standing, told: list[tuple[str, str]]) -> None:
    assert of(list(books.standing(found))) == told


def test_webhooks_that_fail_or_were_turned_off() -> None:
    well = Queue(3, now(), 0, 0, None)
    assert of(books.webhooks(well)) == [("ok", "webhooks")]
    assert of(books.webhooks(replace(well, failing_since=now() - timedelta(minutes=59)))) == [("ok", "webhooks")]
    failing = books.webhooks(replace(well, failing_since=now() - timedelta(hours=5)))
    assert of(failing) == [("warn", "webhooks")]
    assert "5 hours; 3 events wait" in failing.words
    assert of(books.webhooks(replace(well, off=1))) == [("warn", "webhooks")]
    assert of(list(books.standing(replace(WELL, webhooks=well)))) == [
        ("ok", "database"), ("ok", "check"), ("ok", "webhooks"),
    ]  # fmt: skip


def test_a_backup_that_is_missing_or_old() -> None:
    found = [books.backup(age) for age in (None, OLD.total_seconds() + 1, OLD.total_seconds(), 0.0)]
    assert [each.verdict.value for each in found] == ["fail", "fail", "ok", "ok"]


def test_demo_accounts() -> None:
    told = [
        books.demo(names, reachable=reachable)
        for names, reachable in (([], True), (["admin"], False), (["admin"], True))
    ]
    assert [each.verdict.value for each in told] == ["ok", "warn", "fail"]


def test_a_clock_that_cannot_be_right() -> None:
    noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
    told = [(noon, None), (noon, noon), (noon, noon + timedelta(seconds=1)), (noon.replace(year=1970), None)]
    assert [books.clock(*each).verdict.value for each in told] == ["ok", "ok", "fail", "fail"]


def test_a_server_that_forgets() -> None:
    good = dict.fromkeys(("fsync", "full_page_writes", "synchronous_commit"), "on") | {"is_superuser": "off"}
    assert list(books.server(good)) == []
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        assert of(list(books.server(good | {name: "off"}))) == [("fail", f"postgresql_{name}")]
    assert of(list(books.server(good | {"is_superuser": "on"}))) == [("warn", "postgresql_role")]


# ---------- a visit, and the command


def codes(settings: Settings, database: Database) -> dict[str, str]:
    return {each.code: each.verdict.value for each in visit(settings, database)}


def test_a_visit_finds_what_is_there(settings: Settings, database: Database) -> None:
    checking.check(database)
    found = codes(settings, database)
    assert (found["database"], found["check"], found["clock"], found["demo"], found["backup"]) == ("ok",) * 4 + (
        "fail",
    )
    assert ("sqlite" in found, "postgresql_synchronous_commit" in found) == (
        (True, False) if database.is_sqlite else (False, True)
    )
    with database.transaction() as session:
        seed_demo(session)
    assert codes(settings, database)["demo"] == "warn"


def test_a_visit_finds_a_clock_that_was_set_back(settings: Settings, database: Database) -> None:
    with database.transaction() as session:
        make.offer(session)
    with time_machine.travel(now() - timedelta(days=400)):
        assert codes(settings, database)["clock"] == "fail"


def test_a_visit_finds_stopped_books(settings: Settings, database: Database) -> None:
    with database.transaction() as session:
        make.sale(session, make.offer(session))
        session.execute(text("UPDATE month_sums SET revenue = revenue + 1"))
    checking.check(database)
    found = codes(settings, database)
    assert (found["read_only"], found["check"]) == ("fail", "fail")


def run(settings: Settings, *words: str, **told: str) -> Result:
    variables = {"VELA_DATA_DIR": str(settings.data_dir), "VELA_DATABASE_URL": settings.database_url} | told
    return CliRunner().invoke(main, ["doctor", *words], env=variables)


def test_the_command_says_one_line_each_and_fails_when_something_does(settings: Settings) -> None:
    settings.secret()
    ended = run(settings)
    assert ended.exit_code == 1
    assert all(line.startswith(("ok    ", "warn  ", "fail  ")) for line in ended.stdout.splitlines())
    assert "fail  There is no verified backup. Do: vela backup" in ended.stdout
    told = json.loads(run(settings, "--json").stdout)
    assert len(told) == len(ended.stdout.splitlines())
    assert {"verdict": "fail", "code": "backup"}.items() <= next(
        each for each in told if each["code"] == "backup"
    ).items()


def test_a_setting_that_makes_no_sense_is_a_finding(settings: Settings) -> None:
    ended = run(settings, VELA_WORKERS="4", VELA_DATABASE_URL=f"sqlite:///{settings.data_dir}/vela.db")
    assert (ended.exit_code, ended.stdout.count("\n")) == (1, 1)
    assert ended.stdout.startswith("fail  VELA_WORKERS is more than 1")


def test_books_that_are_away_are_a_finding(tmp_path: Path) -> None:
    away = settings_of(tmp_path, VELA_DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
    assert "fail  The database does not answer." in run(away).stdout
