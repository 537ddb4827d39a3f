"""An account that a test fills through the API and reads through the engine."""

from typing import Any

from app.aws.call import Absent, Guard, call
from app.aws.catalog.loader import Operation, catalog
from app.aws.engine import check_pages, list_pages
from app.aws.services.health import check_of
from app.aws.session import AWSKeys, Endpoint, TenantSession
from app.aws.unit import Finding, Item, Unit
from app.core.clock import now
from app.core.secret import Secret

ACCOUNT = "123456789012"  # moto's own, for keys it did not make
REGION = "eu-west-1"


class Account:
    def __init__(self, url: str) -> None:
        keys = AWSKeys("AKIAIOSFODNN7EXAMPLE", Secret("a-secret-of-the-tests"))
        self.session = TenantSession(keys, ACCOUNT, Endpoint(url))
        self.session.events.register_first("before-parse", _relabelled)

    def make(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        """Call an operation that changes something, in the tests' region."""
        answer = call(
            self.session,
            service=service,
            operation=operation,
            region=REGION,
            params=params,
            guard=Guard(),
        )
        assert not isinstance(answer, Absent)
        return answer

    def listed(self, key: str) -> list[Item]:
        unit = Unit("list", *_placed(catalog().operation(key)), key)
        pages = list_pages(unit, self.session, guard=Guard())
        return [item for page in pages for item in page]

    def checked(self, key: str) -> list[Finding]:
        listing = catalog().operation(check_of(key).listing)
        unit = Unit("health", *_placed(listing), key)
        pages = check_pages(unit, self.session, guard=Guard(), now=now())
        return [finding for page in pages for finding in page]


def _relabelled(response_dict: dict[str, Any], **_: object) -> None:
    """moto calls the JSON and the XML of older services a web page; AWS does not."""
    if not response_dict["body"].lstrip().lower().startswith((b"<!doctype", b"<html")):
        response_dict["headers"]["content-type"] = "application/octet-stream"


def _placed(operation: Operation) -> tuple[str, str]:
    return operation.service, "global" if operation.once_per_account else REGION
