"""Plans and who has them."""

import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import typer

from app.cli.ground import Ground, Organization, run
from app.tasks import plans

app = typer.Typer(help="Plans and who has them. Each answers JSON.")


def _answer(act: Callable[[Ground], Awaitable[dict[str, Any]]]) -> None:
    typer.echo(json.dumps(run(act), default=str, indent=2))


@app.command()
def show() -> None:
    """The plans, their prices and limits."""
    _answer(lambda ground: plans.show(ground.database))


@app.command()
def overview() -> None:
    """Who has which plan, who owes, and of whom Stripe said what is not believed."""
    _answer(lambda ground: plans.overview(ground.database))


@app.command("set")
def change(
    plan: Annotated[str, typer.Argument(help="Its code.")],
    values: Annotated[
        list[str], typer.Argument(help="price=price_… or LIMIT=NUMBER or LIMIT=none.")
    ],
) -> None:
    """Change a plan, and fit to it those who have it."""
    _answer(lambda g: plans.change(g.database, g.settings, plan, values))


@app.command()
def give(
    organization: Organization,
    plan: Annotated[str, typer.Argument(help="Its code.")],
) -> None:
    """Give an organization a plan for nothing, until `charge`."""
    _answer(lambda g: plans.give(g.database, g.settings, organization, plan))


@app.command()
def charge(organization: Organization) -> None:
    """End the gift: it has the default plan, or what it has bought."""
    _answer(lambda g: plans.charge(g.database, g.settings, organization))
