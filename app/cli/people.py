"""What operators do about people: sessions, second factors, erasure."""

from dataclasses import asdict
from typing import Annotated
from uuid import UUID

import typer

from app.cli.ground import UNUSABLE, AsJson, run, say, stop
from app.tasks import end_sessions as ending
from app.tasks import erase as erasing
from app.tasks import forget_second_factor as forgetting

app = typer.Typer()


@app.command()
def end_sessions(
    person: Annotated[str | None, typer.Option(help="An address.")] = None,
    organization: Annotated[UUID | None, typer.Option(help="Of all members.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Sign somebody out everywhere, or all members of an organization, at once."""
    if (person is None) == (organization is None):
        stop("Give --person or --organization.", code=UNUSABLE)
    ended = run(
        lambda ground: ending.end_sessions(
            ground.database, person=person, organization=organization
        )
    )
    say(asdict(ended), as_json=as_json)


@app.command()
def forget_second_factor(
    email: Annotated[str, typer.Argument(help="Who has lost it.")],
    proof: Annotated[str, typer.Option(help="How it is known who asks.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Turn multi-factor sign-in off for who has lost it (runbook first)."""
    if len(proof.strip()) < forgetting.LEAST_PROOF:
        stop("Say in a sentence how it is known who asks.", code=UNUSABLE)
    ended = run(
        lambda ground: forgetting.forget_second_factor(
            ground.database, ground.settings, email, proof=proof
        )
    )
    say(asdict(ended), as_json=as_json)


@app.command()
def erase(
    ids: Annotated[
        list[UUID] | None, typer.Argument(help="These, whatever is due.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Erase the organizations and people whose time has come; the exit code is 1 while
    one of them waits for Stripe."""
    if ids:
        told = run(
            lambda ground: erasing.erase_again(
                ground.database, ground.files, ids, ground.stripe
            )
        )
    else:
        told = run(
            lambda ground: erasing.erase_due(
                ground.database, ground.files, ground.stripe
            )
        )
    say(told, as_json=as_json)
    if told.get("waiting"):
        raise typer.Exit(1)
