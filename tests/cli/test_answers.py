"""What a command logs leaves its answer alone, and no logger of the process changed."""

import pytest
import structlog

from app.cli import ground
from app.core.log import REDACTED


def test_logs_on_stderr_whatever_was_set_up_before(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = structlog.get_config()
    log = structlog.get_logger("of a module")
    structlog.configure(
        processors=[structlog.stdlib.add_logger_name],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    try:
        ground.keep_answers_alone()
        log.info("not worth it")
        log.critical("restore.noticed", password="canary")
    finally:
        structlog.configure(**before)
    told = capsys.readouterr()
    assert told.out == ""
    assert "restore.noticed" in told.err
    assert REDACTED in told.err
    assert "canary" not in told.err
    assert "not worth it" not in told.err
    assert "bind" not in vars(log), "it is not kept as it was for a command"
