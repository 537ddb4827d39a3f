"""Who is asking: a person in one organization, with a role and perhaps a limit to
some account labels."""

from dataclasses import dataclass
from uuid import UUID

from app.core.errors import Forbidden
from app.core.permissions import ROLE_PERMISSIONS, Permission, Role


@dataclass(frozen=True, slots=True)
class Actor:
    """`label_scope` maps a label to its allowed values; None is no limit."""

    organization_id: UUID
    user_id: UUID
    session_id: UUID
    role: Role
    email_verified: bool = True
    label_scope: dict[str, list[str]] | None = None

    def may(self, permission: Permission) -> bool:
        return permission in ROLE_PERMISSIONS[self.role]

    def must(self, permission: Permission) -> None:
        if not self.may(permission):
            raise Forbidden(f"The role {self.role} lacks {permission}.")
