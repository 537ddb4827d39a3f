"""Reads what a request says: Stripe's bracketed forms, as parameters of one call."""

import re
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl

from fastapi import Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from tests.fakestripe.refusals import Refused

_NAME = re.compile(r"[^\[\]]+")


def unset(value: object) -> object:
    """Stripe's way to take something back is to send it empty."""
    return None if value == "" else value


T = TypeVar("T")
Emptied = Annotated[T | None, BeforeValidator(unset)]


class Parameters(BaseModel):
    """Of one call. What the fake does not know is refused, not passed over: a test that
    relies on it would prove nothing."""

    model_config = ConfigDict(extra="forbid")

    expand: list[str] = Field(default_factory=list)

    def given(self) -> dict[str, Any]:
        """What was said of the object itself."""
        return self.model_dump(exclude_unset=True, exclude={"expand"})


class Part(BaseModel):
    """A parameter that has members."""

    model_config = ConfigDict(extra="forbid")


Metadata = dict[str, str]
Asked = TypeVar("Asked", bound=Parameters)


async def read(request: Request, model: type[Asked]) -> Asked:
    """The parameters of a request, in its body if it has one; raises Refused."""
    text = (await request.body()).decode() if request.method == "POST" else ""
    pairs = parse_qsl(text or request.url.query, keep_blank_values=True)
    try:
        return model.model_validate(nested(pairs))
    except ValidationError as error:
        raise _refusal(error) from error


def nested(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """`a[0][b]=c` as {"a": [{"b": "c"}]}."""
    tree: dict[str, Any] = {}
    for name, value in pairs:
        first, *rest = _NAME.findall(name)
        place, key = tree, first
        if name.endswith("[]"):
            rest.append(str(len(_within(tree, [first, *rest]))))
        for part in rest:
            place, key = place.setdefault(key, {}), part
        place[key] = value
    return {name: _listed(value) for name, value in tree.items()}


def _within(tree: dict[str, Any], names: list[str]) -> dict[str, Any]:
    for name in names:
        tree = tree.get(name, {})
    return tree


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(one) for name, one in value.items()}
    if all(name.isdigit() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


def _refusal(error: ValidationError) -> Refused:
    first = error.errors()[0]
    head, *rest = [str(part) for part in first["loc"]]
    param = head + "".join(f"[{part}]" for part in rest)
    if first["type"] == "extra_forbidden":
        message, code = f"Received unknown parameter: {param}", "parameter_unknown"
    elif first["type"] == "missing":
        message, code = f"Missing required param: {param}.", "parameter_missing"
    else:
        message, code = f"Invalid {param}: {first['msg']}", "parameter_invalid"
    return Refused(400, message, code=code, param=param, kept=False)
