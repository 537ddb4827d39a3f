"""The chain of an organization's audit log: what a link hashes, and what is wrong with
a chain that was tampered with. docs/audit-log.md says the same to those outside."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

FORM = "cloudrota-audit-2"
OLD_FORM = "cloudrota-audit-1"
BEFORE_THE_FIRST = bytes(32)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Facts(NamedTuple):
    """What never changes of an event, in the order in which it is hashed."""

    id: UUID
    at: datetime
    actor: str
    action: str
    subject_type: str
    subject_id: UUID | None
    detail_seal: bytes
    origin_seal: bytes


class Link(NamedTuple):
    seq: int
    event_id: UUID
    previous_hash: bytes
    hash: bytes


class Texts(NamedTuple):
    """What may be erased, as PostgreSQL writes it: the salt goes with the text, and
    what is left is `blank`."""

    name: str
    salt: bytes | None
    text: str
    seal: bytes
    blank: str

    @property
    def are_erased(self) -> bool:
        return self.salt is None and self.text == self.blank

    @property
    def are_sealed(self) -> bool:
        said = (self.salt or b"") + self.text.encode()
        return hashlib.sha256(said).digest() == self.seal


class Row(NamedTuple):
    """A link, its event, or both, as the database has them. `waits` is true of an event
    that is to be linked."""

    link: Link | None
    facts: Facts | None
    texts: tuple[Texts, ...]
    waits: bool


def facts_hash(facts: Facts) -> bytes:
    """SHA-256 over the facts as one JSON list. The seals in it are salted, so that it
    tells nothing of an event to who does not know it."""
    return _hash([FORM, *_listed(facts)])


def link_hash(
    organization_id: UUID, seq: int, previous_hash: bytes, facts: Facts
) -> bytes:
    return next_hash(organization_id, seq, previous_hash, facts_hash(facts))


def next_hash(
    organization_id: UUID, seq: int, previous_hash: bytes, of_facts: bytes
) -> bytes:
    """SHA-256 over the hash of the facts and their place, as one JSON list: a step of
    the chain can be shown without the event that it stands for."""
    return _hash([FORM, str(organization_id), seq, previous_hash.hex(), of_facts.hex()])


def old_link_hash(
    organization_id: UUID, seq: int, previous_hash: bytes, facts: Facts
) -> bytes:
    """What links were made with before there was `facts_hash`; they stay."""
    place = [OLD_FORM, str(organization_id), seq, previous_hash.hex()]
    return _hash([*place, *_listed(facts)])


def _listed(facts: Facts) -> list[Any]:
    return [
        str(facts.id),
        (facts.at - _EPOCH) // _MICROSECOND,
        facts.actor,
        facts.action,
        facts.subject_type,
        None if facts.subject_id is None else str(facts.subject_id),
        facts.detail_seal.hex(),
        facts.origin_seal.hex(),
    ]


def _hash(said: list[Any]) -> bytes:
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


class Judge:
    """Looks at one chain from its beginning to its end. What it answers are the faults,
    as sentences."""

    def __init__(self, organization_id: UUID, heads: Mapping[int, bytes]) -> None:
        """`heads` are hashes by number that the chain is known to have had."""
        self.linked = self.waiting = self.erased = 0
        self._organization_id = organization_id
        self._heads = dict(heads)
        self._seq = 0
        self._hash = BEFORE_THE_FIRST

    def see(self, row: Row) -> list[str]:
        """Rows with a link come first, by their number."""
        faults: list[str] = []
        if row.link is not None:
            faults += self._place(row.link)
            faults += self._content(row.link, row.facts)
            faults += self._known(row.link)
            self._seq, self._hash = row.link.seq, row.link.hash
            self.linked += 1
        elif row.waits:
            self.waiting += 1
        elif row.facts is not None:
            faults.append(
                f"event {row.facts.id} is in no chain: it was inserted past the"
                " application, or its link was removed"
            )
        if row.facts is not None:
            faults += self._readable(row.facts.id, row.texts)
        return faults

    def end(self) -> list[str]:
        """Heads behind the last link are of a tail that was cut off."""
        return [
            f"the tail was cut: the chain ends with number {self._seq}, and had a"
            f" number {seq}"
            for seq in sorted(self._heads)
        ]

    def _place(self, link: Link) -> Iterator[str]:
        expected = self._seq + 1
        if link.seq > expected:
            yield f"links were removed: numbers {expected} to {link.seq - 1}"
        elif link.previous_hash != self._hash:
            yield f"link {link.seq} does not follow from the one before it"

    def _content(self, link: Link, facts: Facts | None) -> Iterator[str]:
        if facts is None:
            yield f"event {link.event_id} was removed (number {link.seq})"
            return
        place = (self._organization_id, link.seq, link.previous_hash)
        if link.hash not in {link_hash(*place, facts), old_link_hash(*place, facts)}:
            yield f"event {facts.id} or its link was changed (number {link.seq})"

    def _known(self, link: Link) -> Iterator[str]:
        for seq in sorted(one for one in self._heads if one <= link.seq):
            if self._heads.pop(seq) != link.hash or seq != link.seq:
                yield f"the chain was written anew: number {seq} is not as it left"

    def _readable(self, event_id: UUID, texts: Iterable[Texts]) -> Iterator[str]:
        for one in texts:
            if one.are_erased:
                self.erased += 1
            elif not one.are_sealed:
                yield f"the {one.name} of event {event_id} was changed"
