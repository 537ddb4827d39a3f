"""Tokens that nobody was given, made without the library that reads them: by who knows
nothing, by who knows a public key, and with our own key for what we never say."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Claims = Mapping[str, Any]
Sign = Callable[[object, object], str]
HS256 = {"alg": "HS256", "typ": "JWT"}
_DIGESTS = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


def segment(value: object) -> str:
    """JSON, or bytes as they are, in base64url."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def mac(key: bytes, head: object, claims: object, algorithm: str = "HS256") -> str:
    """A token whose HMAC is right for that key."""
    signed = f"{segment(head)}.{segment(claims)}"
    digest = hmac.new(key, signed.encode(), _DIGESTS[algorithm]).digest()
    return f"{signed}.{segment(digest)}"


def unsigned(claims: Claims) -> Iterator[tuple[str, str]]:
    """By who hopes that nobody looks at the signature."""
    spellings = ("none", "None", "NONE", "nOnE", "none ", " none", "no\u006ee\x00", "")
    odd: Sequence[object] = (None, 0, False, [], {}, ["HS256"], ["none"], "HS0")
    for algorithm in (*spellings, *odd):
        head = {"alg": algorithm, "typ": "JWT"}
        body = f"{segment(head)}.{segment(claims)}"
        for signature in ("", "AAAA", segment(bytes(32))):
            yield (
                f"alg {algorithm!r}, signature {signature[:4]!r}",
                f"{body}.{signature}",
            )
        yield f"alg {algorithm!r}, two parts", body
    yield "no alg", f"{segment({'typ': 'JWT'})}.{segment(claims)}."
    yield "no head", f".{segment(claims)}."
    twice = b'{"alg":"none","alg":"HS256","typ":"JWT"}'
    for twice in (
        b'{"alg":"none","alg":"HS256","typ":"JWT"}',
        b'{"alg":"HS256","alg":"none","typ":"JWT"}',
    ):
        yield "alg twice", f"{segment(twice)}.{segment(claims)}."


def with_guessed_keys(claims: Claims, *, base_url: str) -> Iterator[tuple[str, str]]:
    """By who hopes for a default key, or for one that its own words name."""
    guessed = ("", " ", "secret", "changeme", "cloudrota", "cloudrota-api", "null")
    for key in (*guessed, "undefined", "HS256", base_url, "0123456789abcdef" * 4):
        yield f"key {key!r}", mac(key.encode(), HS256, claims)
    for length in (1, 16, 32, 64):
        yield f"{length} zeros", mac(bytes(length), HS256, claims)
    for key_id, known in {
        "../../../../../../dev/null": b"",
        "/dev/null": b"",
        "/proc/sys/kernel/randomize_va_space": b"2\n",
        "file:///dev/null": b"",
        "x' UNION SELECT 'known' --": b"known",
        "x'; SELECT pg_sleep(5) --": b"known",
        "|/usr/bin/id": b"",
        "test-1": b"",
        "\x00": b"",
        "a" * 512: b"",
    }.items():
        head = HS256 | {"kid": key_id}
        yield f"kid {key_id[:24]!r}", mac(known, head, claims)
    odd: Sequence[object] = (None, 0, [], {}, ["a"])
    for one in odd:
        yield f"kid {one!r}", mac(b"", {**HS256, "kid": one}, claims)


def with_keys_of_ones_own(claims: Claims, *, lure: str) -> Iterator[tuple[str, str]]:
    """By who has a key pair: its public half as the HMAC's key, in all its forms; its
    private half, with a head that brings the public one or that it is at `lure`."""
    of_rsa = rsa.generate_private_key(65537, 2048)
    of_ec = ec.generate_private_key(ec.SECP256R1())
    of_ed = ed25519.Ed25519PrivateKey.generate()
    for name, public in (
        ("RSA", of_rsa.public_key()),
        ("EC", of_ec.public_key()),
        ("Ed25519", of_ed.public_key()),
    ):
        for form, encoding in (("PEM", Encoding.PEM), ("DER", Encoding.DER)):
            key = public.public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)
            for algorithm in _DIGESTS:
                head = {"alg": algorithm, "typ": "JWT"}
                made = mac(key, head, claims, algorithm)
                yield f"{algorithm} with {name}'s {form}", made
            yield f"{name}'s stripped {form}", mac(key.strip(), HS256, claims)
    pkcs1 = of_rsa.public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1)
    yield "RSA's PKCS1", mac(pkcs1, HS256, claims)
    oct_key = {"kty": "oct", "k": segment(b"known"), "alg": "HS256"}
    heads: Sequence[Claims] = (
        {"jwk": oct_key},
        {"jwk": _jwk(of_rsa.public_key())},
        {"jku": f"{lure}/jwks.json"},
        {"x5u": f"{lure}/cert.pem"},
        {"kid": f"{lure}/key"},
        {"x5c": [base64.b64encode(pkcs1).decode()]},
        {"crit": ["b64"], "b64": False},
    )
    for brought in heads:
        what = next(iter(brought))
        yield f"HS256 and {what}", mac(b"known", {**HS256, **brought}, claims)
        for name, sign in (("RS256", _rs256(of_rsa)), ("ES256", _es256(of_ec))):
            yield f"{name} and {what}", sign({"alg": name, **brought}, claims)
    signed = f"{segment({'alg': 'EdDSA'})}.{segment(claims)}"
    yield "EdDSA", f"{signed}.{segment(of_ed.sign(signed.encode()))}"
    zeros = f"{segment({'alg': 'ES256', 'typ': 'JWT'})}.{segment(claims)}"
    yield "ES256 of zeros", f"{zeros}.{segment(bytes(64))}"


def _rs256(key: rsa.RSAPrivateKey) -> Sign:
    def sign(head: object, claims: object) -> str:
        signed = f"{segment(head)}.{segment(claims)}"
        signature = key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{segment(signature)}"

    return sign


def _es256(key: ec.EllipticCurvePrivateKey) -> Sign:
    def sign(head: object, claims: object) -> str:
        signed = f"{segment(head)}.{segment(claims)}"
        der = key.sign(signed.encode(), ec.ECDSA(hashes.SHA256()))
        r, s = decode_dss_signature(der)
        return f"{signed}.{segment(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    return sign


def _jwk(public: rsa.RSAPublicKey) -> dict[str, str]:
    numbers = public.public_numbers()
    return {
        "kty": "RSA",
        "n": segment(numbers.n.to_bytes(256, "big")),
        "e": segment(numbers.e.to_bytes(3, "big")),
    }


def signed_by_us(
    key: bytes, claims: dict[str, Any], *, now: int
) -> Iterator[tuple[str, str]]:
    """With our key, and not what we issue: of another use of the key, of another time,
    or with a claim that is none."""
    nothing: Sequence[object] = (None, "", 0, True, [], {}, "x", "\ud800", -1)
    for name, good in claims.items():
        rest = {one: text for one, text in claims.items() if one != name}
        yield f"without {name}", mac(key, HS256, rest)
        for odd in (*nothing, [good, 7]):
            yield f"{name} {odd!r:.20}", mac(key, HS256, claims | {name: odd})
    for change in (
        {"aud": "another-api"},
        {"aud": ["another-api"]},
        {"aud": "CLOUDROTA-API"},
        {"iss": "https://another.example"},
        {"iss": f"{claims['iss']}/"},
        {"iss": [claims["iss"]]},
        {"exp": now - 1},
        {"exp": now - 86_400},
        {"exp": 0},
        {"exp": f"{now + 600}"},
        {"exp": now + 10 * 365 * 86_400},
        {"exp": 10**12},
        {"exp": 10**300},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"nbf": now + 3600},
        {"nbf": "later"},
        {"iat": now + 3600, "exp": now + 4200},
        {"iat": float("nan")},
    ):
        yield f"{change}", mac(key, HS256, claims | change)
    for algorithm in ("HS384", "HS512"):
        head = {"alg": algorithm, "typ": "JWT"}
        yield f"{algorithm} with our key", mac(key, head, claims, algorithm)
    heads: Sequence[object] = ({"alg": "hs256"}, {"alg": "none"}, {}, [], "x", None)
    for one in heads:
        yield f"head {one!r}", mac(key, one, claims)
    for payload in ([], "x", None, 7, [claims], b"", b"{", b"\xff\xfe", b"{} {}"):
        yield f"claims {payload!r:.20}", mac(key, HS256, payload)
    yield "too long", mac(key, HS256, claims | {"more": "x" * 60_000})


def disfigured(token: str) -> Iterator[tuple[str, str]]:
    """A token that was given, changed."""
    head, claims, signature = token.split(".")
    for at in range(len(signature) - 1):  # the last letter has bits that say nothing
        other = "A" if signature[at] != "A" else "B"
        changed = signature[:at] + other + signature[at + 1 :]
        yield f"letter {at} of the signature", f"{head}.{claims}.{changed}"
    yield from {
        "no signature": f"{head}.{claims}.",
        "half a signature": f"{head}.{claims}.{signature[:21]}",
        "a longer signature": f"{head}.{claims}.{signature}AAAA",
        "the signature twice": f"{head}.{claims}.{signature}.{signature}",
        "five parts": f"{head}.{claims}.{signature}.{head}.{claims}",
        "a padded signature": f"{head}.{claims}.{signature}=",
        "a signature with dirt": f"{head}.{claims}.!{signature}",
        "a signature with a gap": f"{head}.{claims}.{signature[:9]} {signature[9:]}",
        "claims with dirt": f"{head}.{claims}!.{signature}",
        "in capitals": token.upper(),
        "backwards": token[::-1],
        "quoted": f'"{token}"',
        "twice": f"{token},{token}",
        "with a scheme": f"Bearer {token}",
        "half": token[: len(token) // 2],
        "encoded": segment(token.encode()),
    }.items()
