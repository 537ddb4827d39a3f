"""Tokens and API keys that nobody was given, at every route that asks for one, the
event stream too. None may be taken for anybody."""

import asyncio
import base64
import re
import string
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from app.core.tokens import derive_token
from app.models.user import EmailTokenPurpose
from app.services.email_tokens import text_of
from app.services.refresh_tokens import RefreshToken
from tests.attack.forgeries import (
    HS256,
    disfigured,
    mac,
    signed_by_us,
    unsigned,
    with_guessed_keys,
    with_keys_of_ones_own,
)
from tests.attack.ground import Ground, Tenant
from tests.attack.receivers import something_inside
from tests.attack.report import Figures, say
from tests.tenancy.routes import Endpoint, endpoints

_AT_ONCE = 16
_ME = "/api/v1/auth/me"
_REFUSED = 401
_LETTERS = string.digits + string.ascii_letters

Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Forgery:
    """What is sent instead of what was given."""

    name: str
    headers: Headers
    query: str = ""


def run(ground: Ground, *, long: bool) -> Figures:
    """`forged_accepted` is how many were answered anything but 401."""
    return asyncio.run(_run(ground, long=long))


async def _run(ground: Ground, *, long: bool) -> Figures:
    async with something_inside() as lure, _client(ground) as client:
        await _control(client, ground)
        forged = [*_forgeries(ground, lure=f"http://127.0.0.1:{lure.port}")]
        routes = [one for one in endpoints() if _is_closed(one)]
        tries = [*_tries(forged, routes, long=long)]
        say(f"{len(forged)} forgeries, {len(routes)} routes, {len(tries)} tries")
        statuses = await _ask_all(client, ground, tries)
        elsewhere = await _elsewhere(client, ground)
    accepted = sum(status < 500 and status != _REFUSED for status in statuses)
    if lure.reached:
        say("a key was fetched from where a token said")
    return {
        "forged_accepted": accepted + elsewhere + lure.reached,
        "forgeries": len(forged),
        "server_errors": sum(status >= 500 for status in statuses),
    }


def _client(ground: Ground) -> httpx.AsyncClient:
    # The server closes what is idle after five seconds; nothing is sent into that.
    limits = httpx.Limits(keepalive_expiry=2)
    return httpx.AsyncClient(
        base_url=ground.base_url, trust_env=False, timeout=30, limits=limits
    )


def _is_closed(endpoint: Endpoint) -> bool:
    """Whether it asks who one is."""
    return any(
        getattr(dependency.call, "__name__", "") == "_caller"
        for dependency in _below(endpoint.route.dependant)
    )


def _below(dependant: Any) -> Iterator[Any]:
    for dependency in dependant.dependencies:
        yield dependency
        yield from _below(dependency)


def _tries(
    forged: list[Forgery], routes: list[Endpoint], *, long: bool
) -> Iterator[tuple[Forgery, Endpoint]]:
    """In a long run each forgery at each route; else each at some, and each route with
    some, so that none is left out."""
    for number, forgery in enumerate(forged):
        for place, endpoint in enumerate(routes):
            is_chosen = endpoint.path in {_ME, "/api/v1/events"}
            if long or is_chosen or (number + place) % 20 == 0:
                yield forgery, endpoint


async def _ask_all(
    client: httpx.AsyncClient, ground: Ground, tries: Iterable[tuple[Forgery, Endpoint]]
) -> list[int]:
    gate = asyncio.Semaphore(_AT_ONCE)

    async def ask(forgery: Forgery, endpoint: Endpoint) -> int:
        ids = {name: ground.home.seen.id_of(of) for name, of in endpoint.nouns.items()}
        async with gate:
            status = await _status(client, endpoint, endpoint.url(ids), forgery)
        if status != _REFUSED:
            say(f"{endpoint} answered {status} to: {forgery.name}")
        return status

    return await asyncio.gather(*(ask(*one) for one in tries))


async def _status(
    client: httpx.AsyncClient, endpoint: Endpoint, path: str, forgery: Forgery
) -> int:
    """Only the head of the answer is waited for: a stream has no end."""
    request = client.build_request(
        endpoint.method,
        f"{path}{forgery.query}",
        headers=[(name.encode(), text.encode()) for name, text in forgery.headers],
        json=endpoint.body,
    )
    answer = await client.send(request, stream=True)
    await answer.aclose()
    return answer.status_code


async def _control(client: httpx.AsyncClient, ground: Ground) -> None:
    """What was given is accepted, or nothing is proven by what is not."""
    for voice in (ground.home.owner, ground.home.viewer, ground.home.personal_key):
        for endpoint in endpoints():
            if endpoint.method != "GET" or not _is_closed(endpoint):
                continue
            forgery = Forgery("", [("Authorization", f"Bearer {voice.token}")])
            ids = {
                name: ground.home.seen.id_of(of) for name, of in endpoint.nouns.items()
            }
            status = await _status(client, endpoint, endpoint.url(ids), forgery)
            if status == _REFUSED or status >= 500:
                raise RuntimeError(f"{endpoint} answered {status} to {voice.name}")
    made = mac(_key(ground), HS256, _claims(ground, ground.home))
    answer = await client.get(_ME, headers={"Authorization": f"Bearer {made}"})
    if answer.status_code != 200:
        raise RuntimeError("the token that the forgeries start from is refused")


# ── what is forged ───────────────────────────────────────────────────────────────


def _key(ground: Ground) -> bytes:
    return ground.settings.secret_key.get_secret_value().encode()


def _claims(ground: Ground, tenant: Tenant, **changes: Any) -> dict[str, Any]:
    """Of a good token of its owner."""
    now = int(time.time())
    return {
        "sub": str(tenant.owner.user_id),
        "org": str(tenant.owner.organization_id),
        "sid": str(tenant.owner.session_id),
        "iss": ground.base_url,
        "aud": "cloudrota-api",
        "iat": now,
        "exp": now + 600,
        **changes,
    }


def _forgeries(ground: Ground, *, lure: str) -> Iterator[Forgery]:
    claims = _claims(ground, ground.home)
    key, now = _key(ground), int(time.time())
    token = ground.home.owner.token
    for name, text in (
        *unsigned(claims),
        *with_guessed_keys(claims, base_url=ground.base_url),
        *with_keys_of_ones_own(claims, lure=lure),
        *signed_by_us(key, claims, now=now),
        *disfigured(token),
        *_of_others(ground),
        *_other_secrets(ground),
        *_altered_keys(ground),
        *((f"nonsense {text!r:.20}", text) for text in _NONSENSE),
    ):
        yield Forgery(name, [("Authorization", _sendable(f"Bearer {text}"))])
    yield from _out_of_place(ground, token)


_NONSENSE = (
    *("", ".", "..", "...", "a.b", "a.b.c", "a.b.c.d", "null", "undefined", "{}"),
    *("é.é.é", "٣.٣.٣", "e30.e30.", "cr_", "cr_live_", "cr_live__", "x" * 4096),
    *("eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAAAAAAAAAAAAAA.AAAA.AAAA",),
)


def _sendable(text: str) -> str:
    """What a header can carry of it."""
    return re.sub(r"[\x00-\x1f\x7f]", "", text).strip()


def _of_others(ground: Ground) -> Iterator[tuple[str, str]]:
    """With our key and true parts that do not belong together."""
    home, foreign = ground.home, ground.foreign
    for name, changes in {
        "the organization of another": {"org": str(foreign.owner.organization_id)},
        "the user of another": {"sub": str(foreign.owner.user_id)},
        "a colleague's user": {"sub": str(home.viewer.user_id)},
        "a colleague's session": {"sid": str(home.viewer.session_id)},
        "the session of another": {"sid": str(foreign.owner.session_id)},
        "all of another but the organization": {
            "sub": str(foreign.owner.user_id),
            "sid": str(foreign.owner.session_id),
        },
        "no session": {"sid": "00000000-0000-0000-0000-000000000000"},
        "an organization of words": {"org": f"{home.owner.organization_id}' OR '1'='1"},
    }.items():
        yield name, mac(_key(ground), HS256, _claims(ground, home, **changes))


def _other_secrets(ground: Ground) -> Iterator[tuple[str, str]]:
    """True secrets of ours, each for something else."""
    owner, settings = ground.home.owner, ground.settings
    yield (
        "a refresh token",
        RefreshToken(owner.session_id, owner.user_id, 0).text(settings),
    )
    for purpose in EmailTokenPurpose:
        yield f"a mailed token: {purpose}", text_of(settings, purpose, owner.session_id)
    yield "a derived token", derive_token(settings, "access", str(owner.user_id))
    yield "the key itself", settings.secret_key.get_secret_value()
    yield "an id", str(owner.session_id)


def _altered_keys(ground: Ground) -> Iterator[tuple[str, str]]:
    """API keys of others than ourselves, and of nobody; their checksums are right."""
    own, foreign = ground.home.personal_key.token, ground.foreign.personal_key.token
    prefix, _, secret = own.rpartition("_")
    secret = secret[:-6]
    for at in range(0, len(secret), 6):
        other = "A" if secret[at] != "A" else "B"
        changed = f"{prefix}_{secret[:at]}{other}{secret[at + 1 :]}"
        yield f"letter {at} of a key's secret", changed + _checksum(changed)
    for name, text in {
        "another's prefix": f"{foreign.rpartition('_')[0]}_{secret}",
        "nobody's prefix": f"cr_live_{'A' * 12}_{secret}",
        "a secret of zeros": f"{prefix}_{'0' * 43}",
        "a shorter secret": f"{prefix}_{secret[:-1]}",
        "a longer secret": f"{prefix}_{secret}A",
        "a test key": f"{prefix.replace('live', 'test')}_{secret}",
        "a key in capitals": f"{prefix}_{secret.swapcase()}",
        "no secret": f"{prefix}_",
    }.items():
        yield name, text + _checksum(text)
    yield "a wrong checksum", own[:-1] + ("A" if own[-1] != "A" else "B")
    yield "no checksum", own[:-6]
    yield "a key twice", own + own
    yield "a key and more", f"{own}.{own}"
    yield "a key's prefix in capitals", own.replace("cr_", "CR_")
    yield "a key after a token's head", f"eyJhbGciOiJub25lIn0.{own}."


def _checksum(text: str) -> str:
    number, letters = zlib.crc32(text.encode()), ""
    for _ in range(6):
        number, rest = divmod(number, len(_LETTERS))
        letters = _LETTERS[rest] + letters
    return letters


def _out_of_place(ground: Ground, token: str) -> Iterator[Forgery]:
    """A good token where none belongs, or beside another."""
    bad = f"Bearer {token[:-8]}AAAAAAAA"
    good = f"Bearer {token}"
    basic = base64.b64encode(f":{token}".encode()).decode()
    by_name: Mapping[str, Headers] = {
        "nothing": [],
        "no scheme": [("Authorization", token)],
        "basic": [("Authorization", f"Basic {basic}")],
        "token": [("Authorization", f"Token {token}")],
        "bearer without a space": [("Authorization", f"Bearer{token}")],
        "a colon": [("Authorization", f"Bearer: {token}")],
        "bad and good": [("Authorization", bad), ("Authorization", good)],
        "good and bad": [("Authorization", good), ("Authorization", bad)],
        "good and another's": [
            ("Authorization", good),
            ("Authorization", f"Bearer {ground.foreign.owner.token}"),
        ],
        "in one line": [("Authorization", f"{bad}, {good}")],
        "for a proxy": [("Proxy-Authorization", good)],
        "as forwarded": [("X-Forwarded-Authorization", good)],
        "as original": [("X-Original-Authorization", good)],
        "a cookie": [("Cookie", f"access_token={token}; token={token}")],
        "the refresh cookie": [("Cookie", f"cloudrota_refresh={token}")],
        "a key of its own header": [("X-API-Key", ground.home.personal_key.token)],
        "a user named": [("X-User-Id", str(ground.home.owner.user_id))],
        "a user forwarded": [("X-Forwarded-User", "owner")],
    }
    for name, headers in by_name.items():
        yield Forgery(name, headers)
    for member in ("access_token", "token", "authorization", "api_key", "jwt"):
        yield Forgery(f"in the query: {member}", [], f"?{member}={token}")


async def _elsewhere(client: httpx.AsyncClient, ground: Ground) -> int:
    """The reverse: access tokens and API keys where other secrets belong."""
    accepted = 0
    for given in (ground.home.owner.token, ground.home.personal_key.token):
        cookie = {"Cookie": f"cloudrota_refresh={given}", "X-Cloudrota-CSRF": "1"}
        new = "an entirely new password"
        for path, headers, body in (
            ("/auth/refresh", cookie, None),
            ("/auth/logout", cookie, None),
            ("/auth/verify-email", {}, {"token": given}),
            ("/auth/reset-password", {}, {"token": given, "password": new}),
            ("/auth/read-invitation", {}, {"token": given}),
            ("/auth/accept-invitation", {}, {"token": given}),
            ("/notification-channels/confirm", {}, {"token": given}),
        ):
            answer = await client.post(f"/api/v1{path}", headers=headers, json=body)
            if answer.is_success:
                say(f"{path} took an access token or an API key for its own")
                accepted += 1
    return accepted
