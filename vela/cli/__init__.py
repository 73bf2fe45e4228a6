"""The command `vela`: everything an operator does at the server's own command line."""

import click

from vela import __version__
from vela.cli import agents, backups, books, demo, doctor, doors, people, proving, serving
from vela.cli.terminal import Commands


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="vela")
def main() -> None:
    """Vela: what every thing you sell earns, and why.

    Settings come from the environment; the README lists them. Each command says what it does with --help.
    """


for command in (
    serving.serve,
    agents.mcp,
    doors.init,
    books.migrate,
    books.seed,
    backups.backup,
    backups.restore,
    backups.copy,
    books.sums,
    proving.check,
    proving.audit,
    people.user,
    people.token,
    doors.secret,
    demo.demo,
    doctor.doctor,
):
    main.add_command(command)
