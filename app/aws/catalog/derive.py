"""Derives from one botocore operation how to list with it: pure rules, no choices."""

import re
from collections.abc import Mapping
from typing import Any

from botocore import xform_name
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from app.aws.catalog.shapes import NoSuchPath, element_shape

Entry = dict[str, Any]

VERB = re.compile(r"^(List|Describe|Get|Search)(?=[A-Z])")
PAGE_SIZE = re.compile(
    r"^(max|page_?size|limit)|(limit|maxresults|pagesize)$", re.IGNORECASE
)
NEXT = re.compile("^next", re.IGNORECASE)
TOKEN = re.compile(r"(token|marker|cursor|position)$", re.IGNORECASE)
NOT_A_PAGE_TOKEN = re.compile(
    r"(session|client|access|security|refresh|sync)_?token", re.IGNORECASE
)
ODD_SINGULARS = {
    "status": "status",
    "analyses": "analysis",
    "indices": "index",
    "aliases": "alias",
}
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+")
DEFAULT_PAGE_SIZE = 100


class NotListable(Exception):
    """This operation is no listing by itself; the message says why."""


def noun_of(operation: str) -> str:
    """`DescribeDBInstances` → `DBInstance`."""
    return singular(VERB.sub("", operation))


def singular(words: str) -> str:
    lower = words.lower()
    for plural, one in ODD_SINGULARS.items():
        if lower.endswith(plural):
            return words[: -len(plural)] + words[-len(plural)] + one[1:]
    if lower.endswith("ies"):
        return words[:-3] + "y"
    if re.search(r"(ss|sh|x|tch|status)es$", lower):
        return words[:-2]
    return words[:-1] if lower.endswith("s") and not lower.endswith("ss") else words


def snake(words: str) -> str:
    return str(xform_name(words))


# ── where the items are ──────────────────────────────────────────────────────────


def result_paths(operation: OperationModel, paginator: Mapping[str, Any]) -> list[str]:
    """Paths of the lists that hold the items, by the paginator or by the shape."""
    output = operation.output_shape
    if not isinstance(output, StructureShape):
        raise NotListable("answers nothing")
    keys = paginator.get("result_key", [])
    paths = [f"{key}[]" for key in ([keys] if isinstance(keys, str) else strings(keys))]
    found = [path for path in paths if _exists(output, path)]
    return found or [_list_in(output, noun_of(operation.name))]


def _exists(output: Shape, path: str) -> bool:
    try:
        element_shape(output, path)
    except NoSuchPath:
        return False
    return True


def _list_in(output: StructureShape, noun: str) -> str:
    lists = _list_members(output)
    if len(lists) == 1:
        return f"{lists[0]}[]"
    wrapped = [
        f"{name}.Items[]"
        for name, member in output.members.items()
        if isinstance(member, StructureShape) and "Items" in _list_members(member)
    ]
    if not lists and len(wrapped) == 1:
        return wrapped[0]
    named = [name for name in lists if singular(name).lower() == noun.lower()]
    if len(named) == 1:
        return f"{named[0]}[]"
    raise NotListable("no single list in the answer")


def _list_members(shape: StructureShape) -> list[str]:
    return [name for name, m in shape.members.items() if isinstance(m, ListShape)]


# ── how it is paged ──────────────────────────────────────────────────────────────


def pager(operation: OperationModel, paginator: Mapping[str, Any]) -> Entry | None:
    """The SDK's paginator, else the pair of same-named tokens, else none.

    Raises NotListable for a token that leads nowhere: the list would be cut silently.
    """
    if paginator:
        return {
            "inputs": strings(paginator["input_token"]),
            "outputs": strings(paginator["output_token"]),
            "more": paginator.get("more_results"),
            "limit": paginator.get("limit_key"),
        }
    return _token_pair(operation)


def _token_pair(operation: OperationModel) -> Entry | None:
    outputs = [path for path in _output_paths(operation) if _is_token(path)]
    if not outputs:
        return None
    inputs = members(operation.input_shape)
    for path in outputs:
        bare = re.sub("^next", "", path.split(".")[-1], flags=re.IGNORECASE)
        match = [
            i for i in inputs if re.sub("^next", "", i, flags=re.IGNORECASE) == bare
        ]
        if match:
            limit = next((i for i in inputs if PAGE_SIZE.search(i)), None)
            return {"inputs": match, "outputs": [path], "more": None, "limit": limit}
    raise NotListable(f"the token {outputs[0]} leads nowhere")


def _output_paths(operation: OperationModel) -> list[str]:
    """Members of the answer, and of the structures that wrap its lists."""
    output = operation.output_shape
    if not isinstance(output, StructureShape):
        return []
    wrapped = [
        f"{name}.{member}"
        for name, wrapper in output.members.items()
        if isinstance(wrapper, StructureShape) and _list_members(wrapper)
        for member in wrapper.members
    ]
    return [*output.members, *wrapped]


def _is_token(name: str) -> bool:
    return bool(TOKEN.search(name)) and not NOT_A_PAGE_TOKEN.search(name)


def members(shape: Shape | None) -> list[str]:
    return list(shape.members) if isinstance(shape, StructureShape) else []


def names(shape: Shape) -> list[str]:
    """The names a document of this shape can have: members, or a map's known keys."""
    if isinstance(shape, MapShape):
        return list(getattr(shape.key, "enum", ()))
    return members(shape)


def strings(value: object) -> list[str]:
    return [str(v) for v in value] if isinstance(value, list) else [str(value)]


# ── what it must be asked with ───────────────────────────────────────────────────


def fill(operation: OperationModel, given: frozenset[str]) -> Entry:
    """Inputs for the required members that are not `given`: `params` are constants,
    `fan_out` is asked once per value, `account_id` and `since`/`until` name the
    members filled when the call is made."""
    entry: Entry = {}
    params: dict[str, object] = {}
    shape = operation.input_shape
    if not isinstance(shape, StructureShape):
        return entry
    for name in shape.required_members:
        if name in given:
            continue
        kind, value = _filling(name, shape.members[name])
        if kind == "params":
            params[name] = value
        else:
            entry[kind] = value
    return {**entry, **({"params": params} if params else {})}


def _filling(name: str, shape: Shape) -> tuple[str, object]:
    if shape.type_name == "integer" and PAGE_SIZE.search(name):
        return "params", min(int(shape.metadata.get("max", DEFAULT_PAGE_SIZE)), 1000)
    if values := getattr(shape, "enum", None):
        return "fan_out", {name: list(values)}
    if isinstance(shape, ListShape) and (each := getattr(shape.member, "enum", None)):
        return "params", list(each)
    if isinstance(shape, ListShape) and name.lower() == "filters":
        return "params", []
    if name.lower() in {"accountid", "awsaccountid"}:
        return "account_id", name
    if shape.type_name == "timestamp" and name.lower() in {"starttime", "endtime"}:
        return ("since" if name.lower() == "starttime" else "until"), name
    raise NotListable(f"needs {name}")


# ── what one item is called ──────────────────────────────────────────────────────


def fields(item: Shape, noun: str, path: str) -> Entry:
    """JMESPath expressions for id, ARN, name and state of one item; `guessed` is set
    where the id is only the first text member."""
    listed = singular(path.removesuffix("[]").split(".")[-1])
    if not isinstance(item, StructureShape):
        return {"id": "@", **({"arn": "@"} if listed.lower().endswith("arn") else {})}
    nouns = list(dict.fromkeys([noun, listed, f"{noun}s", _tail(noun), ""]))
    arn = _first(item, [f"{stem}Arn" for stem in nouns])
    name = _first(item, [f"{stem}Name" for stem in nouns])
    chosen = _first(item, [f"{stem}Identifier" for stem in nouns])  # by a person
    own = _first(item, [f"{stem}Id" for stem in nouns]) or chosen
    identity = own or arn or name
    entry: Entry = {
        "id": identity or _first_text(item),
        "arn": arn,
        "name": name or chosen or _name_tag(item),
        "state": state_of(item, noun),
        "guessed": identity is None,
    }
    return {key: value for key, value in entry.items() if value}


def _name_tag(item: StructureShape) -> str | None:
    tags = item.members.get("Tags")
    if not isinstance(tags, ListShape) or not isinstance(tags.member, StructureShape):
        return None
    known = {"Key", "Value"} <= set(tags.member.members)
    return "Tags[?Key=='Name'].Value | [0]" if known else None


def state_of(item: StructureShape, noun: str) -> str | None:
    """The member that tells the state, chosen by name, never by the first enum."""
    stems = (noun, _tail(noun), "", "Lifecycle")
    names = [f"{stem}{end}" for stem in stems for end in ("Status", "State")]
    found = _first(item, [*names, "Lifecycle"], kinds=("string", "structure"))
    if found is None:
        return None
    shape = item.members[found]
    if not isinstance(shape, StructureShape):
        return str(found)
    inner = _first(shape, ["Name", "Code", "Status", "State", "Value"])
    return f"{found}.{inner}" if inner else None


def _tail(noun: str) -> str:
    """The last word of a noun: `CacheCluster` → `Cluster`."""
    return str(WORD.findall(noun)[-1])


def _first(
    item: StructureShape, names: list[str], kinds: tuple[str, ...] = ("string",)
) -> str | None:
    by_lower = {member.lower(): member for member in item.members}
    for name in names:
        member = by_lower.get(name.lower())
        if member and item.members[member].type_name in kinds:
            return str(member)
    return None


def _first_text(item: StructureShape) -> str:
    """The first text member; one of a few fixed words only if there is no other."""
    texts = {n: one for n, one in item.members.items() if one.type_name == "string"}
    free = [name for name, one in texts.items() if not getattr(one, "enum", None)]
    if not texts:
        raise NotListable("an item has no text that could identify it")
    return str((free or list(texts))[0])


def failures(operation: OperationModel) -> Entry | None:
    """Where a batch answer reports items it could not describe, and their reasons."""
    output = operation.output_shape
    shape = (
        output.members.get("failures") if isinstance(output, StructureShape) else None
    )
    item = shape.member if isinstance(shape, ListShape) else None
    if not isinstance(item, StructureShape):
        return None
    reason = _first(item, ["reason", "code", "errorCode"])
    return {"path": "failures", "reason": reason} if reason else None
