"""What a health check is: the listing it reads, the calls it adds for each resource,
and the pure function that judges one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

from app.aws.catalog.loader import Fact
from app.aws.unit import Verdict

CheckTier = Literal["curated", "generic", "reachable"]


class Judgement(NamedTuple):
    """A verdict and the sentence that says why."""

    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class Detail:
    """One more call for each resource; its answer joins the item as `into`.

    `inputs` makes the call's input from the item and the time; None means that there
    is nothing to ask, and `into` stays missing. A declared absence makes it None.
    `region` finds the resource's own region in the item, where it has one. `first_page`
    says why the first page of a paged answer is enough.
    """

    into: str
    service: str
    operation: str
    inputs: Callable[[Mapping[str, Any], datetime], Mapping[str, Any] | None]
    actions: tuple[str, ...]
    absent: Mapping[str, Fact] = field(default_factory=dict)
    region: Callable[[Mapping[str, Any]], str] | None = None
    paid: bool = False
    first_page: str | None = None


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """One kind of resource and how its health is told.

    `listing` is a catalog key. `actions` are all IAM actions it needs. `judge` gets the
    item as botocore parsed it, details included, and the time; it asks nothing itself.
    `facts` are JMESPaths of what is kept beside the verdict. `tier` says who tells the
    health: a person wrote how for this resource (`curated`), a list knows all words of
    its state (`generic`), or nobody, so that it says only that AWS answered
    (`reachable`).
    """

    key: str
    title: str
    listing: str
    actions: tuple[str, ...]
    judge: Callable[[Mapping[str, Any], datetime], Judgement]
    details: tuple[Detail, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    tier: CheckTier = "curated"

    @property
    def service(self) -> str:
        return self.key.partition(":")[0]


def by_word(what: str, word: object, words: Mapping[str, Verdict]) -> Judgement:
    """Judge by one state word. A word that is not in the table is unknown: never a
    guess, and never healthy."""
    if not word:
        return Judgement("unknown", f"AWS states no {what}.")
    verdict = words.get(str(word))
    if verdict is None:
        return Judgement("unknown", f"The {what} {str(word)!r} is not known.")
    return Judgement(verdict, f"The {what} is {word}.")


_ORDER: tuple[Verdict, ...] = (
    "unhealthy",
    "degraded",
    "unknown",
    "in_transition",
    "inactive",
    "reachable",
    "healthy",
)


def worst(*judgements: Judgement) -> Judgement:
    """The judgement that decides; of equals, the first."""
    return min(judgements, key=lambda one: _ORDER.index(one.verdict))


def by_parts(
    parts: str, states: Sequence[object], words: Mapping[str, Verdict]
) -> Judgement:
    """Judge a whole by the state words of its parts (`targets`): degraded while some
    fail, unhealthy once none works, inactive without any."""
    if not states:
        return Judgement("inactive", f"It has no {parts}.")
    if odd := {str(state) for state in states} - words.keys():
        listed = ", ".join(sorted(odd))
        return Judgement("unknown", f"Some {parts} are in unknown states: {listed}.")
    verdicts = [words[str(state)] for state in states]
    working = verdicts.count("healthy")
    seen = f"{working} of {len(verdicts)} {parts} are healthy."
    if working and "unhealthy" in verdicts:
        return Judgement("degraded", seen)
    return Judgement(min(verdicts, key=_ORDER.index), seen)


def reachable(_item: Mapping[str, Any], _now: datetime) -> Judgement:
    """For resources of which AWS keeps no health state."""
    return Judgement("reachable", "It is listed; AWS keeps no health state for it.")
