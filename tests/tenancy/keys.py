"""API keys of the people, to attack with: limited by labels, by scopes, by the role of
whom they belong to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.permissions import Permission
from tests.personae import People, Persona, make_key

NORTH = {"client": ["north"]}
KINDS = {"personal": False, "service": True}


@dataclass(frozen=True)
class Keys:
    """`with_only` and `with_all_but` are Alice's and her organization's, by kind and
    permission."""

    alices_north: Persona
    claras: Persona
    victors: Persona
    service_north: Persona
    mallorys: Persona
    with_only: Mapping[tuple[str, Permission], Persona]
    with_all_but: Mapping[tuple[str, Permission], Persona]

    @property
    def of_colleagues(self) -> tuple[Persona, ...]:
        return (self.alices_north, self.claras, self.victors, self.service_north)

    @property
    def limited(self) -> tuple[Persona, ...]:
        """Those that see what Clara sees."""
        return (self.alices_north, self.claras, self.service_north)


async def make_keys(session: AsyncSession, people: People) -> Keys:
    alice = people.alice

    async def each(
        scopes_of: Mapping[Permission, Iterable[str]],
    ) -> dict[tuple[str, Permission], Persona]:
        return {
            (kind, permission): await make_key(
                session, alice, scopes=set(scopes), is_service=is_service
            )
            for kind, is_service in KINDS.items()
            for permission, scopes in scopes_of.items()
        }

    everything = set(Permission)
    return Keys(
        with_only=await each({one: {one} for one in Permission}),
        with_all_but=await each({one: everything - {one} for one in Permission}),
        alices_north=await make_key(session, alice, label_scope=NORTH),
        claras=await make_key(session, people.clara),
        victors=await make_key(session, people.victor),
        service_north=await make_key(
            session, alice, is_service=True, label_scope=NORTH
        ),
        mallorys=await make_key(session, people.mallory, is_service=True),
    )
