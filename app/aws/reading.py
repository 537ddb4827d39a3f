"""One unit being read: its pages become named, redacted, JSON-safe resources, none of
them twice."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.model import Shape

from app.aws import regions
from app.aws.call import Guard
from app.aws.catalog.loader import Operation
from app.aws.catalog.shapes import element_shape
from app.aws.errors import (
    AWSConfigurationError,
    AWSServiceError,
    AWSServiceLimitError,
)
from app.aws.hostile import clean_document, content_hash
from app.aws.listing import Found, Listing
from app.aws.paths import search
from app.aws.redaction import redact
from app.aws.session import TenantSession
from app.aws.tags import tags_of
from app.aws.unit import GLOBAL, Item, Unit

UNIT_CAP = 200_000  # resources of one unit


@dataclass(slots=True)
class Reading:
    """Reads one unit once, through one catalog operation."""

    operation: Operation
    unit: Unit
    session: TenantSession
    guard: Guard
    _seen: set[str] = field(default_factory=set)

    @property
    def region(self) -> str:
        return region_asked(self.operation, self.unit)

    @property
    def listing(self) -> Listing:
        return Listing(self.operation, self.session, self.region, self.guard)

    def pages(self) -> Iterator[list[tuple[Found, Item]]]:
        """Each raw item beside the resource made of it, page by page."""
        shapes = self._shapes()
        for page in self.listing.pages():
            yield [(one, self._resource(one, shapes[one.path])) for one in page]

    def clean(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """The document made JSON-safe, or AWSServiceError where that cannot be."""
        return clean_document(
            dict(document),
            service=self.operation.service,
            operation=self.operation.name,
            region=self.region,
        )

    def masked(self, document: Any, shape: Shape | None = None) -> Any:
        return redact(
            document,
            service=self.operation.service,
            operation=self.operation.name,
            shape=shape,
        )

    def _shapes(self) -> dict[str, Shape]:
        client = self.session.client(self.operation.service, self.region)
        model = client.meta.service_model.operation_model(self.operation.name)
        paths = self.operation.results
        return {path: element_shape(model.output_shape, path) for path in paths}

    def _resource(self, found: Found, shape: Shape) -> Item:
        """Secrets are masked first, then the rest is made safe, then named."""
        masked = self.masked(found.item, shape)
        if isinstance(masked, dict):
            document = content = self.clean(masked)
        else:
            document = self.clean({"value": masked})
            content = document["value"]
        self._require_account(content)
        return Item(
            type=self.operation.type,
            id=self._identity(content),
            arn=_text(self.operation.arn, content),
            name=_text(self.operation.item_name, content),
            state=_text(self.operation.state, content),
            region=_text(self.operation.region, content) or self.unit.region,
            document=document,
            content_hash=content_hash(
                document,
                volatile=self.operation.volatile,
                ordered=self.operation.ordered,
            ),
            tags=tags_of(document),
        )

    def _require_account(self, content: Any) -> None:
        """Raise where the answer is another account's than the one we mean to read."""
        path, expected = self.operation.account, self.session.account_id
        found = search(path, content) if path else expected
        if found != expected:
            raise self.listing.failure(
                AWSConfigurationError,
                "account_mismatch",
                f"The credentials open account {found}, not {expected}",
            )

    def _identity(self, content: Any) -> str:
        identity = _text(self.operation.id, content)
        if not identity:
            raise self.listing.failure(
                AWSServiceError,
                "unidentified_resource",
                f"A {self.operation.noun} came without its {self.operation.id}",
            )
        if identity in self._seen:
            raise self.listing.failure(
                AWSServiceError,
                "hostile_or_oversized",
                f"The {self.operation.noun} {identity!r} was listed twice",
            )
        if len(self._seen) >= UNIT_CAP:
            raise self.listing.failure(
                AWSServiceLimitError,
                "unit_cap",
                f"There are more than {UNIT_CAP:,} resources of this kind",
            )
        self._seen.add(identity)
        return identity


def region_asked(operation: Operation, unit: Unit) -> str:
    """Where the unit's operation is asked."""
    if unit.region != GLOBAL:
        return unit.region
    return operation.home or regions.HOME_REGION


def _text(path: str | None, content: Any) -> str | None:
    found = search(path, content) if path else None
    return None if found is None else str(found)
