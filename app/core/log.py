"""Structured logs: one JSON object a line, with the ids of request, organization,
execution and trace; secrets are scrubbed before a line is written."""

import logging
import re
import sys
from collections.abc import MutableMapping
from functools import lru_cache

import structlog

from app.core import tracing
from app.core.settings import Settings

_SECRET_NAME = re.compile(
    r"password|passwd|secret|token|authorization|cookie|api_?key|credential_?keys",
    re.IGNORECASE,
)
_SECRET_TEXT = re.compile(
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"  # access key ids
    r"|\bcr_live_[0-9A-Za-z]{12}_[0-9A-Za-z]+"  # API keys
    r"|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]+"  # JWTs
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"  # user:password in URLs
    r"|(?i:bearer\s+)\S{16,}"
)
REDACTED = "[redacted]"
# At DEBUG they write every answer of AWS, and the session token of every request.
_TELL_ALL = ("boto3", "botocore", "urllib3")


def scrub(
    _logger: object, _method: str, event: MutableMapping[str, object]
) -> MutableMapping[str, object]:
    """A structlog processor: masks members named like secrets and texts that look
    like one, at any depth."""
    return {key: _scrub_member(key, value) for key, value in event.items()}


def _scrub_member(key: str, value: object) -> object:
    return REDACTED if _is_secret(key) else _scrub_value(value)


@lru_cache(maxsize=1024)
def _is_secret(name: str) -> bool:
    return _SECRET_NAME.search(name) is not None


def _scrub_value(value: object) -> object:
    if isinstance(value, str):
        return _SECRET_TEXT.sub(REDACTED, value)
    if isinstance(value, dict):
        return {str(key): _scrub_member(str(key), item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_scrub_value(item) for item in value]
    return value


def configure_logging(settings: Settings, process: str) -> None:
    """Send our logs and the libraries' through one JSON renderer to stderr."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        tracing.name_trace,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        scrub,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level)
    for name in _TELL_ALL:
        logging.getLogger(name).setLevel(max(logging.INFO, root.level))
    structlog.contextvars.bind_contextvars(process=process)
