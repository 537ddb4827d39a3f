"""Decisions made by hand: reads overrides/, and names the file and member at fault."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent / "overrides"
COMMON = "_common"
FIELDS = ("id", "arn", "name", "state")
# Members of a derived entry that an override may replace.
REPLACED = frozenset(
    {
        *FIELDS,
        *("results", "region", "noun", "scope", "feed", "absent", "fan_out"),
        *("page_size", "step", "keep", "home", "pager"),
        *("account_id", "since", "until", "at_home", "account"),
    }
)
OF_AN_OPERATION = REPLACED | {"params", "iam", "volatile", "default"}
NAMES = frozenset(
    {
        *("left_out", "not_default", "reference", "default", "iam_unknown"),
        *("operations", "ordered"),
    }
)
OF_A_SERVICE = NAMES | {
    *("iam_prefix", "iam", "category", "nouns", "title", "paid", "scope", "home"),
    *("not_listable", "needs_input"),
}


class BadOverride(Exception):
    """An override says something the models contradict; the message names its file and
    member."""

    def __init__(self, service: str, member: str, why: str) -> None:
        super().__init__(f"overrides/{service}.yaml: {member}: {why}")


@dataclass(frozen=True, slots=True)
class Rule:
    """Operations of any service, by their names, and what is to be known of them."""

    pattern: re.Pattern[str]
    why: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for all services. The first rule that matches tells the reason."""

    volatile: re.Pattern[str]
    ordered: re.Pattern[str]
    denied: tuple[Rule, ...] = ()
    not_default: tuple[Rule, ...] = ()
    reference: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided about one service."""

    service: str
    found: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._refuse_unknown("the file", self.found.keys() - OF_A_SERVICE)
        for name, entry in self.operations.items():
            odd = (entry or {}).keys() - OF_AN_OPERATION
            self._refuse_unknown(f"operations.{name}", odd)

    @property
    def operations(self) -> Mapping[str, Mapping[str, Any] | None]:
        found: Mapping[str, Mapping[str, Any] | None] = self.text("operations") or {}
        return found

    def text(self, member: str) -> Any:
        """A member of the file as YAML has it, None where it is missing."""
        return self.found.get(member)

    def names(self, member: str, name: str) -> bool:
        """Whether a list of operations has this one."""
        return name in (self.text(member) or ())

    def why(self, member: str, name: str) -> str | None:
        """The reason that a mapping of operations gives for this one."""
        reasons: Mapping[str, str] = self.text(member) or {}
        return reasons.get(name)

    def require_known(self, operations: Iterable[str]) -> None:
        """Raises BadOverride for a name that the SDK's model does not have."""
        known = set(operations)
        for member in sorted(NAMES):
            if unknown := sorted(set(self.text(member) or ()) - known):
                raise self.bad(member, f"the SDK has no {', '.join(unknown)}")

    def bad(self, member: str, why: str) -> BadOverride:
        return BadOverride(self.service, member, why)

    def _refuse_unknown(self, where: str, members: Iterable[str]) -> None:
        if odd := sorted(members):
            raise self.bad(where, f"no such member {', '.join(odd)}")


def rule_for(rules: Iterable[Rule], name: str) -> Rule | None:
    return next((rule for rule in rules if rule.pattern.search(name)), None)


def rules_of(common: Mapping[str, Any]) -> Rules:
    """The rules that hold for all services, from their YAML."""
    kinds = ("denied", "not_default", "reference")
    return Rules(
        re.compile(common["volatile"]),
        re.compile(common["ordered"]),
        **{kind: tuple(map(_rule, common.get(kind, ()))) for kind in kinds},
    )


def _rule(entry: Mapping[str, str]) -> Rule:
    return Rule(re.compile(entry["pattern"]), entry["why"])


def read_overrides(folder: Path = HERE) -> dict[str, Any]:
    """The rules for all services, beside `services`: what was decided about each."""
    found = {path.stem: _read(path) for path in sorted(folder.glob("*.yaml"))}
    return {**found.pop(COMMON), "services": found}


def _read(path: Path) -> dict[str, Any]:
    try:
        found = yaml.safe_load(path.read_text("utf-8"))
    except yaml.YAMLError as error:
        raise BadOverride(path.stem, "the file", f"is no YAML: {error}") from error
    return dict(found or {})
