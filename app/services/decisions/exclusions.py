"""What a user chose to leave out of an account: whole units, or single resources."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ExclusionRule:
    """One entry of an account's exclusions. None means any; `by` is the name of who
    decided it. One that names a `type` or an `identity` leaves out resources, another
    one whole units, which are then not read at all."""

    by: str
    reason: str
    service: str | None = None
    region: str | None = None
    key: str | None = None
    type: str | None = None
    identity: str | None = None

    @property
    def is_of_resources(self) -> bool:
        return self.type is not None or self.identity is not None

    @property
    def sentence(self) -> str:
        return f"{self.by}: {self.reason}"

    def has(self, *, service: str, region: str, key: str) -> bool:
        return (
            self.service in (None, service)
            and self.region in (None, region)
            and self.key in (None, key)
        )


def parse(exclusions: Iterable[Mapping[str, Any]]) -> tuple[ExclusionRule, ...]:
    """The rules as an account stores them, each with who decided it and why."""
    names = ("service", "region", "key", "type", "identity")
    return tuple(
        ExclusionRule(one["by"], one["reason"], *(one.get(name) for name in names))
        for one in exclusions
    )


def excluding_unit(
    rules: Iterable[ExclusionRule], *, service: str, region: str, key: str
) -> ExclusionRule | None:
    """The first rule that leaves out the whole unit."""
    for rule in rules:
        if not rule.is_of_resources and rule.has(
            service=service, region=region, key=key
        ):
            return rule
    return None


def excluding_resource(
    rules: Iterable[ExclusionRule],
    *,
    service: str,
    region: str,
    key: str,
    type: str,
    identities: Collection[str | None],
) -> ExclusionRule | None:
    """The first rule that leaves out the resource. `region` is its own, which for a
    bucket is not its unit's; `identities` are its id and its ARN."""
    for rule in rules:
        if (
            rule.is_of_resources
            and rule.has(service=service, region=region, key=key)
            and rule.type in (None, type)
            and (rule.identity is None or rule.identity in identities)
        ):
            return rule
    return None
