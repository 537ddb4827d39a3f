"""What an evidence bundle proves to somebody who has nothing but a public key: looks
at its bytes alone, and says in sentences what holds, or which thing does not."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

from app.core.signing import fingerprint, is_signed
from app.services.decisions.coverage import NO_UNIT, UnitEnd, cover
from app.services.decisions.evidence_form import (
    FORM,
    MOST_BYTES,
    sha256,
    signed_message,
    split,
)
from app.services.decisions.evidence_steps import Chain, Kept, Refused

_ONCE = ("bundle", "task_version", "run", "execution", "result")
_CHAIN = frozenset({"audit_event", "link", "head", "chain_end"})
_ORDER = (*_ONCE, "unit", "event", "artifact", "chain", "end")


class Record(NamedTuple):
    kind: str
    said: Mapping[str, Any]

    @property
    def part(self) -> str:
        return "chain" if self.kind in _CHAIN else self.kind


def prove(
    bundle: bytes, trusted: Collection[str], kept: Iterable[Kept] = ()
) -> list[str]:
    """The sentences. `trusted` are public keys or their fingerprints, in hexadecimal
    digits; `kept` heads of audit logs that were kept elsewhere. Raises Refused. Nothing
    in the file is looked at before its signature holds."""
    lines, key = _signed(bundle, trusted)
    try:
        records = [_record(text) for text in lines.splitlines()]
        _refuse_disorder(records)
        by_kind = {kind: _all(records, kind) for kind in _ORDER}
        _refuse_strangers(by_kind)
        chain = _chain(records, by_kind, kept)
        return [_signature_holds(key), *_contents(by_kind), *chain.sentences(), _LIMITS]
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        if isinstance(error, Refused):
            raise
        raise Refused(f"It is signed, but not in the form {FORM}.") from error


_LIMITS = (
    "Not proven by this file: that AWS answered so. Compare the request ids and times"
    " with CloudTrail of the account."
)


def _signed(bundle: bytes, trusted: Collection[str]) -> tuple[bytes, str]:
    """The lines that are signed, and the fingerprint of the key."""
    if len(bundle) > MOST_BYTES:
        raise Refused(f"It is larger than {MOST_BYTES} bytes, which no bundle is.")
    parts = split(bundle)
    if parts is None:
        raise Refused(
            "It does not end with a signature: it was cut off, or is no such bundle."
        )
    lines, signature = parts
    key = fingerprint(signature.public_key)
    if not {key, signature.public_key.hex()} & set(trusted):
        raise Refused(f"It is signed by the key {key}, which is not the one you gave.")
    if sha256(lines) != signature.sha256:
        raise Refused(
            "It is not what was signed: something in it was changed, reordered, added"
            " or left out."
        )
    message = signed_message(signature.sha256)
    if not is_signed(signature.public_key, signature.signature, message):
        raise Refused("Its signature is not one of that key over this: it was swapped.")
    return lines, key


def _record(text: bytes) -> Record:
    said = json.loads(text)
    return Record(said.pop("is"), said)


def _all(records: Iterable[Record], kind: str) -> list[Mapping[str, Any]]:
    return [record.said for record in records if record.part == kind]


# ── whether it is whole ──────────────────────────────────────────────────────────


def _refuse_disorder(records: list[Record]) -> None:
    places = [_ORDER.index(record.part) for record in records]
    if places != sorted(places):
        raise Refused("Its records are out of order.")
    found = Counter(record.part for record in records)
    if any(found[kind] != 1 for kind in (*_ONCE, "end")):
        raise Refused("One of its records is missing, or there twice.")
    counts = records[-1].said["counts"]
    del found["end"]
    for kind in found.keys() | counts.keys():
        if found[kind] != counts.get(kind, 0):
            raise Refused(
                f"It says of itself that it has {counts.get(kind, 0)} records"
                f" {_shown(kind)}, and has {found[kind]}."
            )


def _refuse_strangers(by_kind: Mapping[str, list[Mapping[str, Any]]]) -> None:
    """Records that are not of the one execution, and units in another order than that
    in which they were planned, or that its coverage does not tell."""
    (bundle,), (version,), (run,), (execution,), (result,) = (
        by_kind[kind] for kind in _ONCE
    )
    if bundle["form"] != FORM:
        raise Refused(f"It is not in the form {FORM}.")
    pairs = (
        (bundle["execution_id"], execution["id"]),
        (result["execution_id"], execution["id"]),
        (run["id"], execution["run_id"]),
        (version["id"], run["task_version_id"]),
        *((one["execution_id"], execution["id"]) for one in by_kind["artifact"]),
    )
    if any(one != other for one, other in pairs):
        raise Refused("Its records are not all of one execution.")
    ids = [UUID(unit["id"]) for unit in by_kind["unit"]]
    happened = [_instant(event["at"]) for event in by_kind["event"]]
    if any(one >= next for one, next in pairwise(ids)):
        raise Refused("Its units are out of order, or one is there twice.")
    if any(one > next for one, next in pairwise(happened)):
        raise Refused("What happened is out of order.")
    _refuse_uncovered(by_kind["unit"], result["coverage"])


def _refuse_uncovered(units: list[Mapping[str, Any]], told: Any) -> None:
    if told is None:
        return
    names = ("region", "service", "key")
    ends = cover(
        UnitEnd(one["region"], one["service"], one["key"], one["status"])
        for one in units
    ).to_json()
    for name in ("read", "not_read", "not_applicable"):
        covered = [one for one in told[name] if one["key"] != NO_UNIT]
        mine, theirs = (
            Counter(tuple(one[name] for name in names) for one in items)
            for items in (ends[name], covered)
        )
        if mine != theirs:
            raise Refused("Its units are not those that its coverage tells.")


def _chain(
    records: Iterable[Record],
    by_kind: Mapping[str, list[Mapping[str, Any]]],
    kept: Iterable[Kept],
) -> Chain:
    (bundle,), (run,), (execution,) = (
        by_kind[kind] for kind in ("bundle", "run", "execution")
    )
    subjects = {run["id"], run["task_id"], execution["id"]}
    subjects |= {artifact["id"] for artifact in by_kind["artifact"]}
    chain = Chain(UUID(bundle["organization_id"]), subjects, kept)
    for record in records:
        if record.kind in _CHAIN:
            chain.see(record.kind, record.said)
    chain.end()
    return chain


# ── what it says ─────────────────────────────────────────────────────────────────


def _signature_holds(key: str) -> str:
    return f"Signed by the key {key}, which you gave; no byte was changed since."


def _contents(by_kind: Mapping[str, list[Mapping[str, Any]]]) -> Iterable[str]:
    (bundle,), (version,), (execution,) = (
        by_kind[kind] for kind in ("bundle", "task_version", "execution")
    )
    yield (
        f"Made by {_shown(bundle['product'])} {_shown(bundle['version'])} at"
        f" {_shown(bundle['made_at'])}, asked for by {_shown(bundle['asked_by'])} of"
        f" {_shown(bundle['organization_name'])}"
        f" ({_shown(bundle['organization_id'])})."
    )
    yield (
        f"Execution {_shown(execution['id'])} of version {_shown(version['version'])}"
        f" of the task {_shown(version['name'])} on the AWS account"
        f" {_shown(execution['account_id'])}: {_shown(execution['status'])}, from"
        f" {_shown(execution['started_at'])} to {_shown(execution['finished_at'])}."
    )
    statuses = Counter(str(unit["status"]) for unit in by_kind["unit"])
    told = ", ".join(f"{n} {_shown(name)}" for name, n in sorted(statuses.items()))
    yield f"Units: {told or 'none'}; they are those that its coverage tells."
    requests = sum(
        bool(unit["error"] and unit["error"]["request_id"]) for unit in by_kind["unit"]
    )
    # Bundles from before answers were recorded tell of none.
    answers = [one for unit in by_kind["unit"] if (one := unit.get("answers"))]
    named = sum(_named(one["first"]) + _named(one["last"]) for one in answers)
    yield (
        f"Requests that AWS answered: {sum(int(one['count']) for one in answers)}, of"
        f" which {named} are named with AWS's request id."
    )
    yield (
        f"Units that name the AWS request that failed: {requests}. Events that tell"
        f" what happened: {len(by_kind['event'])}. Files that are named with their"
        f" hashes: {len(by_kind['artifact'])}."
    )


def _named(answers: Iterable[Mapping[str, Any]]) -> int:
    return sum(one["request_id"] is not None for one in answers)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _shown(value: object) -> str:
    """Names come from strangers: what would steer a terminal is written out."""
    return value if isinstance(value, str) and value.isalnum() else json.dumps(value)
