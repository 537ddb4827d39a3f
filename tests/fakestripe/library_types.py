"""Holds JSON to the types that Stripe's own library declares for its API.

A member that may not be null must be there, none may be there that the library does not
know, words are from its lists, and amounts are integers.
"""

import importlib
import inspect
import pkgutil
import types
import typing
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

import stripe
from stripe import ListObject, StripeObject
from stripe._stripe_object import UntypedStripeObject


@cache
def _declared() -> list[type[StripeObject]]:
    names = [one.name for one in pkgutil.iter_modules(stripe.__path__, "stripe.")]
    for package in (stripe.billing_portal, stripe.checkout, stripe.test_helpers):
        names += [
            one.name
            for one in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
        ]
    return [
        one
        for name in names
        if not name.endswith("_service")
        for one in vars(importlib.import_module(name)).values()
        if inspect.isclass(one) and issubclass(one, StripeObject)
    ]


@cache
def _by_object() -> dict[str, type[StripeObject]]:
    return {
        name: one
        for one in _declared()
        if isinstance(name := getattr(one, "OBJECT_NAME", None), str)
    }


@cache
def _by_name() -> dict[str, type[StripeObject]]:
    return {one.__name__: one for one in _declared()}


def faults(value: dict[str, Any]) -> list[str]:
    """What is wrong with an object of the API, as sentences; none if all is right."""
    kind = value["object"]
    if kind == "list":
        return [fault for one in value["data"] for fault in faults(one)]
    if value.get("deleted"):
        return []
    found = list(_of_object(value, _by_object()[kind], kind))
    if kind == "event":
        found += faults(value["data"]["object"])
    return found


def _of_object(value: Any, kind: type[StripeObject], path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path} is no object"
        return
    hints = kind.__annotations__
    for name in value.keys() - hints.keys():
        yield f"{path}.{name} is not known to the library"
    for name, hint in hints.items():
        if name in value:
            yield from _of_hint(value[name], hint, f"{path}.{name}")
        elif not _may_be_absent(hint):
            yield f"{path}.{name} is missing"


def _may_be_absent(hint: Any) -> bool:
    return typing.get_origin(hint) is typing.ClassVar or type(None) in _options(hint)


def _options(hint: Any) -> tuple[Any, ...]:
    if typing.get_origin(hint) in {typing.Union, types.UnionType}:
        return typing.get_args(hint)
    return (hint,)


def _of_hint(value: Any, hint: Any, path: str) -> Iterator[str]:
    options = _options(hint)
    if value is None:
        if type(None) not in options:
            yield f"{path} is null"
        return
    options = tuple(one for one in options if one is not type(None))
    if words := [one for one in options if typing.get_origin(one) is typing.Literal]:
        options = tuple(words)  # the library also takes words that are not known yet
    tried = [list(_of_option(value, one, path)) for one in options]
    if all(tried):
        yield from min(tried, key=len)


def _of_option(value: Any, hint: Any, path: str) -> Iterator[str]:
    hint = _resolved(hint)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        if value not in arguments:
            yield f"{path} is {value!r}"
    elif origin in {list, ListObject, UntypedStripeObject}:
        for place, one in _members(value, origin):
            if arguments[0] is not Any:
                yield from _of_hint(one, arguments[0], f"{path}{place}")
    elif hint is Decimal:
        if not isinstance(value, str):
            yield f"{path} is no decimal in a string"
    elif inspect.isclass(hint) and issubclass(hint, StripeObject):
        yield from _of_object(value, hint, path)
    elif type(value) is not hint:
        yield f"{path} is {value!r} and not of {hint}"


def _resolved(hint: Any) -> Any:
    """Some are written as names, for what is declared further down."""
    if isinstance(hint, typing.ForwardRef):
        hint = hint.__forward_arg__
    return _by_name()[hint] if isinstance(hint, str) else hint


def _members(value: Any, origin: Any) -> list[tuple[str, Any]]:
    if origin is UntypedStripeObject:
        return [(f".{name}", one) for name, one in value.items()]
    items = value["data"] if origin is ListObject else value
    return [(f"[{number}]", one) for number, one in enumerate(items)]
