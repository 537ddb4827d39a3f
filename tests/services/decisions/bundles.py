"""A whole evidence bundle, made by hand, to be tampered with and signed again."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.core.signing import SigningKeys, fingerprint
from app.services.decisions.audit_chain import Facts, facts_hash, link_hash, next_hash
from app.services.decisions.evidence_form import (
    FORM,
    Signature,
    line,
    sha256,
    signed_message,
)

OURS = SigningKeys(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
THEIRS = SigningKeys(Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
KEY = fingerprint(OURS.public_key)
TENANT = UUID(int=1)
EXECUTION, RUN, TASK, VERSION = (str(UUID(int=number)) for number in range(2, 6))
AT = datetime(2026, 3, 3, 6, tzinfo=UTC)

Records = list[dict[str, Any]]


def signed(records: Records, keys: SigningKeys = OURS) -> bytes:
    """As they stand there, by whoever has the key."""
    texts = [
        line(one["is"], {name: of for name, of in one.items() if name != "is"})
        for one in records
    ]
    lines = b"".join(texts)
    seal = sha256(lines)
    signature = keys.sign(signed_message(seal))
    return lines + Signature(keys.public_key, seal, signature).line


def honest() -> Records:
    """Three units, two events, and three steps of the chain that lead to a head."""
    records: Records = [
        {
            "is": "bundle",
            "form": FORM,
            "execution_id": EXECUTION,
            "organization_id": str(TENANT),
            "organization_name": "Acme\u001b[2J",
            "asked_by": "user:1",
            "made_at": AT.isoformat(),
            "product": "Cloudrota",
            "version": "0.1.0",
        },
        {"is": "task_version", "id": VERSION, "version": 3, "name": "Nightly"},
        {"is": "run", "id": RUN, "task_id": TASK, "task_version_id": VERSION},
        {
            "is": "execution",
            "id": EXECUTION,
            "run_id": RUN,
            "account_id": "123456789012",
            "status": "failed",
            "started_at": AT.isoformat(),
            "finished_at": AT.isoformat(),
        },
        {"is": "result", "execution_id": EXECUTION, "coverage": _coverage()},
        *(_unit(number) for number in range(3)),
        *({"is": "event", "at": (AT + timedelta(n)).isoformat()} for n in range(2)),
        {"is": "artifact", "id": str(UUID(int=99)), "execution_id": EXECUTION},
        *chain(),
    ]
    return [*records, {"is": "end", "counts": counted(records)}]


def counted(records: Records) -> dict[str, int]:
    of_chain = {"audit_event", "link", "head", "chain_end"}
    counts: dict[str, int] = {}
    for one in records:
        part = "chain" if one["is"] in of_chain else one["is"]
        counts[part] = counts.get(part, 0) + 1
    return counts


def _unit(number: int) -> dict[str, Any]:
    error = {"request_id": f"request-{number}", "code": "AccessDenied"}
    return {
        "is": "unit",
        "id": str(UUID(int=10 + number)),
        "region": f"eu-west-{number}",
        "service": "ec2",
        "key": "ec2:DescribeInstances",
        "status": "failed" if number == 0 else "succeeded",
        "calls": number,
        "answers": _answers(number) if number else None,
        "error": error if number == 0 else None,
    }


def _answers(number: int) -> dict[str, Any]:
    """Of twelve the first and the last of which AWS gave the id."""
    operation = {"operation": "ec2:DescribeInstances", "region": f"eu-west-{number}"}
    named = [operation | {"request_id": "59dbff89"}]
    return {"count": 12, "first": named, "last": [operation | {"request_id": None}]}


def _coverage() -> dict[str, Any]:
    items = [
        {
            "region": f"eu-west-{number}",
            "service": "ec2",
            "key": "ec2:DescribeInstances",
            "reason": None,
        }
        for number in range(3)
    ]
    return {
        "read": items[1:],
        "not_read": items[:1],
        "not_applicable": [],
        "excluded": [],
    }


def event(seq: int, before: bytes, subject: str = EXECUTION) -> dict[str, Any]:
    salt, detail = b"salt", json.dumps({"number": seq})
    facts = _facts(seq, subject, hashlib.sha256(salt + detail.encode()).digest())
    told = facts._asdict() | {
        "at": facts.at.isoformat(),
        "id": str(facts.id),
        "subject_id": subject,
        "detail_seal": facts.detail_seal.hex(),
        "origin_seal": facts.origin_seal.hex(),
    }
    return {
        "is": "audit_event",
        "seq": seq,
        "previous_hash": before.hex(),
        "hash": link_hash(TENANT, seq, before, facts).hex(),
        **told,
        "detail": detail,
        "detail_salt": salt.hex(),
    }


def _facts(seq: int, subject: str, seal: bytes = bytes(32)) -> Facts:
    return Facts(
        id=UUID(int=100 + seq),
        at=AT,
        actor="user:1",
        action="execution.cancel",
        subject_type="execution",
        subject_id=UUID(subject),
        detail_seal=seal,
        origin_seal=bytes(32),
    )


def chain(first: int = 7) -> Sequence[dict[str, Any]]:
    """An event, a step, another event, and the head of that day."""
    one = event(first, bytes(range(32)))
    of_facts = facts_hash(_facts(first + 1, str(UUID(int=500))))
    between = next_hash(TENANT, first + 1, bytes.fromhex(one["hash"]), of_facts)
    other = event(first + 2, between)
    head = {"seq": first + 2, "hash": other["hash"], "day": "2026-03-03"}
    return (
        one,
        {"is": "link", "seq": first + 1, "facts_hash": of_facts.hex()},
        other,
        {"is": "head", **head},
    )
