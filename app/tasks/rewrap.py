"""Wraps stored secrets anew: `python -m app.tasks.rewrap [--count]`, under the owner's
login, with the keys of API and workers in its settings. `--count` opens nothing and
only counts. The last line is JSON; the exit code is 1 if anything is not under the
active key: its old key is still needed."""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import fields

from app.core.db import Database
from app.core.settings import Settings, settings
from app.services import rewrapping
from app.services.key_providers import key_provider
from app.services.rewrapping import Report
from app.tasks import operator
from app.tasks.publisher import RedisPublisher


async def _run(configured: Settings, *, only_count: bool) -> Report:
    keys = key_provider(configured)
    publisher = RedisPublisher(configured)
    database = Database(configured, publisher)
    try:
        if only_count:
            return await rewrapping.look(database, keys)
        return await rewrapping.rewrap(database, keys, operator=operator.name())
    finally:
        await database.close()
        await publisher.close()


def told(report: Report) -> str:
    """The report as one line of JSON."""
    kept = {one.name: getattr(report, one.name) for one in fields(report)}
    found = {"missing_keys": report.missing_keys, "left": report.left}
    return json.dumps(kept | found)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m app.tasks.rewrap")
    parser.add_argument("--count", action="store_true")
    asked = parser.parse_args(arguments)
    report = asyncio.run(_run(settings(), only_count=asked.count))
    sys.stdout.write(told(report) + "\n")
    return 1 if report.left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
