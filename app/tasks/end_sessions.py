"""Ends sessions at once: `python -m app.tasks.end_sessions --person=EMAIL`, or
`--organization=ID` for those of all its members, under the owner's login. API keys are
no sessions: they are revoked one by one. The last line is JSON."""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from app.core.db import Database, Login
from app.core.errors import NotFound
from app.core.settings import settings
from app.services import operator_acts
from app.services.operator_acts import Ended
from app.tasks import operator
from app.tasks.publisher import RedisPublisher


async def end_sessions(
    database: Database, *, person: str | None, organization: UUID | None
) -> Ended:
    """Raises NotFound."""
    name = operator.name()
    async with database.unit_of_work(Login.OWNER, actor=name) as session:
        if organization is not None:
            return await operator_acts.end_sessions_of_organization(
                session, organization, operator=name
            )
        return await operator_acts.end_sessions_of_person(
            session, person or "", operator=name
        )


async def _run(asked: argparse.Namespace) -> Ended:
    publisher = RedisPublisher(settings())
    database = Database(settings(), publisher)
    try:
        return await end_sessions(
            database, person=asked.person, organization=asked.organization
        )
    finally:
        await database.close()
        await publisher.close()


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m app.tasks.end_sessions")
    whose = parser.add_mutually_exclusive_group(required=True)
    whose.add_argument("--person", metavar="EMAIL")
    whose.add_argument("--organization", metavar="ID", type=UUID)
    asked = parser.parse_args(arguments)
    try:
        ended = asyncio.run(_run(asked))
    except NotFound as error:
        sys.stderr.write(f"{error.title}: no session was ended.\n")
        return 1
    sys.stdout.write(json.dumps(asdict(ended)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
