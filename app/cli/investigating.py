"""What happened, whether it is told unchanged, and all that an organization has."""

import json
import os
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from app.cli.ground import UNUSABLE, AsJson, Ground, print_lines, run, say, stop
from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.permissions import Role
from app.services import audit_heads, organization_export
from app.tasks import explain, operator, verify_audit, verify_evidence

app = typer.Typer()


@app.command()
def explain_execution(
    id: Annotated[UUID, typer.Argument(help="Of an execution, a run or a task.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Tell all that is recorded of it: slot, hint, claim, worker, units, errors with
    category, code, request and missing action; and what it waits for now."""
    facts = run(
        lambda ground: explain.facts(
            ground.database, ground.settings, ground.publisher, id
        )
    )
    if facts is None:
        stop(f"There is no execution, run or task {id}.")
    if as_json:
        say(facts, as_json=True)
        return
    for line in facts["sentences"]:
        typer.echo(line)
    for unit in facts.get("units", ()):
        typer.echo(f"  {_of_unit(unit)}")


def _of_unit(unit: dict[str, object]) -> str:
    said = f"{unit['region']} {unit['key']}: {unit['status']}"
    error = unit["error"]
    if not isinstance(error, dict):
        return said
    told = [f"{name} {error[name]}" for name in explain.OF_ERROR if error.get(name)]
    return f"{said}, {', '.join(told)}"


@app.command("verify-audit")
def verify_audit_logs(
    organizations: Annotated[
        list[UUID] | None, typer.Argument(help="All, if none is named.")
    ] = None,
    heads: Annotated[
        Path | None, typer.Option(help="A file of kept heads, one a line.")
    ] = None,
) -> None:
    """Is any audit log changed or cut? The last line is JSON; the exit code is 1 if
    anything does not fit."""
    lines = heads.read_text("utf-8").splitlines() if heads else []
    try:
        kept = [audit_heads.read_line(line) for line in lines if line.strip()]
    except ValueError as error:
        stop(str(error), code=UNUSABLE)
    last = print_lines(
        lambda ground: verify_audit.verify(ground.database, organizations or [], kept)
    )
    if json.loads(last)["faults"]:
        raise typer.Exit(1)


@app.command("verify-evidence")
def verify_a_bundle(
    file: Annotated[Path, typer.Argument(help="The bundle.")],
    key: Annotated[
        str,
        typer.Option(help="The public key, its fingerprint, or a file of keys."),
    ],
    heads: Annotated[Path | None, typer.Option(help="A file of kept heads.")] = None,
) -> None:
    """Is a bundle of evidence whole and ours? Needs no settings. The exit code is 1 for
    what does not hold, 2 for what cannot be read."""
    raise typer.Exit(verify_evidence.verify(file, key, heads))


@app.command()
def export(
    organization: Annotated[UUID, typer.Argument(help="Its id.")],
    to: Annotated[Path, typer.Option(help="A new file, for you alone to read.")],
) -> None:
    """Write all that an organization has into one JSON document, as its owner could;
    that it was done is in its audit log."""
    actor = Actor(organization, explain.NOBODY, explain.NOBODY, Role.OWNER)

    async def act(ground: Ground) -> int:
        async with explain.as_owner(ground.database, organization) as session:
            if not await organization_export.exists(session, organization):
                raise NotFound("There is no such organization.")
            await operator.record(
                session,
                organization,
                action="operator.export",
                subject_type="organization",
                subject_id=organization,
            )
        size = 0
        with os.fdopen(_new(to), "w", encoding="utf-8") as file:
            async for piece in organization_export.stream(ground.database, actor):
                size += file.write(piece)
        return size

    typer.echo(f"{run(act)} characters written to {to}")


def _new(path: Path) -> int:
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        stop(f"{path}: {error.strerror}", code=UNUSABLE)
