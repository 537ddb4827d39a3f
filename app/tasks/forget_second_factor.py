"""Turns multi-factor sign-in off for who has lost it, once identity is proven as
docs/runbooks/second-factor-lost.md says: `python -m app.tasks.forget_second_factor
EMAIL --proof=…`, under the owner's login. The last line is JSON."""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from app.core.db import Database, Login
from app.core.errors import MfaIsOff, NotFound
from app.core.settings import Settings, settings
from app.services import operator_acts
from app.services.operator_acts import Ended
from app.tasks import operator
from app.tasks.publisher import RedisPublisher

LEAST_PROOF = 20  # characters: who vouched, when, by which way


async def forget_second_factor(
    database: Database, configured: Settings, email: str, *, proof: str
) -> Ended:
    """Raises NotFound and MfaIsOff."""
    name = operator.name()
    async with database.unit_of_work(Login.OWNER, actor=name) as session:
        return await operator_acts.forget_second_factor(
            session, configured, email, operator=name, proof=proof
        )


async def _run(email: str, proof: str) -> Ended:
    publisher = RedisPublisher(settings())
    database = Database(settings(), publisher)
    try:
        return await forget_second_factor(database, settings(), email, proof=proof)
    finally:
        await database.close()
        await publisher.close()


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m app.tasks.forget_second_factor")
    parser.add_argument("email")
    parser.add_argument("--proof", required=True, help="how it is known who asks")
    asked = parser.parse_args(arguments)
    if len(asked.proof.strip()) < LEAST_PROOF:
        sys.stderr.write("Say in a sentence how it is known who asks.\n")
        return 2
    try:
        ended = asyncio.run(_run(asked.email, asked.proof))
    except (NotFound, MfaIsOff) as error:
        sys.stderr.write(f"{error.title}: nothing was done.\n")
        return 1
    sys.stdout.write(json.dumps(asdict(ended)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
