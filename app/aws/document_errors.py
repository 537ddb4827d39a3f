"""Writes docs/errors.md: what leads to each kind of failure, and what is advised.

`python -m app.aws.document_errors`; with `--check` it only says whether it is fresh.
"""

import inspect
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import botocore.exceptions

from app.aws import error_codes, service_models
from app.aws.advice import BY_CODE, DENIED_BY, Situation, advise
from app.aws.client_errors import kind_of_exception
from app.aws.error_codes import Kind, kind_of
from app.aws.errors import CATEGORIES, CATEGORY, NOTES, AWSError
from app.core.generated import write_or_check

FILE = Path(__file__).parents[2] / "docs/errors.md"

_MEANING: dict[Kind, str] = {
    Kind.AUTHENTICATION: "AWS does not believe who we are.",
    Kind.EXPIRED: "The session or the request is too old.",
    Kind.PERMISSION: "AWS knows us, and we may not.",
    Kind.NOT_SUBSCRIBED: "The account has not signed up for the service.",
    Kind.THROTTLING: "Too many calls in too little time.",
    Kind.QUOTA: "A number or size that AWS allows is used up.",
    Kind.CAPACITY: "AWS has no more of it at the moment.",
    Kind.UNAVAILABLE: "The service failed inside AWS.",
    Kind.NOT_FOUND: "What was asked for is not there.",
    Kind.CONFLICT: "The resource's state does not allow it now.",
    Kind.VALIDATION: "The service refused the parameters.",
    Kind.REFUSED: "The service refused, and its status says no more.",
    Kind.UNCLASSIFIED: "Neither the code nor the status says anything.",
    Kind.UNREADABLE: "The answer is none of the service's protocol.",
    Kind.CONNECTIVITY: "No complete answer came back.",
    Kind.CONFIGURATION: "The request could not be made from our own settings.",
}
_BESIDES: dict[Kind, str] = {
    Kind.UNREADABLE: "whatever reading an answer raises (`ResponseParserError`, "
    "`MemoryError` …), a web page, an empty body where a document belongs",
    Kind.CONNECTIVITY: "every exception of urllib3 and of sockets and TLS",
}
_NAMES = (
    (error_codes.THROTTLE_NAME, Kind.THROTTLING),
    *error_codes.EARLY_NAMES,
    *error_codes.LATE_NAMES,
)
_INTRODUCTION = """\
# Errors of AWS

Written by `make generated` from the classifier and the SDK's models. {shapes:,} error
shapes of {services} AWS services, with {codes:,} distinct codes, and every exception of
the SDK, of the network and of reading an answer become one of six categories. None is
swallowed, and nothing is answered in its place.

A code is judged in this order, and the first that applies decides. The code wins over
the HTTP status: `SlowDown` with a 503 is throttling.

1. what the code means at one service alone, and the lists of exact codes
2. the mark for throttling in the service's own model, and names that speak of it
   (`LimitExceeded…` with a 429 is throttling too)
3. names of authentication, subscription, permission, capacity and quota
4. the HTTP status: {statuses}, and 5xx is `unavailable`
5. names of failures inside AWS, of what is not found, of conflicts, of validation
6. the model's mark that the fault is the service's; then any other 4xx is `refused`;
   what is left is `unclassified`

Words below are parts of a code; `^` and `$` are its ends, `\\w{{0,60}}` any word. The
numbers count codes of the models, once for each kind that a code is at some service.
"""


def render() -> str:
    """The document as text, the same wherever it is made."""
    sections = [_introduction(), *map(_category, CATEGORIES), *_appendices()]
    return "\n".join(sections)


@cache
def _shapes() -> list[tuple[str, str, Kind]]:
    """Service, code and kind of every error shape there is."""
    found = []
    for service in sorted(service_models.services()):
        for code, shape in service_models.error_shapes(service):
            status = shape.get("error", {}).get("httpStatusCode")
            found.append((service, code, kind_of(service, code, status)))
    return found


def _introduction() -> str:
    statuses = [
        f"{status:d} is `{kind}`" for status, kind in error_codes.STATUSES.items()
    ]
    return _INTRODUCTION.format(
        shapes=len(_shapes()),
        services=len(service_models.services()),
        codes=len({code for _, code, _ in _shapes()}),
        statuses=", ".join(statuses),
    )


def _category(category: type[AWSError]) -> str:
    kinds = [kind for kind in Kind if CATEGORY[kind] is category]
    told = "\n".join(_kind(kind) for kind in kinds)
    return f"## {category.category}\n\n{inspect.getdoc(category)}\n\n{told}"


def _kind(kind: Kind) -> str:
    count = len({code for _, code, one in _shapes() if one is kind})
    codes = f" {count} codes." if count else ""
    lines = [f"### `{kind}`", "", f"{_MEANING[kind]}{codes}", "", *_leads(kind)]
    return "\n".join([*lines, f"- advice: {advise(_at(kind, 'call'))}", ""])


def _leads(kind: Kind) -> Iterator[str]:
    if exact := error_codes.EXACT.get(kind):
        yield f"- codes: {_listed(exact)}"
    for (service, code), meant in error_codes.BY_SERVICE.items():
        if meant is kind:
            yield f"- at {service}: `{code}`"
    words = [
        word for name, meant in _NAMES if meant is kind for word in _words(name.pattern)
    ]
    if words:
        yield f"- words: {_listed(words)}"
    if exceptions := _exceptions(kind):
        yield f"- exceptions of the SDK: {_listed(exceptions)}"
    if kind in _BESIDES:
        yield f"- besides: {_BESIDES[kind]}"


def _words(pattern: str) -> list[str]:
    """The alternatives of a pattern; those inside brackets are not taken apart."""
    return re.findall(r"(?:[^|(]|\([^)]*\))+", pattern)


def _exceptions(kind: Kind) -> list[str]:
    return [
        name
        for name, one in inspect.getmembers(botocore.exceptions, inspect.isclass)
        if issubclass(one, Exception) and not issubclass(one, Warning)
        if one.__module__ == botocore.exceptions.__name__
        if not issubclass(one, botocore.exceptions.ClientError)
        if kind_of_exception(one.__new__(one)) is kind
    ]


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _appendices() -> Iterator[str]:
    yield _section("Notes beside the kind", {f"`{k}`": v for k, v in NOTES.items()})
    yield _section(
        "Who denied it (`deny_source`)",
        {f"`{source}`": told for source, told in DENIED_BY.items()},
    )
    yield _section(
        "Advice for one code", {f"`{code}`": told for code, told in BY_CODE.items()}
    )
    yield _section(
        "Before the first unit, and on the way",
        {
            "`assume_role`": advise(_at(Kind.PERMISSION, "assume_role")),
            "`connect`": advise(_at(Kind.CONNECTIVITY, "connect")),
            "`read`": advise(_at(Kind.CONNECTIVITY, "read")),
        },
    )
    yield _section("Codes whose category depends on the service", _ambiguous())


def _at(kind: Kind, phase: str) -> Situation:
    asked = ("ec2", "DescribeVpcs", "eu-west-1")
    return Situation(kind, "", *asked, phase, actions=("ec2:DescribeVpcs",))


def _ambiguous() -> dict[str, str]:
    """Each code that has more than one category, with its kinds and their services."""
    found: dict[str, dict[Kind, list[str]]] = defaultdict(lambda: defaultdict(list))
    for service, code, kind in _shapes():
        found[code][kind].append(service)
    return {
        f"`{code}`": "; ".join(f"`{k}` at {', '.join(at)}" for k, at in kinds.items())
        for code, kinds in sorted(found.items())
        if len({CATEGORY[kind] for kind in kinds}) > 1
    }


def _section(title: str, lines: dict[str, str]) -> str:
    listed = "\n".join(f"- {name}: {told}" for name, told in lines.items())
    return f"## {title}\n\n{listed}\n"


def main(arguments: list[str]) -> int:
    return write_or_check(FILE, render(), arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
