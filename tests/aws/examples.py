"""Answers made of the models alone: every member of an operation's output is there, and
the first of two pages says so."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from app.aws.catalog.sources import paginators

ACCOUNT = "123456789012"
MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)
DEPTH = 7  # levels of an answer that are filled
_TOKEN = re.compile(
    r"(token|marker|cursor|position)$|^next|^exclusivestart|^lastevaluated",
    re.IGNORECASE,
)
_MORE = re.compile(r"(truncated|^hasmore)", re.IGNORECASE)


@dataclass(frozen=True)
class Example:
    """An answer that has every member of the operation's output."""

    model: OperationModel
    numbers: Iterator[int]
    page_token: str | None

    def page(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The first page, or the last one where `params` carry a token."""
        output = self.model.output_shape
        made = self._example(output, "", 0) if output else {}
        paging = _paging(self.model)
        is_last = bool(paging["inputs"] & params.keys())
        return self._paged(made, paging["outputs"], is_last=is_last)

    def _paged(
        self, made: dict[str, Any], outputs: frozenset[str], *, is_last: bool
    ) -> dict[str, Any]:
        """Tokens on the first page only, also inside the structure around a list."""
        for name, value in list(made.items()):
            if _MORE.search(name) and isinstance(value, bool):
                made[name] = not is_last
            elif name in outputs or (_TOKEN.search(name) and isinstance(value, str)):
                if self.page_token is not None:
                    made[name] = self.page_token
                elif is_last:
                    del made[name]
            elif isinstance(value, dict):
                made[name] = self._paged(value, frozenset(), is_last=is_last)
        return made

    def _example(self, shape: Shape, name: str, depth: int) -> Any:
        if isinstance(shape, StructureShape):
            # A union has one of its members; nothing fails unless a test says so.
            members = list(shape.members.items())[
                : 1 if shape.is_tagged_union else None
            ]
            return {
                member: self._example(one, member, depth + 1)
                for member, one in members
                if depth < DEPTH or shape.is_tagged_union
                if member.lower() != "failures"
            }
        if isinstance(shape, ListShape):
            return (
                [self._example(shape.member, name, depth + 1)] if depth < DEPTH else []
            )
        if isinstance(shape, MapShape):
            keys = getattr(shape.key, "enum", None) or [f"{name}-{next(self.numbers)}"]
            return {key: self._example(shape.value, key, depth + 1) for key in keys}
        return self._scalar(shape, name)

    def _scalar(self, shape: Shape, name: str) -> Any:
        if shape.type_name == "string":
            return self._text(shape, name or shape.name)
        examples = {"boolean": True, "timestamp": MOMENT, "blob": b"bytes"}
        return examples.get(shape.type_name, 1)

    def _text(self, shape: Shape, name: str) -> str:
        number = next(self.numbers)
        if enum := getattr(shape, "enum", None):
            return str(enum[number % len(enum)])
        width = max(int(shape.metadata.get("min", 0)) - len(name) - 1, 1)
        text = f"{name}-{number:0{width}d}"
        if name.lower().endswith("arn"):
            service = self.model.service_model.signing_name
            # Some services look at the kind to find their address.
            kind = name[:-3].lower() or "kind"
            return f"arn:aws:{service}:eu-west-1:{ACCOUNT}:{kind}/{text}"
        return text


def _paging(model: OperationModel) -> dict[str, frozenset[str]]:
    """Which inputs ask for a later page: by the SDK's paginator, else by their name."""
    service = model.service_model.service_name
    known = paginators(service).get(model.name, {})
    shape = model.input_shape
    named = [n for n in shape.members if _TOKEN.search(n)] if shape else []
    return {
        "inputs": frozenset(_list(known.get("input_token", [])) or named),
        "outputs": frozenset(_list(known.get("output_token", []))),
    }


def _list(value: object) -> list[str]:
    return list(value) if isinstance(value, list) else [str(value)]
