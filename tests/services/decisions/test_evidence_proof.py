"""Evidence holds as it was signed, and is refused in one sentence however it was
tampered with: by somebody without the key, and by somebody with it."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.decisions import evidence_proof
from app.services.decisions.evidence_form import (
    MOST_BYTES,
    Signature,
    sha256,
    signed_message,
)
from app.services.decisions.evidence_proof import prove
from app.services.decisions.evidence_steps import Kept, Refused
from tests.services.decisions.bundles import (
    KEY,
    OURS,
    TENANT,
    THEIRS,
    Records,
    chain,
    counted,
    event,
    honest,
    signed,
)

WHOLE = signed(honest())
UNIT = str(UUID(int=11)).encode()
HEAD = Kept(TENANT, 9, bytes.fromhex(chain()[3]["hash"]))


def refusal(bundle: bytes, *kept: Kept) -> str:
    with pytest.raises(Refused) as refused:
        prove(bundle, {KEY}, kept)
    return str(refused.value)


def test_what_is_whole_is_told_in_sentences() -> None:
    said = prove(WHOLE, {KEY})
    assert (
        said[0]
        == f"Signed by the key {KEY}, which you gave; no byte was changed since."
    )
    assert said[3:6] == [
        "Units: 1 failed, 2 succeeded; they are those that its coverage tells.",
        "Requests that AWS answered: 24, of which 2 are named with AWS's request id.",
        (
            "Units that name the AWS request that failed: 1. Events that tell what"
            " happened: 2. Files that are named with their hashes: 1."
        ),
    ]
    number_9 = f"(number 9, hash {HEAD.hash.hex()}): 2."
    leads = "Events of the audit log that lead to the head of 2026-03-03"
    assert said[6] == f"{leads} {number_9}"
    assert "No kept head was given" in said[7]
    assert "Not proven" in said[8]


def test_a_public_key_does_as_well_as_its_fingerprint() -> None:
    assert prove(WHOLE, {OURS.public_key.hex()}) == prove(WHOLE, {KEY})


def test_what_would_steer_a_terminal_is_written_out() -> None:
    assert "\x1b" not in "".join(prove(WHOLE, {KEY}))


def test_a_kept_head_proves_that_the_log_was_not_written_anew() -> None:
    assert any("number 9 is in it" in one for one in prove(WHOLE, {KEY}, [HEAD]))
    elsewhere = [HEAD._replace(organization_id=UUID(int=77)), HEAD._replace(seq=500)]
    assert any("None of the heads" in one for one in prove(WHOLE, {KEY}, elsewhere))
    assert "written anew" in refusal(WHOLE, HEAD._replace(hash=bytes(32)))
    assert "written anew" in refusal(WHOLE, HEAD._replace(seq=8)), "between, too"


# ── by somebody without the key ──────────────────────────────────────────────────


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_any_changed_byte_is_refused(place: int, change: int) -> None:
    bundle = bytearray(WHOLE)
    bundle[place] ^= change
    assert refusal(bytes(bundle))


@given(st.integers(0, len(WHOLE) - 1))
def test_any_cut_is_refused(length: int) -> None:
    assert "cut off" in refusal(WHOLE[:length])


@given(st.integers(0, len(WHOLE)), st.binary(min_size=1, max_size=200))
def test_whatever_is_put_in_is_refused(place: int, more: bytes) -> None:
    assert refusal(WHOLE[:place] + more + WHOLE[place:])


@given(st.binary(max_size=2_000))
def test_anything_else_is_no_bundle(nonsense: bytes) -> None:
    assert "no such bundle" in refusal(nonsense)


@given(st.data())
def test_lines_in_another_order_are_refused(data: st.DataObject) -> None:
    lines = WHOLE.splitlines(keepends=True)
    shuffled = data.draw(st.permutations(lines).filter(lambda one: one != lines))
    assert refusal(b"".join(shuffled))


def _without(what: bytes) -> bytes:
    """The bundle without the lines in which that stands."""
    kept = [one for one in WHOLE.splitlines(keepends=True) if what not in one]
    assert len(kept) < len(WHOLE.splitlines())
    return b"".join(kept)


def _with_signature_of(other: bytes) -> bytes:
    return b"".join([*WHOLE.splitlines(keepends=True)[:-1], _signature(other)])


def _signature(bundle: bytes) -> bytes:
    return bundle.splitlines(keepends=True)[-1]


def _said_to_be_ours(bundle: bytes) -> bytes:
    """Under our public key, with what another one made."""
    return bundle.replace(
        THEIRS.public_key.hex().encode(), OURS.public_key.hex().encode()
    )


CHANGED = "It is not what was signed"
TAMPERED: dict[str, tuple[bytes, str]] = {
    "a changed unit": (WHOLE.replace(b"request-0", b"request-9"), CHANGED),
    "a dropped unit": (_without(b'"is":"unit","id":"%s"' % UNIT), CHANGED),
    "a cut chain": (_without(b'"is":"link"'), CHANGED),
    "no end": (_without(b'"is":"end"'), CHANGED),
    "the signature of another bundle": (
        _with_signature_of(signed(honest()[:-1])),
        CHANGED,
    ),
    "no signature": (_without(b'"is":"signature"'), "cut off"),
    "two signatures": (WHOLE + _signature(WHOLE), CHANGED),
    "another key": (signed(honest(), THEIRS), "not the one you gave"),
    "another key under our name": (
        _said_to_be_ours(signed(honest(), THEIRS)),
        "it was swapped",
    ),
    "an upper-case signature": (
        WHOLE[: -len(_signature(WHOLE))] + _signature(WHOLE).upper(),
        "cut off",
    ),
    "a huge file": (WHOLE + bytes(MOST_BYTES), "larger than"),
    "an empty file": (b"", "cut off"),
    "a line without an end": (b"{" * 100_000, "cut off"),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_who_has_no_key_is_found_out(name: str) -> None:
    bundle, said = TAMPERED[name]
    assert said in refusal(bundle)


def test_nothing_is_read_before_the_signature_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def read(_: object) -> None:
        raise AssertionError("it was read")

    monkeypatch.setattr(evidence_proof, "_record", read)
    for bundle, _ in TAMPERED.values():
        assert refusal(bundle)


# ── by somebody with the key ─────────────────────────────────────────────────────

Tamper = Callable[[Records], object]


def _of(records: Records, kind: str, place: int = 0) -> dict[str, Any]:
    return [one for one in records if one["is"] == kind][place]


def _drop(kind: str, place: int = 0) -> Tamper:
    return lambda records: records.remove(_of(records, kind, place))


def _set(kind: str, name: str, value: Any, place: int = 0) -> Tamper:
    return lambda records: _of(records, kind, place).update({name: value})


def _swap(kind: str) -> Tamper:
    def swap(records: Records) -> None:
        one, other = (records.index(_of(records, kind, place)) for place in (0, 1))
        records[one], records[other] = records[other], records[one]

    return swap


def _again(kind: str) -> Tamper:
    return lambda records: records.insert(
        records.index(_of(records, kind)), dict(_of(records, kind))
    )


def _add(*more: dict[str, Any]) -> Tamper:
    def add(records: Records) -> None:
        records[-1:-1] = more

    return add


RESIGNED: dict[str, tuple[Tamper, str]] = {
    "a dropped unit": (_drop("unit"), "are not those that its coverage tells"),
    "a doubled unit": (_again("unit"), "out of order, or one is there twice"),
    "units in another order": (_swap("unit"), "units are out of order"),
    "a unit made green": (_set("unit", "status", "succeeded"), "coverage tells"),
    "a unit elsewhere": (_set("unit", "region", "us-east-1"), "coverage tells"),
    "events in another order": (_swap("event"), "What happened is out of order"),
    "a file of another execution": (
        _set("artifact", "execution_id", "x"),
        "not all of one execution",
    ),
    "another run": (_set("run", "id", "x"), "not all of one execution"),
    "another version": (_set("task_version", "id", "x"), "not all of one execution"),
    "another result": (_set("result", "execution_id", "x"), "not all of one"),
    "no result": (_drop("result"), "missing, or there twice"),
    "two executions": (_again("execution"), "missing, or there twice"),
    "a unit at the end": (
        lambda records: records.append(records.pop(5)),
        "records are out of order",
    ),
    "another form": (_set("bundle", "form", "cloudrota-evidence-9"), "not in the form"),
    "a changed event of the log": (
        _set("audit_event", "actor", "user:2"),
        "is not what was linked",
    ),
    "a changed detail": (_set("audit_event", "detail", "{}"), "detail of event"),
    "an event of something else": (
        _set("audit_event", "subject_id", str(UUID(int=500))),
        "is not about this execution",
    ),
    "a changed step": (_set("link", "facts_hash", "00" * 32), "does not follow"),
    "a dropped step": (_drop("link"), "The chain is cut: after number 7 comes 9"),
    "a step whose event is gone": (_set("link", "facts_hash", None), "was removed"),
    "a dropped event of the log": (
        _drop("audit_event", 1),
        "do not lead to the head with number 9",
    ),
    "no head": (_drop("head"), "The chain is cut: after number 9 there is no head"),
    "another head": (_set("head", "hash", "00" * 32), "do not lead to the head"),
    "a chain that begins with a step": (_drop("audit_event"), "after number 0 comes 8"),
    "steps again": (_add(*chain()), "out of order: number 7 comes again"),
    "steps without a head": (_add(event(20, bytes(32))), "there is no head"),
    "steps that lead nowhere": (
        _add(event(20, bytes(32)), event(30, bytes(32))),
        "after number 20 comes 30",
    ),
    "a text for a number": (_set("audit_event", "seq", "many"), "not in the form"),
    "a list for a unit": (_set("unit", "error", [1]), "not in the form"),
    "an unknown record": (_add({"is": "praise"}), "not in the form"),
}


@pytest.mark.parametrize("name", RESIGNED)
def test_who_has_the_key_cannot_make_a_part_fit_what_does_not(name: str) -> None:
    tamper, said = RESIGNED[name]
    records = honest()
    tamper(records)
    if records[-1]["is"] == "end":
        records[-1] = {"is": "end", "counts": counted(records[:-1])}
    assert said in refusal(signed(records))


def test_what_it_says_of_its_own_size_must_hold() -> None:
    records = honest()
    records.remove(_of(records, "artifact"))
    said = "It says of itself that it has 1 records artifact, and has 0."
    assert refusal(signed(records)) == said


def test_deep_nesting_is_refused_even_if_it_is_signed() -> None:
    deep = b"[" * 200_000 + b"\n"
    seal = sha256(deep)
    last = Signature(OURS.public_key, seal, OURS.sign(signed_message(seal))).line
    assert "not in the form" in refusal(deep + last)


def test_several_spans_each_lead_to_a_head_of_their_own() -> None:
    records = honest()
    _add(*chain(20))(records)
    records[-1]["counts"] = counted(records[:-1])
    said = [one for one in prove(signed(records), {KEY}) if "lead to" in one]
    assert ["number 9," in said[0], "number 22," in said[1]] == [True, True]


def test_erased_details_and_events_that_wait_are_told() -> None:
    records = honest()
    erased = _of(records, "audit_event")
    erased.update({"detail": None, "detail_salt": None})
    waiting = event(0, bytes(32)) | {"seq": None, "hash": None, "previous_hash": None}
    _add(waiting)(records)
    records[-1]["counts"] = counted(records[:-1])
    said = prove(signed(records), {KEY})
    assert "Events of which the detail was erased: 1." in said
    assert "Events that were not linked yet, only signed: 1." in said
    assert json.loads(WHOLE.splitlines()[0])["is"] == "bundle"
