"""Health checks for resources that nobody has written one for: by the words of their
state where all of them are known, else only that AWS answered."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from app.aws.catalog.loader import Operation, catalog
from app.aws.catalog.state_words import meaning
from app.aws.paths import search
from app.aws.services.check import HealthCheck, Judgement


def check_over(operation: Operation) -> HealthCheck:
    """A check of the items of one listing; it has the listing's key."""
    chain = catalog().chain(operation)
    return HealthCheck(
        key=operation.key,
        title=_spoken(operation).capitalize(),
        listing=operation.key,
        actions=tuple(dict.fromkeys(action for one in chain for action in one.iam)),
        judge=_by_state(operation) if operation.tells_health else _reachable,
        facts={"state": operation.state} if operation.state else {},
        tier="generic" if operation.tells_health else "reachable",
    )


def can_be_checked(operation: Operation) -> bool:
    """Whether the items of a listing are resources of the account, seen one by one."""
    return operation.ownership == "owned" and not operation.step


def _by_state(
    operation: Operation,
) -> Callable[[Mapping[str, Any], datetime], Judgement]:
    path, what = str(operation.state), _spoken(operation)

    def judge(item: Mapping[str, Any], _now: datetime) -> Judgement:
        return _by_word(what, search(path, item))

    return judge


def _by_word(what: str, word: object) -> Judgement:
    if not word:
        return Judgement("unknown", f"AWS states no state of this {what}.")
    verdict = meaning(str(word))
    if verdict is None:
        return Judgement("unknown", f"The {what}'s state {str(word)!r} is not known.")
    return Judgement(verdict, f"The {what}'s state is {word}.")


def _reachable(_item: Mapping[str, Any], _now: datetime) -> Judgement:
    return Judgement(
        "reachable", "It is listed; nobody has said how to tell its health."
    )


def _spoken(operation: Operation) -> str:
    return operation.noun.replace("_", " ")
