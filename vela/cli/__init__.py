"""The command `vela`: everything an operator does at the server's own command line."""

import click

from vela import __version__
from vela.cli import books, demo, people, serving
from vela.cli.terminal import Commands


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="vela")
def main() -> None:
    """Vela: what every thing you sell earns, and why.

    Settings come from the environment; the README lists them. Each command says what it does with --help.
    """


for command in (
    serving.serve,
    books.migrate,
    books.seed,
    books.sums,
    people.user,
    people.token,
    demo.demo,
):
    main.add_command(command)
