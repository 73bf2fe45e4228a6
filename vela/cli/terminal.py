"""What the commands share: opening the books, speaking to a terminal, and turning a refusal into one line."""

import os
import sys
import uuid
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import datetime

import click
from sqlalchemy.exc import SQLAlchemyError

from vela import logs, schema
from vela.backup.swapping import refuse_interrupted
from vela.db import Database
from vela.errors import Invalid, Refusal
from vela.language import gettext as _
from vela.settings import BadSetting, Settings
from vela.tracing import request_id

FAULTS = (Refusal, BadSetting, SQLAlchemyError, OSError)


class Commands(click.Group):
    """A group of commands in which whatever is refused ends as one line on standard error, and exit status 1."""

    def invoke(self, ctx: click.Context) -> object:
        if ctx.parent is not None:
            return self._answer(ctx)
        return _told(ctx, self._answer)

    def _answer(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise  # whoever read our output has seen enough; click knows what to do
        except FAULTS as fault:
            raise click.ClickException(sentence(fault)) from fault


def _told(ctx: click.Context, act: Callable[[click.Context], object]) -> object:
    """Do it, and where a log is asked for, write how it ended. A server ends otherwise, and has a log of its own."""
    style = os.environ.get("VELA_LOG", "")
    if style not in ("json", "plain"):
        return act(ctx)
    logs.configure(logs.style_for(style))
    request_id.set(str(uuid.uuid4()))
    status = 0
    try:
        return act(ctx)
    except (click.ClickException, click.exceptions.Exit) as ended:
        status = ended.exit_code
        raise
    finally:
        if not isinstance(sys.exc_info()[1], SystemExit):
            logs.log().info("command", command=ctx.invoked_subcommand, status=status)


def sentence(fault: Exception) -> str:
    """What went wrong, in one line."""
    match fault:
        case Invalid():
            return " ".join(f"{issue.field}: {issue.message}" for issue in fault.issues)
        case SQLAlchemyError():
            return _("The database does not answer: %(words)s", words=_first_line(getattr(fault, "orig", fault)))
        case OSError(filename=str(path)):
            return f"{path}: {fault.strerror}"
        case _:
            return _first_line(fault)


def _first_line(fault: object) -> str:
    return str(fault).strip().partition("\n")[0]


@contextmanager
def books() -> Generator[Database]:
    """The database of the settings.

    Raises BadSetting; Conflict when its schema is not the one this program needs, or a restore is half way.
    """
    settings = Settings.from_environment()
    refuse_interrupted(settings)
    database = Database(settings.database_url)
    try:
        schema.require_current(database)
        yield database
    finally:
        database.close()


def remark(words: str) -> None:
    """Say something beside the result: standard output carries results alone, for scripts to read."""
    click.echo(words, err=True)


def show_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns as wide as their widest cell."""
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    for row in (headings, *rows):
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def moment(at: datetime | None) -> str:
    """An instant for a table, in UTC to the minute."""
    return f"{at:%Y-%m-%d %H:%M}Z" if at else "—"
