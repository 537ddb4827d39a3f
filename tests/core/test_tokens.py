"""Access tokens: ours are read, every kind of forgery is refused."""

import base64
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from jose import jwe, jwt
from pydantic import SecretStr

from app.core.clock import now
from app.core.errors import InvalidToken
from app.core.settings import Settings
from app.core.tokens import (
    AccessClaims,
    derive_token,
    hash_token,
    issue_access_token,
    read_access_token,
)

KEY = "0123456789abcdef" * 4
CLAIMS = AccessClaims(uuid4(), uuid4(), uuid4())


@pytest.fixture
def ours() -> Settings:
    return Settings(
        _env_file=None,
        environment="test",
        public_url="http://127.0.0.1:8000",
        secret_key=SecretStr(KEY),
        redis_url=SecretStr("redis://127.0.0.1:1"),
    )


def _payload(**changes: Any) -> dict[str, Any]:
    """A good token's payload; a change to None leaves the claim out."""
    payload = {
        "sub": str(CLAIMS.user_id),
        "org": str(CLAIMS.organization_id),
        "sid": str(CLAIMS.session_id),
        "iss": "http://127.0.0.1:8000",
        "aud": "cloudrota-api",
        "iat": now(),
        "exp": now() + timedelta(minutes=10),
        **changes,
    }
    return {name: value for name, value in payload.items() if value is not None}


def _segment(value: object) -> str:
    text = json.dumps(value, default=lambda instant: int(instant.timestamp()))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _signed(key: Any = KEY, algorithm: str = "HS256", **changes: Any) -> str:
    return str(jwt.encode(_payload(**changes), key, algorithm=algorithm))


def test_reads_what_it_issued(ours: Settings) -> None:
    token, seconds = issue_access_token(ours, CLAIMS)
    read = read_access_token(ours, token)
    assert read == CLAIMS
    assert seconds == 600
    left = (read.expires_at - now()) if read.expires_at else timedelta()
    assert timedelta(seconds=590) < left <= timedelta(seconds=600)


def test_refuses_a_token_that_was_read_before_once_it_has_ended(
    ours: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, seconds = issue_access_token(ours, CLAIMS)
    assert read_access_token(ours, token) == CLAIMS
    later = now() + timedelta(seconds=seconds)
    monkeypatch.setattr("app.core.tokens.now", lambda: later)
    with pytest.raises(InvalidToken):
        read_access_token(ours, token)


def test_reads_the_good_token_that_the_forgeries_start_from(ours: Settings) -> None:
    assert read_access_token(ours, _signed()) == CLAIMS


def test_a_token_of_a_clock_that_is_a_little_ahead_is_read(ours: Settings) -> None:
    def issued(ahead: int) -> str:
        at = now() + timedelta(seconds=ahead)
        return _signed(iat=at, exp=at + timedelta(minutes=10))

    assert read_access_token(ours, issued(50)) == CLAIMS
    with pytest.raises(InvalidToken):
        read_access_token(ours, issued(100))


def test_events_name_the_user_of_a_token() -> None:
    assert CLAIMS.signature == f"user:{CLAIMS.user_id}"


def test_reads_a_token_that_lives_as_long_as_any(ours: Settings) -> None:
    issued = now()
    longest = _signed(iat=issued, exp=issued + timedelta(days=1))
    assert read_access_token(ours, longest) == CLAIMS
    with pytest.raises(InvalidToken):
        read_access_token(
            ours, _signed(iat=issued, exp=issued + timedelta(days=1, seconds=1))
        )


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE"])
@pytest.mark.parametrize("signature", ["", "AAAA"])
def test_refuses_a_token_without_a_signature(
    ours: Settings, algorithm: str, signature: str
) -> None:
    head = _segment({"alg": algorithm, "typ": "JWT"})
    with pytest.raises(InvalidToken):
        read_access_token(ours, f"{head}.{_segment(_payload())}.{signature}")


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
def test_refuses_another_kind_of_signature(ours: Settings, algorithm: str) -> None:
    private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    private = (
        ec.generate_private_key(ec.SECP256R1())
        if algorithm == "ES256"
        else rsa.generate_private_key(65537, 2048)
    )
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(InvalidToken):
        read_access_token(ours, _signed(pem.decode(), algorithm))


def test_refuses_an_hs256_token_signed_with_a_public_key_in_der_form(
    ours: Settings,
) -> None:
    """The library takes such a key for an HMAC secret when it is told to verify with
    it, which is why there is one algorithm here, pinned, and one kind of key."""
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    forged = _signed(der)
    assert jwt.decode(forged, der, audience="cloudrota-api"), "the library's fault"
    with pytest.raises(InvalidToken):
        read_access_token(ours, forged)


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_refuses_our_key_with_another_algorithm(ours: Settings, algorithm: str) -> None:
    with pytest.raises(InvalidToken):
        read_access_token(ours, _signed(algorithm=algorithm))


def test_refuses_an_encrypted_token(ours: Settings) -> None:
    body = json.dumps(_payload(), default=str)
    token = jwe.encrypt(body, KEY[:32], algorithm="dir", encryption="A256GCM")
    with pytest.raises(InvalidToken):
        read_access_token(ours, token.decode())


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": now() - timedelta(seconds=1)},
        {"exp": "soon"},
        {"exp": now() + timedelta(days=3650)},
        {"exp": 10**12},
        {"exp": 10**300},
        {"exp": float("inf")},
        {"exp": float("nan")},
        # Hours, for it may be that long until the last test of all is run.
        {"iat": now() + timedelta(hours=5), "exp": now() + timedelta(hours=6)},
        {"iat": 0},
        {"iat": float("-inf")},
        {"nbf": now() + timedelta(hours=5)},
        {"aud": "another-api"},
        {"aud": ["another-api"]},
        {"iss": "http://127.0.0.1:8001"},
        {"iss": ["http://127.0.0.1:8000"]},
        {"sub": "alice"},
        {"sub": 7},
        {"org": "acme"},
        {"org": 7},
        {"sid": ["a"]},
    ],
)
def test_refuses_wrong_claims(ours: Settings, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidToken):
        read_access_token(ours, _signed(**changes))


@pytest.mark.parametrize("claim", ["sub", "org", "sid", "iss", "aud", "iat", "exp"])
def test_refuses_a_token_without_one_of_its_claims(ours: Settings, claim: str) -> None:
    missing: dict[str, Any] = {claim: None}
    with pytest.raises(InvalidToken):
        read_access_token(ours, _signed(**missing))


def test_refuses_another_key(ours: Settings) -> None:
    with pytest.raises(InvalidToken):
        read_access_token(ours, _signed("fedcba9876543210" * 4))


@pytest.mark.parametrize("part", [0, 1, 2])
def test_refuses_a_token_with_one_bit_changed(ours: Settings, part: int) -> None:
    parts = _signed().split(".")
    parts[part] = ("f" if parts[part][0] != "f" else "g") + parts[part][1:]
    with pytest.raises(InvalidToken):
        read_access_token(ours, ".".join(parts))


def test_refuses_an_oversized_token_though_it_is_signed(ours: Settings) -> None:
    with pytest.raises(InvalidToken, match="too long"):
        read_access_token(ours, _signed(padding="x" * 2048))


@pytest.mark.parametrize("dirt", ["!", " ", "=", "\n", "é"])
def test_refuses_what_the_library_skips_in_a_signature(
    ours: Settings, dirt: str
) -> None:
    token = _signed()
    for dirty in (token + dirt, token[:-9] + dirt + token[-9:]):
        with pytest.raises(InvalidToken):
            read_access_token(ours, dirty)


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a.b", "a.b.c.d", "é.é.é", "\ud800", "null", "{}" * 9]
)
def test_refuses_nonsense(ours: Settings, text: str) -> None:
    with pytest.raises(InvalidToken):
        read_access_token(ours, text)


def test_an_opaque_token_is_the_same_each_time_and_for_nothing_else(
    ours: Settings,
) -> None:
    token = derive_token(ours, "refresh", "a", "1")
    assert token == derive_token(ours, "refresh", "a", "1")
    others = {
        derive_token(ours, "verify_email", "a", "1"),
        derive_token(ours, "refresh", "a", "2"),
        derive_token(ours, "refresh", "a1"),
        derive_token(ours, "refresh", "a", "1", ""),
        derive_token(
            ours.model_copy(update={"secret_key": SecretStr(KEY[::-1])}),
            "refresh",
            "a",
            "1",
        ),
    }
    assert len(others | {token}) == 6
    assert len(base64.urlsafe_b64decode(token + "=")) == 32
    assert hash_token(token) != hash_token(token[:-1])
