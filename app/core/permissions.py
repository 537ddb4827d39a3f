"""Who may do what: one table, permission by role. Routes name a permission, never
a role."""

from collections.abc import Collection
from enum import StrEnum


class Role(StrEnum):
    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"


class Permission(StrEnum):
    READ_ORGANIZATION = "organization.read"
    TRANSFER_ORGANIZATION = "organization.transfer"
    DELETE_ORGANIZATION = "organization.delete"
    EXPORT_ORGANIZATION = "organization.export"
    READ_MEMBERS = "members.read"
    EDIT_MEMBERS = "members.edit"
    READ_INVITATIONS = "invitations.read"
    EDIT_ORGANIZATION = "organization.edit"
    READ_TASKS = "tasks.read"
    EDIT_TASKS = "tasks.edit"
    EXECUTE_TASKS = "tasks.execute"
    CANCEL_EXECUTIONS = "executions.cancel"
    RESOLVE_EXECUTIONS = "executions.resolve"
    READ_EXECUTIONS = "executions.read"
    EXPORT_EVIDENCE = "evidence.export"
    EDIT_PROBLEMS = "problems.edit"
    READ_INVENTORY = "inventory.read"
    READ_CREDENTIALS = "credentials.read"
    EDIT_CREDENTIALS = "credentials.edit"
    READ_ACCOUNTS = "accounts.read"
    EDIT_ACCOUNTS = "accounts.edit"
    READ_AUDIT = "audit.read"
    READ_USAGE = "usage.read"
    READ_API_KEYS = "api_keys.read"
    EDIT_API_KEYS = "api_keys.edit"
    EDIT_SERVICE_KEYS = "service_keys.edit"
    EDIT_BILLING = "billing.edit"
    READ_NOTIFICATIONS = "notifications.read"
    EDIT_NOTIFICATIONS = "notifications.edit"


_VIEWER = frozenset(
    {
        Permission.READ_ORGANIZATION,
        Permission.READ_MEMBERS,
        Permission.READ_TASKS,
        Permission.READ_EXECUTIONS,
        Permission.READ_INVENTORY,
        Permission.READ_CREDENTIALS,
        Permission.READ_ACCOUNTS,
        Permission.READ_API_KEYS,
        Permission.READ_USAGE,
    }
)
_MEMBER = _VIEWER | {
    Permission.EDIT_TASKS,
    Permission.EXECUTE_TASKS,
    Permission.CANCEL_EXECUTIONS,
    Permission.RESOLVE_EXECUTIONS,
    Permission.EDIT_PROBLEMS,
    Permission.EDIT_API_KEYS,
    Permission.READ_NOTIFICATIONS,
}
_ADMIN = _MEMBER | {
    Permission.EDIT_CREDENTIALS,
    Permission.EDIT_ACCOUNTS,
    Permission.EDIT_SERVICE_KEYS,
    Permission.EDIT_MEMBERS,
    Permission.READ_INVITATIONS,
    Permission.READ_AUDIT,
    Permission.EXPORT_EVIDENCE,
    Permission.EDIT_BILLING,
    Permission.EDIT_NOTIFICATIONS,
}
_OWNER = _ADMIN | {
    Permission.EDIT_ORGANIZATION,
    Permission.TRANSFER_ORGANIZATION,
    Permission.DELETE_ORGANIZATION,
    Permission.EXPORT_ORGANIZATION,
}

# What tells of all accounts at once, or gives access to them: who is limited to some
# lacks it, whatever the role.
OF_ALL_ACCOUNTS = frozenset(
    {
        Permission.READ_AUDIT,
        Permission.EXPORT_EVIDENCE,
        Permission.EDIT_MEMBERS,
        Permission.READ_INVITATIONS,
        Permission.READ_USAGE,
        Permission.EDIT_BILLING,
        Permission.READ_NOTIFICATIONS,
        Permission.EDIT_NOTIFICATIONS,
    }
)

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: _VIEWER,
    Role.MEMBER: _MEMBER,
    Role.ADMIN: _ADMIN,
    Role.OWNER: _OWNER,
}


def covers(role: Role, other: Role) -> bool:
    """Whether `role` may all that `other` may, and so may give and take it."""
    return ROLE_PERMISSIONS[other] <= ROLE_PERMISSIONS[role]


# What an API key may be made for. Each permission is in one of the two.
OPEN_TO_KEYS = frozenset(
    {
        Permission.READ_ORGANIZATION,
        Permission.READ_MEMBERS,
        Permission.READ_INVITATIONS,
        Permission.READ_AUDIT,
        Permission.READ_USAGE,
        Permission.READ_TASKS,
        Permission.EDIT_TASKS,
        Permission.EXECUTE_TASKS,
        Permission.CANCEL_EXECUTIONS,
        Permission.READ_EXECUTIONS,
        Permission.EXPORT_EVIDENCE,
        Permission.EDIT_PROBLEMS,
        Permission.READ_INVENTORY,
        Permission.READ_CREDENTIALS,
        Permission.READ_ACCOUNTS,
        Permission.EDIT_ACCOUNTS,
        Permission.READ_NOTIFICATIONS,
    }
)
# What none ever may, whoever made it: what would let a leaked key stay, spread, spend
# or destroy; and what a person must have looked at.
FORBIDDEN_TO_KEYS = frozenset(
    {
        Permission.EDIT_ORGANIZATION,
        Permission.TRANSFER_ORGANIZATION,
        Permission.DELETE_ORGANIZATION,
        Permission.EXPORT_ORGANIZATION,
        Permission.EDIT_MEMBERS,
        Permission.EDIT_CREDENTIALS,
        Permission.READ_API_KEYS,
        Permission.EDIT_API_KEYS,
        Permission.EDIT_SERVICE_KEYS,
        Permission.RESOLVE_EXECUTIONS,
        Permission.EDIT_BILLING,
        Permission.EDIT_NOTIFICATIONS,
    }
)


def permissions_of(
    role: Role, scopes: Collection[str] | None = None
) -> frozenset[Permission]:
    """What a role may; of a key with `scopes`, no more than these and what keys may."""
    of_role = ROLE_PERMISSIONS[role]
    if scopes is None:
        return of_role
    return frozenset(one for one in of_role & OPEN_TO_KEYS if one in scopes)
