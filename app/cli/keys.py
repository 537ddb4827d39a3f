"""Key-encryption keys."""

from typing import Annotated

import typer

from app.cli.ground import AsJson, Ground, run, say
from app.services import rewrapping
from app.services.key_providers import key_provider
from app.services.rewrapping import Report
from app.tasks import operator

app = typer.Typer()


@app.command()
def rotate_keys(
    *,
    count: Annotated[
        bool, typer.Option("--count", help="Open nothing, only count.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Wrap stored secrets anew under the active key, while the product runs. The exit
    code is 1 while anything is under another key, which is then still needed."""

    async def act(ground: Ground) -> Report:
        keys = key_provider(ground.settings)
        if count:
            return await rewrapping.look(ground.database, keys)
        name = operator.name()
        return await rewrapping.rewrap(ground.database, keys, operator=name)

    report = run(act)
    say(report.facts, as_json=as_json)
    if report.left:
        raise typer.Exit(1)
