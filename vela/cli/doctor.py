"""The command that says what is misconfigured."""

import json

import click

from vela.cli.terminal import remark
from vela.db import Database
from vela.doctor.findings import Finding, Verdict, failure
from vela.doctor.visit import visit
from vela.language import gettext as _
from vela.language import ngettext
from vela.settings import BadSetting, Settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON array, for programs.")
def doctor(as_json: bool) -> None:
    """Say what is misconfigured here and what to do about it; exit status 1 when something fails."""
    found = _visited()
    if as_json:
        told = [{"verdict": each.verdict, "code": each.code, "words": each.words, "do": each.do} for each in found]
        click.echo(json.dumps(told))
    else:
        for each in found:
            click.echo(_line(each))
    failures = sum(each.verdict is Verdict.FAIL for each in found)
    if failures:
        remark(ngettext("%(count)d thing has to be mended.", "%(count)d things have to be mended.", failures))
        raise click.exceptions.Exit(1)


def _visited() -> list[Finding]:
    try:
        settings = Settings.from_environment()
    except BadSetting as wrong:
        return [failure("settings", str(wrong), _("Mend it where the service reads its settings."))]
    database = Database(settings.database_url)
    try:
        return list(visit(settings, database))
    finally:
        database.close()


def _line(found: Finding) -> str:
    return f"{found.verdict:<4}  {found.words}" + (f" {_('Do:')} {found.do}" if found.do else "")
