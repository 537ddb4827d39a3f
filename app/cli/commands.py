"""All commands, in the order in which an installation needs them."""

import typer

from app.cli import installing, investigating, keys, people, plans, replaying, restoring

app = typer.Typer(
    help="Run an installation of Cloudrota. Each command needs the settings of the"
    " process that it stands in for (docs/configuration.md). Exit codes: 0 done,"
    " 1 refused or something is wrong, 2 asked for wrongly or not configured for it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for module in (installing, people, keys, investigating, restoring):
    app.registered_commands += module.app.registered_commands
app.add_typer(replaying.app, name="replay")
app.add_typer(plans.app, name="plans")
