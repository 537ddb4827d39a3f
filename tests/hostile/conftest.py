"""The real worker on a database of the test's own, with an AWS that says what the test
wants it to say; and what is logged meanwhile."""

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import redirect_stderr
from io import StringIO

import pytest
import structlog

from app.core.log import configure_logging
from app.core.settings import Settings
from tests.truth import ground
from tests.truth.stage import Stage


@pytest.fixture
async def stage(configured: Settings) -> AsyncIterator[Stage]:
    async with ground.stage(configured) as stage:
        yield stage


@pytest.fixture
def logged(configured: Settings) -> Iterator[StringIO]:
    """What the process has written so far, as it is configured to log, with nothing
    left out for being unimportant."""
    everything = configured.model_copy(update={"log_level": "DEBUG"})
    root = logging.getLogger()
    before, level = root.handlers, root.level
    configuration = structlog.get_config()
    with redirect_stderr(StringIO()) as stream:
        configure_logging(everything, "test")
        yield stream
    root.handlers = before
    root.setLevel(level)
    structlog.configure(**configuration)
    structlog.contextvars.clear_contextvars()
