"""Asks a catalog operation to its last page: pages, tokens, parents and their caps."""

import itertools
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.aws.call import Absent, Guard, call
from app.aws.catalog.loader import Feed, Operation, Pager, catalog
from app.aws.concurrency import in_order
from app.aws.errors import (
    AWSConfigurationError,
    AWSError,
    AWSServiceError,
    AWSServiceLimitError,
    catalog_fault,
    error,
)
from app.aws.paths import search
from app.aws.regions import HOME_REGION
from app.aws.session import TenantSession
from app.aws.unit import NotApplicable
from app.core.clock import now

PAGE_CAP = 5_000  # pages of one listing
LOOK_BACK = timedelta(hours=24)  # where a service wants to be told since when


@dataclass(frozen=True, slots=True)
class Found:
    """One raw item, the path it was found at, and the input it was asked with."""

    item: Any
    path: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """One catalog operation, asked in one region for one account."""

    operation: Operation
    session: TenantSession
    region: str
    guard: Guard

    def pages(self) -> Iterator[list[Found]]:
        """The items page by page; a page may be empty.

        Raises AWSError, NotApplicable, or what the guard raises.
        """
        for asked in in_order(self._begun, self._inputs()):
            for answer in asked.answers():
                yield self._items(answer, asked.params)

    def _begun(self, params: Mapping[str, Any]) -> "_Asked":
        """With its first answer; the further ones are asked for when wanted."""
        rest = self._answers(params)
        return _Asked(params, next(rest, None), rest)

    def failure(
        self, category: type[AWSError], code: str, message: str, **facts: Any
    ) -> AWSError:
        """A finding of our own about this listing, ready to be raised."""
        return error(
            category,
            code=code,
            message=message,
            service=self.operation.service,
            operation=self.operation.name,
            region=self.region,
            **facts,
        )

    # ── the input ────────────────────────────────────────────────────────────────

    def _inputs(self) -> Iterator[dict[str, Any]]:
        constants = self._constants()
        names = list(self.operation.fan_out)
        for values in itertools.product(*map(self._values, names)):
            params = {**constants, **dict(zip(names, values, strict=True))}
            if self.operation.feed is None:
                yield params
            else:
                for fed in self._fed(self.operation.feed):
                    yield {**params, **fed}

    def _values(self, name: str) -> list[str]:
        return _values(self.operation, name, self.region)

    def _constants(self) -> dict[str, Any]:
        asked, params = self.operation, dict(self.operation.params)
        if asked.pager and asked.pager.limit and asked.page_size:
            params[asked.pager.limit] = asked.page_size
        if asked.account_id:
            params[asked.account_id] = self._account_id()
        if asked.since:
            params[asked.since] = now() - LOOK_BACK
        if asked.until:
            params[asked.until] = now()
        return params

    def _account_id(self) -> str:
        if self.session.account_id is None:
            raise self.failure(
                AWSConfigurationError,
                "account_unknown",
                "The account's id must be known before this can be asked",
            )
        return self.session.account_id

    def _fed(self, feed: Feed) -> Iterator[dict[str, Any]]:
        """The input that each item of the parent listing, or each batch, makes."""
        parent = Listing(
            catalog().operation(f"{self.operation.service}:{feed.operation}"),
            self.session,
            self.region,
            self.guard,
        )
        for page in parent.pages():
            if not feed.batch:
                for found in page:
                    yield {**_carried(feed, found), **_taken(feed, found)}
                continue
            for start in range(0, len(page), feed.batch):
                batch = page[start : start + feed.batch]
                taken = [_taken(feed, found) for found in batch]
                lists = {name: [one[name] for one in taken] for name in feed.inputs}
                yield {**_carried(feed, batch[0]), **lists}

    # ── the answers ──────────────────────────────────────────────────────────────

    def _answers(self, params: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        seen: set[str] = set()
        token: dict[str, Any] = {}
        for _ in range(PAGE_CAP):
            answer = self._answer({**params, **token})
            if answer is None:
                return
            yield answer
            token = _next_input(self.operation.pager, answer)
            if not token:
                return
            if (mark := json.dumps(token, sort_keys=True)) in seen:
                raise self.failure(
                    AWSServiceError,
                    "repeated_token",
                    "The service answered the same page token twice; "
                    "the list cannot be read to its end",
                )
            seen.add(mark)
        raise self.failure(
            AWSServiceLimitError,
            "page_cap",
            f"The list has more than {PAGE_CAP:,} pages",
            advice="Exclude this operation, or ask for it in a task of its own.",
        )

    def _answer(self, params: Mapping[str, Any]) -> dict[str, Any] | None:
        """One answer; None where what was asked about is gone or absent."""
        try:
            answer = call(
                self.session,
                service=self.operation.service,
                operation=self.operation.name,
                region=self.region,
                params=params,
                guard=self.guard,
                absent=self.operation.absent,
                iam_actions=self.operation.iam,
            )
        except AWSError as failure:
            if self.operation.tier == "derived":
                raise catalog_fault(failure) from failure
            raise
        if isinstance(answer, Absent):
            if answer.fact == "not_applicable":
                raise NotApplicable(f"{self.operation.key}: {answer.code}")
            return None
        self._refuse_failures(answer)
        return answer

    def _refuse_failures(self, answer: Mapping[str, Any]) -> None:
        """Raise for an item that a batch could not describe, unless it is just gone."""
        failures = self.operation.failures
        if failures is None:
            return
        for failed in search(failures.path, answer) or ():
            reason = str(failed.get(failures.reason))
            if reason not in self.operation.absent:
                raise self.failure(
                    AWSServiceError,
                    reason,
                    f"{self.operation.name} could not describe an item: {reason}",
                )

    def _items(
        self, answer: Mapping[str, Any], params: Mapping[str, Any]
    ) -> list[Found]:
        return [
            Found(_kept(self.operation.keep, item, params), path, params)
            for path in self.operation.results
            for item in _listed(search(path or "@", answer))
        ]


def calls_at_least(operation: Operation, region: str) -> int:
    """How often AWS is asked where each answer is the last one, and no listing that
    feeds another one has an item."""
    calls = math.prod(
        len(_values(operation, name, region)) for name in operation.fan_out
    )
    if operation.feed is None:
        return calls
    parent = catalog().operation(f"{operation.service}:{operation.feed.operation}")
    return calls * calls_at_least(parent, region)


def _values(operation: Operation, name: str, region: str) -> list[str]:
    """The values of a fan-out that can be asked in this region."""
    at_home = () if region == HOME_REGION else operation.at_home.get(name)
    return [one for one in operation.fan_out[name] if one not in (at_home or ())]


@dataclass(frozen=True, slots=True)
class _Asked:
    """One input, the first answer to it (None where it is gone), and those to come."""

    params: Mapping[str, Any]
    first: dict[str, Any] | None
    rest: Iterator[dict[str, Any]]

    def answers(self) -> Iterator[dict[str, Any]]:
        if self.first is not None:
            yield self.first
            yield from self.rest


def _listed(found: Any) -> list[Any]:
    """A missing list is an empty one: the build proved that the model has the path."""
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def _kept(keep: tuple[str, ...], item: Any, params: Mapping[str, Any]) -> Any:
    """The item with those inputs that its answer does not repeat."""
    return {**{name: params[name] for name in keep}, **item} if keep else item


def _taken(feed: Feed, found: Found) -> dict[str, Any]:
    return {name: search(path, found.item) for name, path in feed.inputs.items()}


def _carried(feed: Feed, found: Found) -> dict[str, Any]:
    return {name: found.params[name] for name in feed.carry}


def _next_input(pager: Pager | None, answer: Mapping[str, Any]) -> dict[str, Any]:
    if pager is None or (pager.more and not search(pager.more, answer)):
        return {}
    tokens = zip(pager.inputs, pager.outputs, strict=True)
    found = {name: search(output, answer) for name, output in tokens}
    return {name: token for name, token in found.items() if token}
