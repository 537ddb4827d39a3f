"""After a restore of the database (docs/runbooks/restore.md)."""

from typing import Annotated

import typer

from app.cli.ground import AsJson, run, say
from app.tasks import restore

app = typer.Typer()


@app.command()
def pause_after_restore(*, as_json: AsJson = False) -> None:
    """Have nothing planned and nothing begun on a restored database, before its
    processes start. Where Redis was kept, the beat notices by itself."""
    told = run(lambda ground: restore.pause(ground.database, ground.settings))
    say(told, as_json=as_json)


@app.command()
def resume_after_restore(
    *,
    nothing_lost: Annotated[
        bool,
        typer.Option("--nothing-lost", help="No commit is missing: go on with all."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Erase again whom the backup brought back, end what was at work when it was made,
    record the slots since as skipped, and go on. With --nothing-lost, as after a major
    upgrade, nothing is ended or skipped. Needs the owner's login, the stored files, and
    Stripe if there is one."""
    told = run(
        lambda ground: restore.resume(
            ground.database,
            ground.settings,
            ground.files,
            ground.stripe,
            nothing_lost=nothing_lost,
        )
    )
    say(told, as_json=as_json)
