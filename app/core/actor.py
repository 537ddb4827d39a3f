"""Who is asking: a person in one organization, with a role and perhaps a limit to some
account labels; or an API key, which may less than whom it stands for."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app.core.errors import Forbidden, PersonNeeded, StepUpRequired
from app.core.permissions import OF_ALL_ACCOUNTS, Permission, Role, permissions_of


@dataclass(frozen=True, slots=True)
class Actor:
    """`label_scope` maps a label to its allowed values; None is no limit. `proof_age`
    is how long ago it last proved who it is, None if it never did. `must_enrol`: the
    organization asks for a second factor that it does not have. `is_read_only`: its
    subscription is, so that little may be changed (app/api/read_only.py).

    A person has a user and a session. A personal key has the user of its member, a
    service key has none; `role` is the member's, or the one that the service key was
    made under, and `scopes` are what it was made for.
    """

    organization_id: UUID
    user_id: UUID | None
    session_id: UUID | None
    role: Role
    email_verified: bool = True
    label_scope: dict[str, list[str]] | None = None
    proof_age: timedelta | None = None
    must_enrol: bool = False
    is_read_only: bool = False
    key_id: UUID | None = None
    scopes: frozenset[str] | None = None

    @property
    def permissions(self) -> frozenset[Permission]:
        given = permissions_of(self.role, self.scopes)
        return given if self.label_scope is None else given - OF_ALL_ACCOUNTS

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def must(self, permission: Permission) -> None:
        if self.may(permission):
            return
        whose = f"The role {self.role}" if self.key_id is None else "The API key"
        if permission in permissions_of(self.role, self.scopes):
            whose = "Who is limited to some accounts"
        raise Forbidden(f"{whose} lacks {permission}.", permission=permission)

    def must_have_proved(self, within: timedelta) -> None:
        if self.proof_age is None or self.proof_age > within:
            raise StepUpRequired("POST /auth/step-up, then ask again.")

    @property
    def person(self) -> UUID:
        """The user whose own affairs these are. Keys have none, not even personal ones:
        they raise PersonNeeded."""
        if self.key_id is not None or self.user_id is None:
            raise PersonNeeded("Sign in and do it yourself.")
        return self.user_id

    @property
    def signature(self) -> str:
        """How logs and events name who did it."""
        if self.key_id is not None:
            return f"key:{self.key_id}"
        return f"user:{self.user_id}"
