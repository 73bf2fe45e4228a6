# type: ignore
"""What each rule beside this file catches, and what it leaves alone: tried by `make security`, never run."""

# ruff: noqa: PGH003, DTZ011, ERA001, F821, PLW1510, PTH123, S102, S301, S307, S311, S324, S506, S602, S605, S608, S704, SIM115, UP031, UP032
import datetime
import hashlib
import math
import os
import pickle
import random
import subprocess
import time
import uuid
from pathlib import Path

import flask
import jwt
import sqlalchemy
import yaml
from flask import redirect, request, send_file
from markupsafe import Markup
from sqlalchemy import text


def money(amount, parts):
    # ruleid: money-as-binary-fraction
    float(amount)
    # ruleid: money-as-binary-fraction
    round(amount, 2)
    # ruleid: money-as-binary-fraction
    math.fsum(parts)
    # ruleid: money-as-binary-fraction
    sqlalchemy.Numeric(12, 2)
    # ok: money-as-binary-fraction
    sum(parts)


def sql(session, connection, name):
    # ruleid: sql-made-from-text
    session.execute(text(f"SELECT * FROM users WHERE name = '{name}'"))
    # ruleid: sql-made-from-text
    session.execute(text("SELECT * FROM users WHERE name = " + name))
    # ruleid: sql-made-from-text
    session.execute("SELECT * FROM users WHERE name = '%s'" % name)
    # ruleid: sql-made-from-text
    connection.exec_driver_sql("SELECT {}".format(name))
    # ok: sql-made-from-text
    session.execute(text("SELECT * FROM users WHERE name = :name"), {"name": name})
    # ok: sql-made-from-text
    connection.exec_driver_sql(f"DROP DATABASE {quoted(name)}")


def code(data):
    # ruleid: code-from-data
    eval(data)
    # ruleid: code-from-data
    exec(data)
    # ruleid: code-from-data
    pickle.loads(data)
    # ruleid: code-from-data
    yaml.load(data)
    # ok: code-from-data
    yaml.safe_load(data)


def programs(name):
    # ruleid: shell
    subprocess.run(f"ls {name}", shell=True)
    # ruleid: shell
    os.system("ls " + name)
    # ok: shell
    subprocess.run(["ls", name], check=True)


def clocks():
    # ruleid: time-past-the-clock
    datetime.datetime.now(datetime.UTC)
    # ruleid: time-past-the-clock
    datetime.date.today()
    # ruleid: time-past-the-clock
    time.time()
    # ok: time-past-the-clock
    time.monotonic()


def transactions(session):
    # ruleid: commit-outside-a-transaction
    session.commit()
    # ruleid: commit-outside-a-transaction
    session.rollback()
    # ok: commit-outside-a-transaction
    session.flush()


def redirects(response):
    # ruleid: redirect-to-what-was-sent
    redirect(request.args["next"])
    # ruleid: redirect-to-what-was-sent
    redirect(request.values.get("next", "/"), 303)
    # ruleid: redirect-to-what-was-sent
    redirect(request.referrer)
    # ruleid: redirect-to-what-was-sent
    response.headers["Location"] = request.form["back"]
    # ruleid: redirect-to-what-was-sent
    response.headers["HX-Redirect"] = request.headers.get("HX-Current-URL")
    # ok: redirect-to-what-was-sent
    redirect(safe_next(request.values.get("next", "")), 303)
    # ok: redirect-to-what-was-sent
    redirect("/login", 303)


def markup(name):
    # ruleid: markup-from-data
    Markup(name)
    # ruleid: markup-from-data
    Markup(f"<b>{name}</b>")
    # ruleid: markup-from-data
    flask.render_template_string(name)
    # ok: markup-from-data
    Markup("<b>{}</b>").format(name)


def cookies(response, token):
    # ruleid: cookie-within-reach-of-scripts
    response.set_cookie("token", token)
    # ok: cookie-within-reach-of-scripts
    response.set_cookie(**tickets.cookie(token, secure=True))


def tokens(token, key):
    # ruleid: token-without-checks
    jwt.decode(token, key, algorithms=["HS256"])
    # ruleid: token-without-checks
    jwt.decode(token, options={"verify_signature": False})
    # ok: token-without-checks
    jwt.decode(token, key, algorithms=[ALGORITHM], audience="page", issuer="vela", options={"require": ["exp"]})


def chance():
    # ruleid: guessable-chance
    random.randbytes(32)
    # ruleid: guessable-chance
    uuid.uuid1()
    # ok: guessable-chance
    uuid.uuid4()


def hashes(data):
    # ruleid: weak-hash
    hashlib.md5(data)
    # ruleid: weak-hash
    hashlib.sha1(data)
    # ok: weak-hash
    hashlib.sha256(data)


def files():
    # ruleid: file-named-by-a-request
    open(request.args.get("file"))
    # ruleid: file-named-by-a-request
    send_file(request.form["file"])
    # ok: file-named-by-a-request
    Path("static")


def logs(log, password, user):
    # ruleid: secret-in-the-log
    log.info("signing in with %s", password)
    # ruleid: secret-in-the-log
    log.warning("refused %s", request.authorization)
    # ok: secret-in-the-log
    log.info("signed in: %s", user.id)
