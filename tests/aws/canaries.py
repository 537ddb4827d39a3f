"""Plants a text in an answer of AWS wherever the answer may carry a secret."""

from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from app.aws.redaction import is_masked

_NAMES = ("name", "key", "type", "namespace")


def planted(
    value: Any, shape: Shape, canary: str, *, service: str, operation: str
) -> Any:
    """The answer with the canary in every member that is masked, and as the value of
    every tag, whose key then says what it is."""
    if shape.metadata.get("sensitive"):
        return _filled(value, shape, canary)
    asked = {"service": service, "operation": operation}
    if isinstance(shape, StructureShape):
        return {
            name: _member(name, one, shape.members[name], canary, **asked)
            for name, one in value.items()
        }
    if isinstance(shape, ListShape):
        return [planted(one, shape.member, canary, **asked) for one in value]
    return value


def _member(
    name: str, value: Any, shape: Shape, canary: str, *, service: str, operation: str
) -> Any:
    if is_masked(name, shape, service=service, operation=operation):
        return _filled(value, shape, canary)
    if _holds_tags(name, shape):
        return _telling(value, canary)
    return planted(value, shape, canary, service=service, operation=operation)


def _holds_tags(name: str, shape: Shape) -> bool:
    """By name and shape: `includeTags` holds none, nor does a filter by image tag."""
    if not name.lower().endswith(("tags", "taglist", "tagset")):
        return False
    if isinstance(shape, ListShape):
        tag = shape.member
        keys = {one.lower() for one in getattr(tag, "members", {})}
        return bool({"key", "tagkey"} & keys)
    return isinstance(shape, MapShape)


def _telling(tags: Any, canary: str) -> Any:
    if isinstance(tags, dict):
        return dict.fromkeys(["db_password"], canary)
    return [_telling_pair(one, canary) for one in tags]


def _telling_pair(tag: Any, canary: str) -> Any:
    """Some services list the keys alone, or more than a pair."""
    if not isinstance(tag, dict):
        return tag
    said = {"key": "db_password", "value": canary}
    return {
        name: said.get(name.lower().removeprefix("tag"), one)
        for name, one in tag.items()
    }


def _filled(value: Any, shape: Shape, canary: str) -> Any:
    """Every text below is the canary, and every blob, but for the name beside a value;
    what is neither stays."""
    if isinstance(shape, StructureShape):
        is_pair = any("value" in name.lower() for name in value)
        return {
            name: one
            if is_pair and name.lower().endswith(_NAMES)
            else _filled(one, shape.members[name], canary)
            for name, one in value.items()
        }
    if isinstance(shape, ListShape):
        return [_filled(one, shape.member, canary) for one in value]
    if isinstance(shape, MapShape):
        return {name: _filled(one, shape.value, canary) for name, one in value.items()}
    texts = {"string": canary, "blob": canary.encode()}
    return texts.get(shape.type_name, value)
