"""Who is asking: a person in one organization, with a role and perhaps a limit to
some account labels."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app.core.errors import Forbidden, StepUpRequired
from app.core.permissions import (
    OF_ALL_ACCOUNTS,
    ROLE_PERMISSIONS,
    Permission,
    Role,
)


@dataclass(frozen=True, slots=True)
class Actor:
    """`label_scope` maps a label to its allowed values; None is no limit. `proof_age`
    is how long ago it last proved who it is, None if it never did. `must_enrol`: the
    organization asks for a second factor that it does not have."""

    organization_id: UUID
    user_id: UUID
    session_id: UUID
    role: Role
    email_verified: bool = True
    label_scope: dict[str, list[str]] | None = None
    proof_age: timedelta | None = None
    must_enrol: bool = False

    def may(self, permission: Permission) -> bool:
        if self.label_scope is not None and permission in OF_ALL_ACCOUNTS:
            return False
        return permission in ROLE_PERMISSIONS[self.role]

    def must(self, permission: Permission) -> None:
        if self.may(permission):
            return
        whose = f"The role {self.role}"
        if permission in ROLE_PERMISSIONS[self.role]:
            whose = "Who is limited to some accounts"
        raise Forbidden(f"{whose} lacks {permission}.", permission=permission)

    def must_have_proved(self, within: timedelta) -> None:
        if self.proof_age is None or self.proof_age > within:
            raise StepUpRequired("POST /auth/step-up, then ask again.")
