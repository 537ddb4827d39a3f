"""Who may what, said a second time and in another way: a permission that slips in or
out is noticed here, and changed on purpose in both places."""

from itertools import pairwise

import pytest

from app.core.permissions import (
    FORBIDDEN_TO_KEYS,
    OF_ALL_ACCOUNTS,
    OPEN_TO_KEYS,
    ROLE_PERMISSIONS,
    Permission,
    Role,
    covers,
    permissions_of,
)

# Each permission, the least role that has it, and whether a key may.
LEAST = {
    "organization.read": ("viewer", "keys"),
    "members.read": ("viewer", "keys"),
    "tasks.read": ("viewer", "keys"),
    "executions.read": ("viewer", "keys"),
    "inventory.read": ("viewer", "keys"),
    "credentials.read": ("viewer", "keys"),
    "accounts.read": ("viewer", "keys"),
    "api_keys.read": ("viewer", "people"),
    "usage.read": ("viewer", "keys"),
    "tasks.edit": ("member", "keys"),
    "tasks.execute": ("member", "keys"),
    "executions.cancel": ("member", "keys"),
    "executions.resolve": ("member", "people"),
    "problems.edit": ("member", "keys"),
    "api_keys.edit": ("member", "people"),
    "notifications.read": ("member", "keys"),
    "notifications.edit": ("admin", "people"),
    "credentials.edit": ("admin", "people"),
    "accounts.edit": ("admin", "keys"),
    "service_keys.edit": ("admin", "people"),
    "members.edit": ("admin", "people"),
    "invitations.read": ("admin", "keys"),
    "audit.read": ("admin", "keys"),
    "evidence.export": ("admin", "keys"),
    "billing.edit": ("admin", "people"),
    "organization.edit": ("owner", "people"),
    "organization.transfer": ("owner", "people"),
    "organization.delete": ("owner", "people"),
    "organization.export": ("owner", "people"),
}
UPWARDS = (Role.VIEWER, Role.MEMBER, Role.ADMIN, Role.OWNER)


@pytest.mark.parametrize("permission", Permission)
def test_a_permission_is_of_the_roles_that_it_is_meant_for(
    permission: Permission,
) -> None:
    least, whose = LEAST[permission]
    above = UPWARDS[UPWARDS.index(Role(least)) :]
    has = [role for role in UPWARDS if permission in ROLE_PERMISSIONS[role]]
    assert has == [*above]
    assert (permission in OPEN_TO_KEYS) == (whose == "keys")
    assert (permission in FORBIDDEN_TO_KEYS) == (whose == "people")


def test_who_sees_some_accounts_only_lacks_what_tells_of_all() -> None:
    of_all = {"audit.read", "evidence.export", "members.edit", "invitations.read"}
    of_all |= {"usage.read", "billing.edit"}
    of_all |= {"notifications.read", "notifications.edit"}
    assert of_all == OF_ALL_ACCOUNTS


def test_a_role_covers_itself_and_those_below() -> None:
    for lower, higher in pairwise(UPWARDS):
        assert covers(higher, lower)
        assert not covers(lower, higher)
    assert all(covers(role, role) for role in UPWARDS)


def test_a_key_may_what_is_among_its_scopes_its_role_and_open_to_keys() -> None:
    wanted = {"tasks.read", "tasks.edit", "credentials.edit"}
    assert permissions_of(Role.OWNER, wanted) == {"tasks.read", "tasks.edit"}
    assert permissions_of(Role.VIEWER, wanted) == {"tasks.read"}
    assert permissions_of(Role.OWNER, set()) == set()
    assert permissions_of(Role.VIEWER) == ROLE_PERMISSIONS[Role.VIEWER]
