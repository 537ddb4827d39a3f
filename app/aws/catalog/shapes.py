"""Follows a result path (`Reservations[].Instances[]`) through botocore's shapes."""

from botocore.model import ListShape, MapShape, Shape, StructureShape


class NoSuchPath(Exception):
    """The model has no member at this path."""


def element_shape(output: Shape | None, path: str) -> Shape:
    """The shape of one item at `path`: the members of a list where it ends in `[]`.

    The empty path is the whole answer.
    """
    shape = output
    for step in path.split(".") if path else ():
        shape = _member(shape, step.removesuffix("[]"), path)
        if step.endswith("[]"):
            shape = _element(shape, path)
    if shape is None:
        raise NoSuchPath(f"{path}: the operation answers nothing")
    return shape


def _member(shape: Shape | None, name: str, path: str) -> Shape:
    if not isinstance(shape, StructureShape) or name not in shape.members:
        raise NoSuchPath(f"{path}: no member {name}")
    member: Shape = shape.members[name]
    return member


def _element(shape: Shape, path: str) -> Shape:
    if not isinstance(shape, ListShape):
        raise NoSuchPath(f"{path}: not a list")
    element: Shape = shape.member
    return element


def sensitive_paths(shape: Shape) -> list[str]:
    """Members marked `sensitive` in the model, as dotted paths, sorted."""
    return sorted(set(_sensitive(shape, (), frozenset())))


def _sensitive(shape: Shape, path: tuple[str, ...], above: frozenset[str]) -> list[str]:
    if shape.metadata.get("sensitive"):
        return [".".join(path)]
    if shape.name in above:
        return []
    above |= {shape.name}
    if isinstance(shape, StructureShape):
        return [
            found
            for name, member in shape.members.items()
            for found in _sensitive(member, (*path, name), above)
        ]
    if isinstance(shape, ListShape):
        return _sensitive(shape.member, path, above)
    if isinstance(shape, MapShape):
        return _sensitive(shape.value, path, above)
    return []


def words_at(item: Shape, path: str) -> tuple[str, ...]:
    """The fixed words of the member at a dotted path; none where its text is free."""
    shape = element_shape(item, path)
    return tuple(getattr(shape, "enum", ()))


def list_paths(shape: Shape) -> set[str]:
    """The dotted paths of all lists in a document of this shape; `*` is any key of a
    map, and a list is no step."""
    return set(_lists(shape, (), frozenset()))


def _lists(shape: Shape, path: tuple[str, ...], above: frozenset[str]) -> list[str]:
    if isinstance(shape, ListShape):
        return [".".join(path), *_lists(shape.member, path, above)]
    if shape.name in above:
        return []
    parts: dict[str, Shape] = {}
    if isinstance(shape, StructureShape):
        parts = dict(shape.members)
    elif isinstance(shape, MapShape):
        parts = {"*": shape.value}
    above |= {shape.name}
    found = (_lists(part, (*path, name), above) for name, part in parts.items())
    return [one for lists in found for one in lists]
