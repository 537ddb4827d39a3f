"""What every command stands on: settings, connections, how it answers, how it fails."""

import asyncio
import json
import logging
import sys
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, NoReturn, TypeVar
from uuid import UUID

import structlog
import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError

from app.core.db import AWAY, Database
from app.core.errors import CloudrotaError
from app.core.log import scrub
from app.core.setting_faults import NotSet, faults
from app.core.settings import Settings, settings
from app.core.storage import ObjectStorage
from app.integrations.stripe_client import StripeClient
from app.services.artifacts import storage
from app.tasks.publisher import RedisPublisher

Result = TypeVar("Result")

AsJson = Annotated[
    bool, typer.Option("--json", help="Answer one JSON object, for programs.")
]
Organization = Annotated[UUID, typer.Argument(help="The organization's id.")]

REFUSED = 1
UNUSABLE = 2  # asked for wrongly, or not configured for it


@dataclass(frozen=True, slots=True)
class Ground:
    settings: Settings
    database: Database
    publisher: RedisPublisher

    @property
    def files(self) -> ObjectStorage:
        return storage(self.settings)

    @property
    def stripe(self) -> StripeClient | None:
        has_one = self.settings.stripe_api_key is not None
        return StripeClient.of(self.settings) if has_one else None


def keep_answers_alone() -> None:
    """On stdout; what is logged is on stderr, and only what somebody should know."""
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.format_exc_info,
            scrub,
            structlog.dev.ConsoleRenderer(colors=False),
        ],
        cache_logger_on_first_use=False,
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def configured() -> Settings:
    """The settings; what is wrong with them ends the process, each by its name."""
    try:
        return settings()
    except (ValidationError, SettingsError) as error:
        stop("\n".join(faults(error)), code=UNUSABLE)


def run(act: Callable[[Ground], Awaitable[Result]]) -> Result:
    """Do it, connected."""
    given = configured()
    with refusing():
        return asyncio.run(_connected(given, act))


@contextmanager
def refusing() -> Iterator[None]:
    """What a rule refuses, and what is away or not set, ends the process with its
    sentence; anything else is a fault of ours and stays one."""
    try:
        yield
    except NotSet as error:
        stop(str(error), code=UNUSABLE)
    except CloudrotaError as error:
        stop(f"{error.title}: {error}")
    except AWAY as error:
        stop(f"The database cannot be used: {error}")


async def _connected(
    given: Settings, act: Callable[[Ground], Awaitable[Result]]
) -> Result:
    publisher = RedisPublisher(given)
    database = Database(given, publisher)
    try:
        return await act(Ground(given, database, publisher))
    finally:
        await database.close()
        await publisher.close()


def print_lines(lines: Callable[[Ground], AsyncIterator[str]]) -> str:
    """Print them as they come; the last one."""
    return run(partial(_print, lines))


async def _print(lines: Callable[[Ground], AsyncIterator[str]], ground: Ground) -> str:
    line = ""
    async for line in lines(ground):
        typer.echo(line)
    return line


def say(answer: Mapping[str, Any], *, as_json: bool) -> None:
    """One JSON object, or a line for each member."""
    if as_json:
        typer.echo(json.dumps(answer, default=str))
        return
    for name, value in answer.items():
        typer.echo(f"{name.replace('_', ' ')}: {_in_words(value)}")


def _in_words(value: object) -> str:
    if isinstance(value, Mapping):
        return json.dumps(value, default=str) if value else "none"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(str, value)) or "none"
    return str(value)


def stop(said: str, *, code: int = REFUSED) -> NoReturn:
    sys.stderr.write(f"{said}\n")
    raise typer.Exit(code)
