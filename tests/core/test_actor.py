"""What an actor may, must have proved, and is called."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from app.core.actor import Actor
from app.core.errors import Forbidden, PersonNeeded, StepUpRequired
from app.core.permissions import ROLE_PERMISSIONS, Permission, Role

HOME, USER, SESSION, KEY = (UUID(int=number) for number in range(1, 5))
ADMIN = Actor(HOME, USER, SESSION, Role.ADMIN)
PERSONAL = replace(ADMIN, session_id=None, key_id=KEY, scopes=frozenset({"tasks.read"}))
SERVICE = replace(PERSONAL, user_id=None)
LIMITED = replace(ADMIN, label_scope={"client": ["north"]})
WITHIN = timedelta(minutes=15)


def test_a_person_may_what_its_role_may() -> None:
    assert ADMIN.permissions == ROLE_PERMISSIONS[Role.ADMIN]
    assert ADMIN.may(Permission.EDIT_MEMBERS)
    assert not ADMIN.may(Permission.DELETE_ORGANIZATION)
    ADMIN.must(Permission.EDIT_MEMBERS)


@pytest.mark.parametrize("scope", [{}, {"client": []}, {"client": ["north"]}])
def test_who_is_limited_may_less(scope: dict[str, list[str]]) -> None:
    """Limited to nothing is limited, too."""
    limited = replace(ADMIN, label_scope=scope)
    assert not limited.may(Permission.READ_AUDIT)
    assert limited.may(Permission.EDIT_ACCOUNTS)


def test_a_key_may_what_it_was_made_for() -> None:
    assert PERSONAL.permissions == {"tasks.read"}
    assert SERVICE.permissions == {"tasks.read"}


@pytest.mark.parametrize(
    ("actor", "permission", "says"),
    [
        (ADMIN, Permission.DELETE_ORGANIZATION, "The role admin lacks"),
        (LIMITED, Permission.READ_AUDIT, "Who is limited to some accounts lacks"),
        (LIMITED, Permission.DELETE_ORGANIZATION, "The role admin lacks"),
        (PERSONAL, Permission.EDIT_TASKS, "The API key lacks"),
        (SERVICE, Permission.READ_TASKS, None),
    ],
)
def test_a_refusal_names_what_is_missing_and_to_whom(
    actor: Actor, permission: Permission, says: str | None
) -> None:
    if says is None:
        actor.must(permission)
        return
    with pytest.raises(Forbidden, match=f"^{says} {permission}") as refused:
        actor.must(permission)
    assert refused.value.permission is permission


@pytest.mark.parametrize("age", [None, WITHIN + timedelta(microseconds=1)])
def test_a_proof_that_is_missing_or_old_is_none(age: timedelta | None) -> None:
    with pytest.raises(StepUpRequired):
        replace(ADMIN, proof_age=age).must_have_proved(WITHIN)


@pytest.mark.parametrize("age", [timedelta(), WITHIN])
def test_a_proof_does_for_so_long(age: timedelta) -> None:
    replace(ADMIN, proof_age=age).must_have_proved(WITHIN)


def test_a_person_is_a_user_who_uses_no_key() -> None:
    assert ADMIN.person == USER
    for nobody in (PERSONAL, SERVICE, replace(ADMIN, user_id=None)):
        with pytest.raises(PersonNeeded):
            assert nobody.person is None


def test_what_a_key_does_is_signed_by_the_key() -> None:
    assert ADMIN.signature == f"user:{USER}"
    assert PERSONAL.signature == SERVICE.signature == f"key:{KEY}"


def test_by_itself_an_actor_is_verified_unlimited_and_has_proved_nothing() -> None:
    assert ADMIN.email_verified
    assert not ADMIN.must_enrol
    assert (ADMIN.label_scope, ADMIN.proof_age, ADMIN.key_id) == (None, None, None)
