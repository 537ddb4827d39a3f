"""Commands as an operator gives them, on this test's database."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from app.cli import ground
from app.cli.commands import app
from app.core.settings import Settings

Command = Callable[..., Awaitable[Result]]


@pytest.fixture
def command(
    configured: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Command]:
    """`await command("check", "--json")`; `given=` is what is piped in."""
    files = {"artifact_directory": str(tmp_path / "files")}
    own = configured.model_copy(update=files)
    monkeypatch.setattr(ground, "settings", lambda: own)

    before = structlog.get_config()
    ground.keep_answers_alone()

    async def give(*words: object, given: str | None = None) -> Result:
        """In a thread: each command has an event loop of its own."""
        arguments = [str(word) for word in words]
        invoke = partial(CliRunner().invoke, app, arguments, input=given)
        return await asyncio.to_thread(invoke)

    yield give
    structlog.configure(**before)
