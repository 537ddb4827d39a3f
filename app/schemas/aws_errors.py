"""A failure at AWS as it crosses the edge: its category and everything known of it."""

from typing import Literal

from app.schemas.base import Output


class AWSErrorRead(Output):
    """`retries` are requests sent beyond the first; `notes` begin with the kind of the
    failure: throttling, quota, expired, not_found …"""

    category: Literal[
        "AWSAuthenticationError",
        "AWSPermissionError",
        "AWSServiceLimitError",
        "AWSServiceError",
        "AWSConnectivityError",
        "AWSConfigurationError",
    ]
    code: str
    message: str
    service: str
    operation: str
    region: str
    request_id: str | None
    http_status: int | None
    missing_action: str | None
    resource: str | None
    deny_source: str | None
    advice: str
    retries: int
    phase: str
    notes: list[str]
