"""Examples for the document: the answers that the curl lines of docs/api.md get, kept beside the calls.

Record what is missing, or no longer fits, with: python -m tests.api.recording
"""

import json
import re
from tempfile import TemporaryDirectory
from typing import Any, cast

import time_machine
from flask import Flask
from flask_openapi.openapi import OpenAPI
from pyotp.totp import TOTP

from tests import make
from tests.api.conftest import Program, signed_in
from tests.api.fitting import JSON, examples, faults, operations, success
from tests.api.test_curl_lines import Caller, curl_lines
from vela import schema
from vela.app import create_app
from vela.blueprints.api.documenting import CSV, RECORDED, document
from vela.clock import now
from vela.db import Database
from vela.seeding import seed_essentials, seed_offers
from vela.settings import Settings

NOW = "2026-11-21T10:00:00Z"
SECRET = re.compile(r"(eyJ|vela_pat_|whsec_)[A-Za-z0-9_.+/=-]+")
UNPREFIXED = re.compile(r"\b([A-Z2-7]{4})[A-Z2-7]{28}\b|\b([a-z2-7]{4})(-[a-z2-7]{4}){3}\b")
# What chance makes is the same in every recording, so that nothing changes where nothing was changed.
BY_CHANCE = {
    re.compile(r"msg_[0-9a-f]{32}"): "msg_0d5b8c1e7f3a4296b8d0e4c2a6f91357",
    re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"): "70561619-39a4-4327-9b82-fee29f74806f",
    re.compile(r'(?<="prev_hash": ")[0-9a-f]{64}'): "852c60c952f93efcb2014b28ce647fc8fb2bae47b456c075094f5419d561186e",
    re.compile(r'(?<="hash": ")[0-9a-f]{64}'): "1ba7bd0eaa0e5171799e3737d5c2693a6048472d99b43c8d3c3a33b1efa82def",
}
AT_MOST = 1
LINES = 3


def wanting(document: dict[str, Any]) -> dict[tuple[str, str], str]:
    """The calls that answer JSON and have no example of it, or one that does not fit, with the name of its file."""
    return {
        call: operation["operationId"]
        for call, operation in operations(document).items()
        if JSON in (said := success(operation)[1]).get("content", {})
        and (
            not examples(said["content"][JSON])
            or any(faults(document, said["content"][JSON]["schema"], seen) for seen in examples(said["content"][JSON]))
        )
    }


def without_file(document: dict[str, Any]) -> dict[tuple[str, str], str]:
    """The calls that answer a CSV file and show none, with the name of their example."""
    return {
        call: operation["operationId"]
        for call, operation in operations(document).items()
        if CSV in (said := success(operation)[1]).get("content", {}) and not examples(said["content"][CSV])
    }


def of_document(document: dict[str, Any], method: str, path: str) -> tuple[str, str]:
    """The call of the document that a line's method and path are."""
    bare = path.partition("?")[0]
    return next(
        call
        for call in sorted(operations(document))
        if call[0] == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", call[1]), bare)
    )


def record(app: Flask) -> list[str]:
    """Write the examples that are wanting; returns the names of their calls."""
    said = document(cast("OpenAPI", app))
    wanted = wanting(said)
    program = Program(app)
    answer = program.log_in("salma")
    program.token = answer.json["token"]
    seen, files = {("POST", "/api/auth/login"): answer.json}, dict[tuple[str, str], str]()
    caller = Caller(program)
    for line in curl_lines():
        method, path, _sent = caller.understood(line)
        answer = caller.send(line)
        if answer.mimetype == JSON:
            seen.setdefault(of_document(said, method, path), answer.json)
        elif answer.mimetype == CSV:
            files.setdefault(of_document(said, method, path), answer.text)
    seen |= second_factor_seen(signed_in(app, "salma"))
    RECORDED.mkdir(exist_ok=True)
    for call in without_file(said).keys() & files.keys():
        (RECORDED / f"{without_file(said)[call]}.csv").write_text(beginning(files[call]), encoding="utf-8")
    for call in wanted.keys() & seen.keys():
        (RECORDED / f"{wanted[call]}.json").write_text(written(seen[call]), encoding="utf-8")
    for file in RECORDED.iterdir():
        if file.stem not in {operation["operationId"] for operation in operations(said).values()}:
            file.unlink()
    return sorted(wanted[call] for call in wanted.keys() & seen.keys())


def second_factor_seen(person: Program) -> dict[tuple[str, str], Any]:
    """What setting up a second factor answers, which no line does: it would end what all others are signed in with."""
    path, password = "/api/auth/second-factor", {"current_password": make.PASSWORD}
    begun = person.post(path, password).json
    code = {"code": TOTP(begun["secret"]).at(int(now().timestamp()))}
    confirmed = person.post(f"{path}/confirm", password | code).json
    recovery = {"code": confirmed["recovery_codes"][0]}
    codes = person.post(f"{path}/codes", password | recovery).json
    return {("POST", path): begun, ("POST", f"{path}/confirm"): confirmed, ("POST", f"{path}/codes"): codes}


def written(seen: Any) -> str:
    """An answer as it is kept: one of many, no secret, not even of books that were thrown away, nothing by chance."""
    text = json.dumps(seen[:AT_MOST] if isinstance(seen, list) else seen, indent=2, ensure_ascii=False)
    for chance, always in BY_CHANCE.items():
        text = chance.sub(always, text)
    text = SECRET.sub(lambda found: f"{found[1]}…", text)
    return UNPREFIXED.sub(lambda found: f"{found[1] or found[2]}…", text) + "\n"


def beginning(text: str) -> str:
    """The first lines of a file, without the mark that spreadsheets know it by."""
    return "".join(text.removeprefix("\ufeff").splitlines(keepends=True)[:LINES])


def main() -> None:
    with TemporaryDirectory() as folder, time_machine.travel(NOW, tick=False):
        settings = Settings.from_environment({"VELA_DATA_DIR": folder})
        database = Database(settings.database_url)
        schema.upgrade(database)
        with database.transaction() as session:
            seed_essentials(session)
            seed_offers(session)
            make.user(session, "salma", display_name="Salma Bennis", role="admin")
        database.close()
        app = create_app(settings)
        print("\n".join(record(app)))  # noqa: T201
        app.extensions["vela"].database.close()


if __name__ == "__main__":
    main()
