"""Making an installation and seeing that it is well."""

import sys
from pathlib import Path
from typing import Annotated

import asyncpg
import typer
from alembic import command
from alembic.config import Config
from pydantic import ValidationError

from app.cli.ground import (
    REFUSED,
    UNUSABLE,
    AsJson,
    configured,
    refusing,
    run,
    say,
    stop,
)
from app.core import bootstrap as bootstrapping
from app.core import partitions as months
from app.core.bootstrap import UnsafeLogin
from app.core.db import Login, database_url
from app.core.fresh_secrets import fresh_secrets as made_secrets
from app.core.setting_faults import faults
from app.services import onboarding, registration
from app.tasks import checks, operator

app = typer.Typer()
_ALEMBIC = Path(__file__).parents[2] / "alembic.ini"


@app.command()
def fresh_secrets() -> None:
    """Print new secrets, by the names of their settings. Nothing is stored."""
    for name, value in made_secrets().items():
        typer.echo(f"{name}={value}")


@app.command()
def bootstrap() -> None:
    """Make the database and its logins, or renew their passwords. Needs
    DATABASE_BOOTSTRAP_URL, of who may create roles, and all four URLs of the logins."""
    configured()
    try:
        with refusing():
            bootstrapping.main()
    except ValidationError as error:
        stop("\n".join(faults(error)), code=UNUSABLE)
    except (UnsafeLogin, asyncpg.PostgresError) as error:
        stop(f"The logins cannot be made: {error}")
    except ValueError as error:
        stop(str(error), code=UNUSABLE)


@app.command()
def migrate() -> None:
    """Bring the tables up to date, then the partitions. Needs the owner's login."""
    given = configured()
    with refusing():
        database_url(given, Login.OWNER)
        command.upgrade(Config(_ALEMBIC), "head")
        months.main()


@app.command()
def partitions() -> None:
    """Make the next months' partitions, drop those that retention has emptied."""
    configured()
    with refusing():
        months.main()


@app.command()
def create_owner(
    email: Annotated[str, typer.Argument(help="Where the owner is reached.")],
    organization: Annotated[str, typer.Option(help="The organization's name.")],
    name: Annotated[str, typer.Option(help="The owner's name.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Make an organization and its owner, whose address the operator vouches for. The
    password is asked for, or is the first line of what is piped in."""
    password = _password()
    made = run(
        lambda ground: registration.create_owner(
            ground.database,
            ground.settings,
            email=email,
            password=password,
            name=name,
            organization_name=organization,
            operator=operator.name(),
        )
    )
    user, founded = made
    say({"user": user.id, "organization": founded.id}, as_json=as_json)


def _password() -> str:
    """No argument: those are seen by everybody on the machine."""
    if sys.stdin.isatty():
        answer: str = typer.prompt("Password", hide_input=True)
        return answer
    return sys.stdin.readline().rstrip("\n")


@app.command()
def check(*, as_json: AsJson = False) -> None:
    """See that the installation is well: one line for each thing, and what to do.
    The exit code is 1 unless all is well; what cannot be seen from here is not."""
    given = configured()
    seen = run(lambda ground: checks.look(ground.database, given, ground.publisher))
    if as_json:
        say({one.name: one._asdict() for one in seen}, as_json=True)
    for one in () if as_json else seen:
        typer.echo(f"{one.state:<8} {one.name:<14} {one.said}")
        if one.state != "ok":
            typer.echo(f"{'':<8} {'':<14} {one.todo}")
    if any(one.state != "ok" for one in seen):
        raise typer.Exit(REFUSED)


@app.command()
def onboarding_template() -> None:
    """Print the role for all customers as a CloudFormation template, which
    AWS_ONBOARDING_TEMPLATE_URL leads to."""
    typer.echo(onboarding.published())
