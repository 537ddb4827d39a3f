"""Over everything that can be listed or looked at: no member that carries a secret
keeps it, and none that sounds as if it did was left without a look."""

import itertools
import json
import re
from collections.abc import Iterator
from functools import cache

import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape

from app.aws import service_models
from app.aws.catalog import sources
from app.aws.catalog.loader import catalog
from app.aws.redaction import MASK, is_masked, redact
from app.aws.secret_members import BY_SERVICE, EVERYWHERE
from app.aws.services.health import checks
from tests.aws.canaries import planted
from tests.aws.examples import Example

CANARY = "canary-83c2"
SERVICES = sorted(service_models.services())
SECRET = re.compile(
    r"passw|pwd|passphrase|secret|token|api.?key|private.?key|access.?key|credential"
    r"|connection.?string|psk|pin$|auth.?key|shared.?key|session.?key|license.?key"
    r"|environment.?variables|variables$|user.?data|signed.?url|webhook.?url|cookie"
    r"|otp$",
    re.IGNORECASE,
)
# What names, places or describes a secret, and is none.
ABOUT = re.compile(
    r"(arns?|ids?|names?|types?|status|state|source|urls?|uris?|endpoint|expression"
    r"|header|field|xpath|param|parameter|algorithm|provider|role|scopes?|claim.*"
    r"|stages|path|prefix)$",
    re.IGNORECASE,
)
PAGES = "asks for the next page"
IDEMPOTENCE = "made by the caller, so that a request done twice is done once"
NAMED = "the name or ARN of a secret kept elsewhere"
REVIEWED = {
    "CdnIdentifierSecret": NAMED,
    "CertificateSecret": NAMED,
    "ClientRequestToken": IDEMPOTENCE,
    "ClientToken": IDEMPOTENCE,
    "ConnectionString": "the domain name of an alias of WorkSpaces",
    "ContinuationToken": PAGES,
    "CreationToken": IDEMPOTENCE,
    "DomainJoinServiceAccountSecret": NAMED,
    "ExcludedCookies": "names of cookies",
    "HooksRequestToken": IDEMPOTENCE,
    "HttpTokens": "whether tokens are wanted",
    "IdempotencyToken": IDEMPOTENCE,
    "IncludedCookies": "names of cookies",
    "LockToken": "tells one version of a rule group from the next",
    "NextPageToken": PAGES,
    "NextToken": PAGES,
    "PageToken": PAGES,
    "PaginationToken": PAGES,
    "PreTokenGeneration": "the ARN of a function",
    "RegistrationTokenList": "identifiers of registrations",
    "RequestToken": "the identifier of a request",
    "SecretStringKey": "the name of a key in a secret",
    "SqlServerCredentials": NAMED,
    "TokenProperties": "roles that a licence's token is for",
    "UpdateToken": "tells one version of a firewall from the next",
    "Variables": "descriptions of the blanks in a message's template",
    "ViewVersionToken": "tells one version of a view from the next",
    "clientRequestToken": IDEMPOTENCE,
    "clientToken": IDEMPOTENCE,
    "continuationToken": PAGES,
    "cookiesAllowList": "names of cookies",
    "credential": NAMED,
    "credentials": "the ARN of a role",
    "modelVariables": "names of columns",
    "nextPageToken": PAGES,
    "nextToken": PAGES,
    "tokenNameList": "names of tokens",
    "uploadSequenceToken": "tells one batch of log events from the next",
    "webIdentityTokenAudiences": "for whom tokens are meant",
}


@cache
def outputs() -> dict[tuple[str, str], Shape]:
    """The output of every operation that a listing or a check calls."""
    asked = {(one.service, one.name) for one in catalog().all_operations()}
    for check in checks().values():
        asked |= {(one.service, one.operation) for one in check.details}
    models = {
        call: sources.service_model(call[0]).operation_model(call[1]) for call in asked
    }
    return {
        call: model.output_shape for call, model in models.items() if model.output_shape
    }


def unmasked(service: str, operation: str, shape: Shape) -> Iterator[str]:
    """Members that sound like a secret, hold text, and would be kept."""
    if shape.metadata.get("sensitive"):
        return
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            if is_masked(name, member, service=service, operation=operation):
                continue
            if _holds_text(member) and SECRET.search(name) and not ABOUT.search(name):
                yield name


def _holds_text(shape: Shape) -> bool:
    if isinstance(shape, ListShape):
        return _holds_text(shape.member)
    is_word = bool(getattr(shape, "enum", None))
    return isinstance(shape, MapShape) or (
        shape.type_name in {"string", "blob"} and not is_word
    )


def structures(
    shape: Shape, service: str, operation: str, within: frozenset[str]
) -> Iterator[StructureShape]:
    """All structures of an answer that are not masked as a whole."""
    if shape.name in within or shape.metadata.get("sensitive"):
        return
    below = within | {shape.name}
    if isinstance(shape, StructureShape):
        yield shape
        for name, member in shape.members.items():
            if not is_masked(name, member, service=service, operation=operation):
                yield from structures(member, service, operation, below)
    elif isinstance(shape, ListShape):
        yield from structures(shape.member, service, operation, below)
    elif isinstance(shape, MapShape):
        yield from structures(shape.value, service, operation, below)


def test_every_member_that_sounds_like_a_secret_is_masked_or_was_reviewed() -> None:
    kept = {
        name
        for (service, operation), output in outputs().items()
        for shape in structures(output, service, operation, frozenset())
        for name in unmasked(service, operation, shape)
    }
    assert kept - REVIEWED.keys() == set(), "a secret, or a reason to keep it"
    assert REVIEWED.keys() - kept == set(), "nobody has these any more"


@pytest.mark.parametrize("service", SERVICES)
def test_no_canary_is_left_in_what_a_service_answers(service: str) -> None:
    for (of, operation), shape in outputs().items():
        if of != service:
            continue
        model = sources.service_model(service).operation_model(operation)
        answer = Example(model, itertools.count(), None).page({})
        asked = {"service": service, "operation": operation}
        document = planted(answer, shape, CANARY, **asked)
        document["Tags"] = [{"Key": "DB_PASSWORD", "Value": CANARY}]
        kept = redact(document, **asked, shape=shape)
        text = json.dumps(kept, default=str)
        assert CANARY not in text
        assert MASK in text


@pytest.mark.parametrize("service", sorted(BY_SERVICE))
def test_what_is_masked_in_a_service_is_there(service: str) -> None:
    model = service_models.LOADER.load_service_model(service, "service-2")
    named = {
        name for shape in model["shapes"].values() for name in shape.get("members", ())
    }
    assert BY_SERVICE[service] - named == set()


def test_what_is_masked_everywhere_is_somewhere() -> None:
    named = {
        name.lower()
        for service in SERVICES
        for shape in service_models.LOADER.load_service_model(service, "service-2")[
            "shapes"
        ].values()
        for name in shape.get("members", ())
    }
    assert EVERYWHERE - named == set()
