"""Doing once more what came from outside or goes there."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from app.cli.ground import UNUSABLE, AsJson, Ground, print_lines, run, say, stop
from app.core.actor import Actor
from app.core.permissions import Role
from app.services import delivery_log
from app.services.stripe_replay import Chosen
from app.tasks import explain, operator, route_again
from app.tasks import stripe_events as events

app = typer.Typer(help="Do once more what came from outside or goes there.")

Show = Annotated[bool, typer.Option("--list", help="Only show them.")]


def _instant(text: str) -> datetime:
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


@app.command()
def stripe_events(
    ids: Annotated[list[str] | None, typer.Argument(help="Stripe's ids.")] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            parser=_instant,
            metavar="INSTANT",
            help="Received since, as 2026-11-22T08:00:00Z; UTC without a zone.",
        ),
    ] = None,
    *,
    quarantined: Annotated[
        bool, typer.Option("--quarantined", help="Those that were not believed.")
    ] = False,
    show: Show = False,
) -> None:
    """Judge Stripe's events anew and fetch their subscriptions. Lines of JSON."""
    chosen = Chosen(ids or [], since, quarantined)
    if show:
        most = events.MOST_LISTED
        print_lines(lambda ground: events.show(ground.database, chosen, limit=most))
        return
    if chosen == Chosen([]):
        stop("Give ids, --since or --quarantined.", code=UNUSABLE)
    print_lines(lambda ground: events.replay(ground.database, ground.settings, chosen))


@app.command()
def notices(
    ids: Annotated[list[UUID] | None, typer.Argument(help="All, without ids.")] = None,
    *,
    show: Show = False,
) -> None:
    """Route again the notices that could not be routed. Lines of JSON."""
    if show:
        print_lines(lambda ground: route_again.show(ground.database))
    else:
        print_lines(lambda ground: route_again.again(ground.database, ids or []))


@app.command()
def delivery(
    organization: Annotated[UUID, typer.Argument(help="Whose it is.")],
    id: Annotated[UUID, typer.Argument(help="The delivery's id.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Send a delivery to a channel or webhook endpoint once more."""
    actor = Actor(organization, explain.NOBODY, explain.NOBODY, Role.OWNER)

    async def act(ground: Ground) -> dict[str, object]:
        async with explain.as_owner(ground.database, organization) as session:
            again = await delivery_log.replay(session, actor, id)
            await operator.record(
                session,
                organization,
                action="operator.replay_delivery",
                subject_type="delivery",
                subject_id=id,
            )
            return {"delivery": again.id, "status": again.status.value}

    say(run(act), as_json=as_json)
