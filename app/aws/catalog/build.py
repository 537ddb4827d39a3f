"""Generates catalog.json: `python -m app.aws.catalog.build`; with `--check` it only
says, by its exit code, whether the committed file is fresh."""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import yaml
from botocore.model import OperationModel, ServiceModel

from app.aws.catalog import derive, sources
from app.aws.catalog.derive import Entry, NotListable
from app.aws.catalog.shapes import element_shape, sensitive_paths

HERE = Path(__file__).parent
CATALOG = HERE / "catalog.json"
OVERRIDES = HERE / "overrides.yaml"
FIELDS = ("id", "arn", "name", "state")
REPLACED = frozenset(
    {
        *FIELDS,
        *("results", "region", "noun", "scope", "feed", "absent", "fan_out"),
        *("page_size", "step"),
    }
)
NEEDS_INPUT = "every listing it has needs input that no other listing supplies"
KNOWN = REPLACED | {"params", "iam", "volatile", "default"}


class BadOverride(Exception):
    """overrides.yaml says something the models contradict."""


def build(overrides: Mapping[str, Any]) -> dict[str, object]:
    """The catalog of the services that `overrides` names, as JSON."""
    chosen = overrides["services"]
    if unknown := sorted(set(chosen) - set(sources.known_services())):
        raise BadOverride(f"the SDK has no service {', '.join(unknown)}")
    return {
        "sources": sources.versions(),
        "regions": sources.regions(),
        "categories": sources.category_titles(),
        "services": {
            name: _Service(name, chosen[name] or {}, overrides).entry()
            for name in sorted(chosen)
        },
    }


class _Service:
    """One service's models beside what was decided about it by hand."""

    def __init__(
        self, name: str, decided: Mapping[str, Any], overrides: Mapping[str, Any]
    ) -> None:
        self.model: ServiceModel = sources.service_model(name)
        self.paginators = sources.paginators(name)
        own = decided.get("iam_prefix")
        self.prefixes = [own] if own else sources.iam_prefixes(self.model)
        self.decided = decided
        self.by_hand: Mapping[str, Any] = decided.get("operations", {})
        self.denied = [
            (re.compile(d["pattern"]), d["why"]) for d in overrides["denied"]
        ]
        self.volatile = re.compile(overrides["volatile"])
        self.scope = "global" if sources.is_global(name) else "regional"

    def entry(self) -> Entry:
        if unknown := sorted(self._named() - set(self.model.operation_names)):
            raise BadOverride(f"{self.model.service_name} has no {', '.join(unknown)}")
        for name, by_hand in self.by_hand.items():
            if odd := sorted((by_hand or {}).keys() - KNOWN):
                raise BadOverride(f"{name}: no such member {', '.join(odd)}")
        operations = dict(self._operations())
        return {
            "title": self.decided.get("title", self.model.metadata["serviceFullName"]),
            "category": self._category(),
            "iam_prefix": next(iter(self.prefixes), None),
            **self._listable(operations),
            "regions": None
            if self.scope == "global"
            else sources.regions_of(self.model),
            "operations": operations,
        }

    def _listable(self, operations: Entry) -> Entry:
        if why_not := self.decided.get("not_listable"):
            return {"listable": "not_applicable", "reason": why_not}
        if not operations:
            return {"listable": "needs_input", "reason": NEEDS_INPUT}
        return {"listable": "listable", "reason": None}

    def _named(self) -> set[str]:
        kinds = ("operations", "left_out", "not_default", "reference")
        return {name for kind in kinds for name in self.decided.get(kind, ())}

    def _category(self) -> str:
        category = self.decided.get("category") or sources.category_of(self.prefixes)
        if category is None:
            raise BadOverride(f"{self.model.service_name} needs a category")
        return str(category)

    def _operations(self) -> Iterator[tuple[str, Entry]]:
        for name in sorted(self.model.operation_names):
            try:
                yield name, self._operation(name)
            except NotListable as reason:
                if name in self.by_hand:
                    raise BadOverride(f"{name}: {reason}") from reason

    def _operation(self, name: str) -> Entry:
        self._refuse(name)
        by_hand: Mapping[str, Any] = self.by_hand.get(name) or {}
        model = self.model.operation_model(name)
        paginator = self.paginators.get(name, {})
        given = by_hand.get("params", {}).keys() | _fed(by_hand)
        filled = derive.fill(model, frozenset(given))
        results = by_hand.get("results") or derive.result_paths(model, paginator)
        entry: Entry = {
            **filled,
            **self._described(model, results),
            **{key: by_hand[key] for key in REPLACED & by_hand.keys()},
            "results": results,
            "params": {**filled.get("params", {}), **by_hand.get("params", {})},
            "pager": derive.pager(model, paginator),
            "iam": self._actions(name, by_hand),
            "volatile": self._volatile(model, results, by_hand),
        }
        if entry["id"] in entry["sensitive"]:
            raise NotListable("what identifies an item is masked")
        if "id" in by_hand:
            entry["guessed"] = False
        entry |= self._standing(name, entry, by_hand)
        return {key: entry[key] for key in sorted(entry) if entry[key]}

    def _refuse(self, name: str) -> None:
        if why := self.decided.get("left_out", {}).get(name):
            raise NotListable(why)
        if name in self.by_hand:
            return
        if not derive.VERB.match(name):
            raise NotListable("not a listing by its name")
        for pattern, why in self.denied:
            if pattern.search(name):
                raise NotListable(why)

    def _actions(self, name: str, by_hand: Mapping[str, Any]) -> list[str]:
        if "iam" in by_hand:
            actions = list(by_hand["iam"])
        else:
            one = self.decided.get("iam") or sources.action_of(self.prefixes, name)
            actions = [one] if one else []
        if not actions:
            raise NotListable("IAM knows no action of this name")
        if not all(map(sources.only_reads, actions)):
            raise NotListable("IAM does not call it List or Read")
        return actions

    def _described(self, model: OperationModel, results: list[str]) -> Entry:
        """Fields, sensitive members and failures, by the shapes at the result paths."""
        noun = derive.noun_of(model.name)
        shapes = [element_shape(model.output_shape, path) for path in results]
        found = [
            derive.fields(shape, noun, path)
            for shape, path in zip(shapes, results, strict=True)
        ]
        return {
            **{
                key: " || ".join(dict.fromkeys(f[key] for f in found if key in f))
                for key in FIELDS
            },
            "noun": derive.snake(noun),
            "guessed": any("guessed" in f for f in found),
            "sensitive": sorted({p for s in shapes for p in sensitive_paths(s)}),
            "failures": derive.failures(model),
        }

    def _volatile(
        self, model: OperationModel, results: list[str], by_hand: Mapping[str, Any]
    ) -> list[str]:
        known = {
            name
            for path in results
            for name in derive.names(element_shape(model.output_shape, path))
        }
        named = set(by_hand.get("volatile", ()))
        return sorted(named | {name for name in known if self.volatile.match(name)})

    def _standing(self, name: str, entry: Entry, by_hand: Mapping[str, Any]) -> Entry:
        """Tier, ownership, scope, category, and whether it is in the default set."""
        tier = self._tier(name, entry["iam"][0])
        reference = name in self.decided.get("reference", ())
        why_not = self.decided.get("not_default", {}).get(name)
        return {
            "tier": tier,
            "ownership": "reference" if reference else "owned",
            "scope": entry.get("scope", self.scope),
            "category": self._category_of_noun(entry["noun"]),
            "not_default": why_not
            or _why_not_default(entry | {"tier": tier}, by_hand, reference=reference),
        }

    def _tier(self, name: str, action: str) -> str:
        if name in self.by_hand:
            return "curated"
        # One action for every operation corroborates none of them.
        told_apart = "iam" not in self.decided
        corroborated = action.lower() in sources.corroborated_actions()
        return "corroborated" if told_apart and corroborated else "derived"

    def _category_of_noun(self, noun: str) -> str:
        for category, patterns in self.decided.get("nouns", {}).items():
            if any(fnmatch(noun, p) or noun.startswith(f"{p}_") for p in patterns):
                return str(category)
        return self._category()


def _fed(by_hand: Mapping[str, Any]) -> set[str]:
    feed = by_hand.get("feed", {})
    return {*feed.get("inputs", ()), *feed.get("carry", ())}


def _why_not_default(
    entry: Entry, by_hand: Mapping[str, Any], *, reference: bool
) -> str | None:
    reasons = {
        "derived from the model and confirmed by nothing else": entry["tier"]
        == "derived",
        "lists what AWS offers, not what the account owns": reference,
        "its items serve another listing": "step" in entry,
        "serves health checks": by_hand.get("default") is False,
        "what identifies an item is a guess": entry["guessed"],
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def render(catalog: Mapping[str, Any]) -> str:
    """JSON with one line per operation, so that a diff names what changed."""
    head = {key: value for key, value in catalog.items() if key != "services"}
    lines = [json.dumps(head, sort_keys=True)[:-1] + ', "services": {']
    for name, service in catalog["services"].items():
        about = {key: value for key, value in service.items() if key != "operations"}
        lines.append(
            f'"{name}": {json.dumps(about, sort_keys=True)[:-1]}, "operations": {{'
        )
        lines.append(
            ",\n".join(
                f'"{operation}": {json.dumps(entry, sort_keys=True)}'
                for operation, entry in service["operations"].items()
            )
        )
        lines.append("}},")
    lines[-1] = "}}"
    return "\n".join(line for line in lines if line) + "\n}}\n"


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--check", action="store_true")
    check = options.parse_args().check
    text = render(build(yaml.safe_load(OVERRIDES.read_text("utf-8"))))
    if not check:
        CATALOG.write_text(text, "utf-8")
        return 0
    fresh = CATALOG.exists() and CATALOG.read_text("utf-8") == text
    if not fresh:
        sys.stderr.write("catalog.json is stale: python -m app.aws.catalog.build\n")
    return 0 if fresh else 1


if __name__ == "__main__":
    raise SystemExit(main())
