"""The steps of an audit chain that an evidence bundle shows: each event that concerns
its execution follows from the one before, and leads to a head."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from app.services.decisions.audit_chain import (
    Facts,
    link_hash,
    next_hash,
    old_link_hash,
)


class Refused(ValueError):
    """One sentence: what does not hold."""


class Kept(NamedTuple):
    """A head that somebody has kept outside."""

    organization_id: UUID
    seq: int
    hash: bytes


class Chain:
    """Sees the records one by one, as they stand in the bundle."""

    def __init__(
        self, organization_id: UUID, subjects: Collection[str], kept: Iterable[Kept]
    ) -> None:
        self._organization_id = organization_id
        self._subjects = subjects
        self._kept = {
            one.seq: one.hash for one in kept if one.organization_id == organization_id
        }
        self._seq = 0
        self._hash: bytes | None = None  # None: between two spans
        self._loose = 0  # events that no head has covered yet
        self._said: list[str] = []
        self._matched: list[int] = []
        self._waiting = self._old = self._erased = 0

    def see(self, kind: str, said: Mapping[str, Any]) -> None:
        if kind == "audit_event":
            self._event(said)
        elif kind == "link":
            self._link(said)
        else:
            self._head(kind, said)
        if self._hash is not None and self._seq in self._kept:
            self._compare()

    def end(self) -> None:
        if self._loose:
            raise Refused(
                f"The chain is cut: after number {self._seq} there is no head, to which"
                " its events lead."
            )

    def sentences(self) -> Iterator[str]:
        yield from self._said
        if self._kept:
            told = ", ".join(map(str, self._matched))
            yield (
                f"Of the heads that you kept, number {told} is in it as it left."
                if told
                else "None of the heads that you kept is within these steps."
            )
        else:
            yield (
                "No kept head was given: that the heads above are those that left the"
                " database is the word of who signed. Compare them with yours."
            )
        if self._erased:
            yield f"Events of which the detail was erased: {self._erased}."
        if self._waiting:
            yield f"Events that were not linked yet, only signed: {self._waiting}."
        if self._old:
            yield (
                "Events that were linked in an older form, of which no steps can be"
                f" shown, only signed: {self._old}."
            )

    def _event(self, said: Mapping[str, Any]) -> None:
        facts = Facts(
            id=UUID(said["id"]),
            at=datetime.fromisoformat(said["at"]),
            actor=said["actor"],
            action=said["action"],
            subject_type=said["subject_type"],
            subject_id=said["subject_id"] and UUID(said["subject_id"]),
            detail_seal=bytes.fromhex(said["detail_seal"]),
            origin_seal=bytes.fromhex(said["origin_seal"]),
        )
        if said["subject_id"] not in self._subjects:
            raise Refused(f"Event {facts.id} is not about this execution.")
        self._detail(facts, said["detail"], said["detail_salt"])
        if said["seq"] is None:
            self._waiting += 1
            return
        seq, before = int(said["seq"]), bytes.fromhex(said["previous_hash"])
        hash = bytes.fromhex(said["hash"])
        if hash == old_link_hash(self._organization_id, seq, before, facts):
            self._old += 1
            return
        self._begin(seq, before)
        if hash != link_hash(self._organization_id, seq, before, facts):
            raise Refused(f"Event {facts.id} (number {seq}) is not what was linked.")
        self._seq, self._hash = seq, hash
        self._loose += 1

    def _begin(self, seq: int, before: bytes) -> None:
        """An event may begin new steps where the last ones have led to a head."""
        if self._hash is not None and seq == self._seq + 1:
            if before != self._hash:
                raise Refused(f"Number {seq} does not follow from the one before it.")
        elif self._loose:
            raise Refused(f"The chain is cut: after number {self._seq} comes {seq}.")
        elif seq <= self._seq:
            raise Refused(f"The chain is out of order: number {seq} comes again.")

    def _link(self, said: Mapping[str, Any]) -> None:
        seq = int(said["seq"])
        if self._hash is None or seq != self._seq + 1:
            raise Refused(f"The chain is cut: after number {self._seq} comes {seq}.")
        if said["facts_hash"] is None:
            raise Refused(f"The event of number {seq} was removed from the audit log.")
        facts = bytes.fromhex(said["facts_hash"])
        self._hash = next_hash(self._organization_id, seq, self._hash, facts)
        self._seq = seq

    def _head(self, kind: str, said: Mapping[str, Any]) -> None:
        seq, hash = int(said["seq"]), bytes.fromhex(said["hash"])
        if (seq, hash) != (self._seq, self._hash):
            raise Refused(
                f"The steps do not lead to the head with number {seq}: an event was"
                " changed, inserted or removed."
            )
        what = (
            f"the head of {datetime.fromisoformat(said['day']).date()}"
            if kind == "head"
            else "the end that the chain had then, which no daily head covered yet"
        )
        if self._loose:
            self._said.append(
                f"Events of the audit log that lead to {what} (number {seq}, hash"
                f" {hash.hex()}): {self._loose}."
            )
        self._loose = 0

    def _compare(self) -> None:
        if self._kept[self._seq] != self._hash:
            raise Refused(
                f"Number {self._seq} of the chain is not the head that you kept: the"
                " audit log was written anew."
            )
        if self._seq not in self._matched:
            self._matched.append(self._seq)

    def _detail(self, facts: Facts, text: str | None, salt: str | None) -> None:
        if text is None or salt is None:
            self._erased += 1
        elif (
            hashlib.sha256(bytes.fromhex(salt) + text.encode()).digest()
            != facts.detail_seal
        ):
            raise Refused(f"The detail of event {facts.id} was changed.")
