"""Derives from one botocore operation how to list with it: pure rules, no choices."""

import math
import re
from collections.abc import Mapping
from typing import Any

from botocore import xform_name
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from app.aws.catalog.shapes import NoSuchPath, element_shape

Entry = dict[str, Any]
Members = Mapping[str, Shape]

VERB = re.compile(r"^(List|Describe|Get|Search)(?=[A-Z])")
PAGE_SIZE = re.compile(
    r"^(max|page_?size|limit)|(limit|maxresults|pagesize)$", re.IGNORECASE
)
TOKEN = re.compile(r"(token|marker|cursor|position)$|^LastEvaluated", re.IGNORECASE)
# Where the next page begins: a token is named alike where it comes and where it goes.
BEGINS = re.compile(r"^(next|LastEvaluated|ExclusiveStart)", re.IGNORECASE)
NOT_A_PAGE_TOKEN = re.compile(
    r"(session|client|request|update|version|access|security|refresh|sync)_?token",
    re.IGNORECASE,
)
MORE = re.compile(r"(HasMore\w*|\w*Truncated)$", re.IGNORECASE)
DETAIL = re.compile(r"^(Describe|Get)(?=[A-Z])")
SETTINGS = re.compile(
    r"^(Describe|Get)(?=[A-Z]).*(Settings?|Config|Configurations?|Preferences?|Options"
    r"|Defaults|ByDefault|Attributes|Policy|State|Status|KeyId|EncryptionKey|Alias"
    r"|AdminAccount|AdministratorAccount|HomeRegion|ServiceRoleForAccount)$"
)
# Inputs that do not say of which resource.
OF_NO_ACCOUNT = {"dryrun", "accountid", "awsaccountid", "catalogid", "maxresults"}
ABOUT_A_LIST = re.compile(r"request_?id|status|\w*count|total\w*|limit", re.IGNORECASE)
ODD_SINGULARS = {
    "status": "status",
    "analyses": "analysis",
    "indices": "index",
    "aliases": "alias",
}
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+")
# Texts that change while the item stays the same.
MOVING = re.compile(
    r"(status|state|description|message|reason|time|date)$|^(created|updated|last)",
    re.IGNORECASE,
)
MOST_PARTS = 4
DEFAULT_PAGE_SIZE = 100
MOST_CALLS = 1000


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
    if found:
        return found
    noun = noun_of(operation.name)
    path = _list_in(output, noun)
    alike = singular(path.removesuffix("[]")).lower() == noun.lower()
    if DETAIL.match(operation.name) and not alike and _says_more(output, path):
        raise NotListable("describes one thing, which has a list in it")
    return [path]


def settings_path(operation: OperationModel) -> str | None:
    """Where the one document is of an operation that describes what is set for the
    account; None if it needs to be told of what."""
    output = operation.output_shape
    asked = set(members(operation.input_shape))
    if not isinstance(output, StructureShape) or not SETTINGS.search(operation.name):
        return None
    if {name.lower() for name in asked} - OF_NO_ACCOUNT:
        return None
    only = [name for name, m in output.members.items() if m.type_name == "structure"]
    return only[0] if len(output.members) == len(only) == 1 else ""


def _says_more(output: StructureShape, path: str) -> bool:
    """Whether the answer has more to say than the list and how to go on with it."""
    rest = [name for name in output.members if not path.startswith(name)]
    if any(map(_is_token, rest)):
        return False
    return any(not ABOUT_A_LIST.fullmatch(name) for name in rest)


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
    paths = _output_paths(operation)
    outputs = [path for path in paths if _is_token(path)]
    if not outputs:
        if more := next(filter(MORE.match, members(operation.output_shape)), None):
            raise NotListable(f"{more} says that there is more, but not how to ask")
        return None
    inputs = members(operation.input_shape)
    for path in outputs:
        bare = BEGINS.sub("", path.split(".")[-1])
        match = [name for name in inputs if BEGINS.sub("", name) == bare]
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


def names_within(shape: Shape, above: frozenset[str] = frozenset()) -> set[str]:
    """Those of the documents inside of it, too."""
    if shape.name in above:
        return set()
    parts: list[Shape] = []
    if isinstance(shape, ListShape):
        parts = [shape.member]
    elif isinstance(shape, MapShape):
        parts = [shape.value]
    elif isinstance(shape, StructureShape):
        parts = list(shape.members.values())
    within = (names_within(part, above | {shape.name}) for part in parts)
    return set(names(shape)).union(*within)


def strings(value: object) -> list[str]:
    return [str(v) for v in value] if isinstance(value, list) else [str(value)]


# ── what it must be asked with ───────────────────────────────────────────────────


def fill(operation: OperationModel, given: frozenset[str]) -> Entry:
    """Inputs for the required members that are not `given`: `params` are constants,
    `fan_out` is asked once per value, `account_id` and `since`/`until` name the
    members filled when the call is made."""
    entry: Entry = {}
    shape = operation.input_shape
    if not isinstance(shape, StructureShape):
        return entry
    for name in shape.required_members:
        if name in given:
            continue
        kind, value = _filling(name, shape.members[name])
        if kind in {"params", "fan_out"}:
            entry.setdefault(kind, {})[name] = value
        else:
            entry[kind] = value
    calls = math.prod(map(len, entry.get("fan_out", {}).values()))
    if calls > MOST_CALLS:
        raise NotListable(f"would take {calls:,} calls")
    return entry


def _filling(name: str, shape: Shape) -> tuple[str, object]:
    if shape.type_name == "integer" and PAGE_SIZE.search(name):
        return "params", min(int(shape.metadata.get("max", DEFAULT_PAGE_SIZE)), 1000)
    if values := getattr(shape, "enum", None):
        return "fan_out", list(values)
    if isinstance(shape, ListShape) and (each := getattr(shape.member, "enum", None)):
        return "params", list(each)
    can_be_empty = isinstance(shape, ListShape) and not shape.metadata.get("min")
    if can_be_empty and name.lower() == "filters":
        return "params", []
    if name.lower() in {"accountid", "awsaccountid"}:
        return "account_id", name
    if shape.type_name == "timestamp" and name.lower() in {"starttime", "endtime"}:
        return ("since" if name.lower() == "starttime" else "until"), name
    raise NotListable(f"needs {name}")


# ── what one item is called ──────────────────────────────────────────────────────


def fields(
    item: Shape, noun: str, path: str, masked: frozenset[str] = frozenset()
) -> Entry:
    """JMESPath expressions for id, ARN, name and state of one item, none of them a
    `masked` member; `guessed` is set where the id is only made of texts."""
    listed = singular(path.removesuffix("[]").split(".")[-1])
    if not isinstance(item, StructureShape):
        return {"id": "@", **({"arn": "@"} if listed.lower().endswith("arn") else {})}
    shown = {name: one for name, one in item.members.items() if name not in masked}
    nouns = list(dict.fromkeys([noun, listed, f"{noun}s", _tail(noun), ""]))
    arn = _first(shown, [f"{stem}Arn" for stem in nouns])
    name = _first(shown, [f"{stem}Name" for stem in nouns])
    chosen = _first(shown, [f"{stem}Identifier" for stem in nouns])  # by a person
    own = _first(shown, [f"{stem}Id" for stem in nouns]) or chosen
    identity = own or arn or name
    if identity is None and (inner := _wrapped(item, nouns[:-1])):
        found = fields(item.members[inner], noun, path)
        if "id" in found and "guessed" not in found:
            return {key: f"{inner}.{expression}" for key, expression in found.items()}
    entry: Entry = {
        "id": identity or _told_apart(shown),
        "arn": arn,
        "name": name or chosen or _name_tag(item),
        "state": _state_in(shown, noun),
        "guessed": identity is None,
    }
    return {key: value for key, value in entry.items() if value}


def _wrapped(item: StructureShape, nouns: list[str]) -> str | None:
    """The member that holds the whole resource, where an item only wraps it."""
    return _first(item.members, nouns, kinds=("structure",))


def _name_tag(item: StructureShape) -> str | None:
    tags = item.members.get("Tags")
    if not isinstance(tags, ListShape) or not isinstance(tags.member, StructureShape):
        return None
    known = {"Key", "Value"} <= set(tags.member.members)
    return "Tags[?Key=='Name'].Value | [0]" if known else None


def _state_in(shown: Members, noun: str) -> str | None:
    """The member that tells the state, chosen by name, never by the first enum."""
    stems = (noun, _tail(noun), "", "Lifecycle")
    names = [f"{stem}{end}" for stem in stems for end in ("Status", "State")]
    found = _first(shown, [*names, "Lifecycle"], kinds=("string", "structure"))
    if found is None:
        return None
    shape = shown[found]
    if not isinstance(shape, StructureShape):
        return str(found)
    inner = _first(shape.members, ["Name", "Code", "Status", "State", "Value"])
    return f"{found}.{inner}" if inner else None


def _tail(noun: str) -> str:
    """The last word of a noun: `CacheCluster` → `Cluster`."""
    return str(WORD.findall(noun)[-1])


def _first(
    shown: Members, names: list[str], kinds: tuple[str, ...] = ("string",)
) -> str | None:
    by_lower = {member.lower(): member for member in shown}
    for name in names:
        member = by_lower.get(name.lower())
        if member and shown[member].type_name in kinds:
            return str(member)
    return None


def _told_apart(shown: Members) -> str | None:
    """What could tell items apart that have no id, ARN or name: their first few texts
    together, one of them at least not of a few fixed words."""
    texts = {n: one for n, one in shown.items() if one.type_name == "string"}
    parts = [name for name in texts if not MOVING.search(name)][:MOST_PARTS]
    if all(getattr(texts[name], "enum", None) for name in parts):
        return None
    if len(parts) == 1:
        return parts[0]
    stated = ", ".join(f"not_null({name}, '')" for name in parts)
    return f"join('|', [{stated}])"


def failures(operation: OperationModel) -> Entry | None:
    """Where a batch answer reports items it could not describe, and their reasons."""
    output = operation.output_shape
    shape = (
        output.members.get("failures") if isinstance(output, StructureShape) else None
    )
    item = shape.member if isinstance(shape, ListShape) else None
    if not isinstance(item, StructureShape):
        return None
    reason = _first(item.members, ["reason", "code", "errorCode"])
    return {"path": "failures", "reason": reason} if reason else None
