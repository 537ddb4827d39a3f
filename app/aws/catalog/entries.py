"""One service's part of the catalog: its models beside what was decided by hand."""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from typing import Any

from botocore.model import OperationModel, ServiceModel

from app.aws.catalog import derive, sources, state_words
from app.aws.catalog.decisions import FIELDS, REPLACED, Decided, Rules, rule_for
from app.aws.catalog.derive import Entry, NotListable
from app.aws.catalog.shapes import (
    NoSuchPath,
    element_shape,
    list_paths,
    sensitive_paths,
    words_at,
)
from app.aws.redaction import redact

ONLY_NAMED = "nothing of it is listed unless it is named; each operation says why"
THE_ACCOUNT = "'account'"
PLAIN = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


class ServiceEntry:
    """Builds the entry of one service; `entry` raises BadOverride."""

    def __init__(self, decided: Decided, rules: Rules) -> None:
        name = decided.service
        self.model: ServiceModel = sources.service_model(name)
        self.paginators = sources.paginators(name)
        own = decided.text("iam_prefix")
        self.prefixes = [own] if own else sources.iam_prefixes(self.model)
        self.decided = decided
        self.by_hand = decided.operations
        self.rules = rules
        default = "global" if sources.is_global(name) else "regional"
        self.scope = decided.text("scope") or default

    def entry(self) -> Entry:
        self.decided.require_known(self.model.operation_names)
        operations = dict(self._operations())
        self._require_feeds(operations)
        self._require_ordered(operations)
        title = self.decided.text("title") or self.model.metadata["serviceFullName"]
        return {
            "title": title,
            "category": self._category(),
            "iam_prefix": next(iter(self.prefixes), None),
            **self._listable(operations),
            "regions": None
            if self.scope == "global"
            else sources.regions_of(self.model),
            "operations": operations,
        }

    def _listable(self, operations: Entry) -> Entry:
        """Whether there is something to list, and why nothing is listed by default."""
        for member, answer in (
            ("not_listable", "not_applicable"),
            ("needs_input", "needs_input"),
        ):
            if reason := self.decided.text(member):
                if operations:
                    raise self.decided.bad(member, f"it has {', '.join(operations)}")
                return {"listable": answer, "reason": reason}
        if not operations:
            raise self.decided.bad(
                "not_listable", "it has no listing: say why, here or in needs_input"
            )
        reasons = {one.get("not_default") for one in operations.values()}
        if None in reasons:
            return {"listable": "listable", "reason": None}
        return {
            "listable": "listable",
            "reason": reasons.pop() if len(reasons) == 1 else ONLY_NAMED,
        }

    def _category(self) -> str:
        category = self.decided.text("category") or sources.category_of(self.prefixes)
        if category is None:
            raise self.decided.bad("category", "IAM's data do not place it: say it")
        return str(category)

    def _operations(self) -> Iterator[tuple[str, Entry]]:
        for name in sorted(self.model.operation_names):
            try:
                yield name, self.operation(name)
            except (NotListable, NoSuchPath) as error:
                if name in self.by_hand:
                    raise self.decided.bad(f"operations.{name}", str(error)) from error

    def _require_feeds(self, operations: Entry) -> None:
        for name, entry in operations.items():
            feed = entry.get("feed")
            if feed and feed["operation"] not in operations:
                raise self.decided.bad(
                    f"operations.{name}.feed", f"{feed['operation']} is not listed"
                )

    def _require_ordered(self, operations: Entry) -> None:
        for name in sorted((self.decided.text("ordered") or {}).keys() - operations):
            raise self.decided.bad("ordered", f"{name} is not listed")

    def operation(self, name: str) -> Entry:
        """The entry of one operation; raises NotListable, saying why it is none."""
        self._refuse(name)
        by_hand = self.by_hand.get(name) or {}
        model = self.model.operation_model(name)
        paginator = self._paginator(name)
        given = by_hand.get("params", {}).keys() | _given(by_hand)
        filled = derive.fill(model, frozenset(given))
        settings, results = self._results(model, by_hand)
        entry: Entry = {
            **filled,
            **self._described(model, results, settings=settings),
            **{key: by_hand[key] for key in REPLACED & by_hand.keys()},
            "results": results,
            "params": {**filled.get("params", {}), **by_hand.get("params", {})},
            "pager": by_hand.get("pager") or derive.pager(model, paginator),
            "iam": self._actions(name, by_hand),
            "volatile": self._volatile(model, results, by_hand),
            "ordered": self._ordered(model, results),
            "paid": self.decided.text("paid"),
            "home": by_hand.get("home") or self.decided.text("home"),
            "settings": settings,
        }
        self._refuse_masked(name, entry, model)
        if not entry["id"]:
            raise NotListable("an item has no text that could identify it")
        if "id" in by_hand:
            entry["guessed"] = False
        entry["tells_health"] = _tells_health(entry, model)
        entry |= self._standing(name, entry)
        return {key: entry[key] for key in sorted(entry) if entry[key]}

    def _results(
        self, model: OperationModel, by_hand: Mapping[str, Any]
    ) -> tuple[bool, list[str]]:
        """Whether it describes the account's settings, and where its items are."""
        if "results" in by_hand:
            return False, by_hand["results"]
        try:
            return False, derive.result_paths(model, self._paginator(model.name))
        except NotListable:
            path = derive.settings_path(model)
            if path is None:
                raise
            return True, [path]

    def _paginator(self, name: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.paginators.get(name, {})
        return found

    def _refuse(self, name: str) -> None:
        if why := self.decided.why("left_out", name):
            raise NotListable(why)
        if rule := rule_for(self.rules.denied, name):
            raise NotListable(rule.why)
        if name not in self.by_hand and not derive.VERB.match(name):
            raise NotListable("not a listing by its name")

    def _actions(self, name: str, by_hand: Mapping[str, Any]) -> list[str]:
        """The IAM actions it needs; none where they are not known."""
        if "iam" in by_hand:
            actions = list(by_hand["iam"])
        else:
            own = self.decided.text("iam")
            one = own or sources.action_of(self.prefixes, name)
            actions = [one] if one else []
        if not all(map(sources.only_reads, actions)):
            raise NotListable("IAM does not call it List or Read")
        return actions

    def _described(
        self, model: OperationModel, results: list[str], *, settings: bool
    ) -> Entry:
        """Fields, sensitive members and failures, by the shapes at the result paths."""
        noun = derive.noun_of(model.name)
        shapes = [element_shape(model.output_shape, path) for path in results]
        found = [
            {"id": THE_ACCOUNT}
            if settings
            else derive.fields(shape, noun, path, self._masked(model, shape))
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

    def _masked(self, model: OperationModel, item: Any) -> frozenset[str]:
        """Members of an item that are masked before anything is stored."""
        plain = dict.fromkeys(derive.members(item), "plain")
        masked = self._redacted(plain, model, item)
        return frozenset(name for name in plain if masked[name] != "plain")

    def _redacted(self, document: Any, model: OperationModel, item: Any) -> Any:
        service = self.model.service_name
        return redact(document, service=service, operation=model.name, shape=item)

    def _refuse_masked(self, name: str, entry: Entry, model: OperationModel) -> None:
        """An identity that is masked is the same for all: the second would be a
        duplicate."""
        for path in entry["results"]:
            item = element_shape(model.output_shape, path)
            for expression in str(entry["id"]).split(" || "):
                if not PLAIN.fullmatch(expression):
                    continue
                steps = expression.split(".")
                found = self._redacted(_nested(steps), model, item)
                for step in steps:
                    found = found[step]
                if found != "plain":
                    raise NotListable(f"{name}'s {expression}, its identity, is masked")

    def _volatile(
        self, model: OperationModel, results: list[str], by_hand: Mapping[str, Any]
    ) -> list[str]:
        known = {
            name
            for path in results
            for name in derive.names_within(element_shape(model.output_shape, path))
        }
        named = set(by_hand.get("volatile", ()))
        moving = {name for name in known if self.rules.volatile.match(name)}
        return sorted(named | moving)

    def _ordered(self, model: OperationModel, results: list[str]) -> list[str]:
        """The lists whose order means something, by their names and as decided; raises
        BadOverride for what is no list."""
        shapes = (element_shape(model.output_shape, path) for path in results)
        lists = set().union(*map(list_paths, shapes))
        names = {path.rpartition(".")[2] for path in lists}
        chosen: Mapping[str, list[str]] = self.decided.text("ordered") or {}
        by_hand = set(chosen.get(model.name, ()))
        if odd := sorted(by_hand - lists - names):
            why = f"it answers no list {', '.join(odd)}"
            raise self.decided.bad(f"ordered.{model.name}", why)
        return sorted(by_hand | set(filter(self.rules.ordered.match, names)))

    def _standing(self, name: str, entry: Entry) -> Entry:
        """Tier, ownership, scope, category, and whether it is in the default set."""
        tier = self._tier(name, entry["iam"])
        reference = self._reference(name)
        known = entry | {"tier": tier}
        return {
            "tier": tier,
            "ownership": "reference" if reference else "owned",
            "scope": entry.get("scope", self.scope),
            "category": self._category_of_noun(entry["noun"]),
            "not_default": entry["paid"]
            or self.decided.why("not_default", name)
            or reference
            or self._ruled_out(name)
            or _why_not_default(known, self.by_hand.get(name) or {}),
        }

    def _tier(self, name: str, actions: list[str]) -> str:
        if name in self.by_hand:
            return "curated"
        # One action for every operation corroborates none of them.
        told_apart = actions and not self.decided.text("iam")
        corroborated = sources.corroborated_actions()
        confirmed = told_apart and all(one.lower() in corroborated for one in actions)
        return "corroborated" if confirmed else "derived"

    def _reference(self, name: str) -> str | None:
        if self.decided.names("reference", name):
            return "lists what AWS offers, not what the account owns"
        if name in self.by_hand or self.decided.names("default", name):
            return None
        rule = rule_for(self.rules.reference, name)
        return rule.why if rule else None

    def _ruled_out(self, name: str) -> str | None:
        if name in self.by_hand or self.decided.names("default", name):
            return None
        rule = rule_for(self.rules.not_default, name)
        return rule.why if rule else None

    def _category_of_noun(self, noun: str) -> str:
        nouns: Mapping[str, list[str]] = self.decided.text("nouns") or {}
        for category, patterns in nouns.items():
            if any(fnmatch(noun, p) or noun.startswith(f"{p}_") for p in patterns):
                return str(category)
        return self._category()


def _given(by_hand: Mapping[str, Any]) -> set[str]:
    """Inputs that an override fills, so that no rule has to."""
    feed, fan_out = by_hand.get("feed", {}), by_hand.get("fan_out", {})
    times = {by_hand[key] for key in ("account_id", "since", "until") if key in by_hand}
    return {*feed.get("inputs", ()), *feed.get("carry", ()), *fan_out, *times}


def _nested(steps: list[str]) -> Any:
    document: Any = "plain"
    for step in reversed(steps):
        document = {step: document}
    return document


def _tells_health(entry: Entry, model: OperationModel) -> bool:
    """Whether the model names all words of the state, and each is known to us."""
    if not entry["state"] or not PLAIN.fullmatch(entry["state"]):
        return False
    items = [element_shape(model.output_shape, path) for path in entry["results"]]
    words = [words_at(item, entry["state"]) for item in items]
    return all(words) and all(map(state_words.tells_health, words))


def _why_not_default(entry: Entry, by_hand: Mapping[str, Any]) -> str | None:
    reasons = {
        "describes what is set for the account, and lists no resources": entry[
            "settings"
        ],
        "which IAM action it needs is not known": not entry["iam"],
        "derived from the model and confirmed by nothing else": entry["tier"]
        == "derived",
        "its items serve another listing": "step" in entry,
        "serves health checks": by_hand.get("default") is False,
        "what identifies an item is a guess": entry["guessed"],
    }
    return next((reason for reason, holds in reasons.items() if holds), None)
