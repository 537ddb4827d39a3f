"""Registering, signing in, staying signed in, and signing out."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response, status

from app.api import refresh_cookie
from app.api.deps import (
    AddressOfClient,
    Claims,
    CurrentActor,
    DatabaseOfApp,
    DbSession,
    GateOfVisitor,
    KeysOfApp,
    Page,
    SettingsOfApp,
    capped,
    limited,
    needs,
    needs_fresh_proof,
)
from app.api.downloads import WHOLE, BegunStream, whole
from app.api.etags import TAGGED, ETag, IfMatch
from app.api.refresh_cookie import RefreshCookie, require_our_pages
from app.api.router import Router
from app.core.origin import shortened
from app.core.permissions import Permission
from app.models.organization import Organization
from app.models.user import User
from app.schemas.auth import (
    AccessToken,
    AccountDeletion,
    EmailVerification,
    ForgottenPassword,
    Me,
    OrganizationChoice,
    OrganizationCreate,
    PasswordChange,
    PasswordReset,
    RefreshedToken,
    Registered,
    Registration,
    SessionRead,
    SignIn,
    UserRead,
    UserUpdate,
)
from app.schemas.base import PageOf
from app.schemas.members import InvitationAnswer, MailedInvitation, Offer
from app.schemas.organization import OrganizationRead
from app.services import (
    deletions,
    email_verification,
    joining,
    members,
    password_changes,
    person_export,
    registration,
    sessions,
    users,
)
from app.services import sign_in as signing_in
from app.services.paging import Slice
from app.services.rate_limits import Cap
from app.services.sessions import Access, Visitor
from app.services.throttling import Act, attempt
from app.services.users import Oneself

router = Router(prefix="/auth", tags=["auth"])


async def _visitor(request: Request, address: AddressOfClient) -> Visitor:
    """Shown to the user later."""
    return Visitor(address, shortened(request.headers.get("user-agent")))


VisitorOfRequest = Annotated[Visitor, Depends(_visitor)]


@router.post(
    "/register", response_model=Registered, status_code=status.HTTP_201_CREATED
)
async def register(  # noqa: PLR0917 — a route's parameters are injected
    wanted: Registration,
    response: Response,
    database: DatabaseOfApp,
    settings: SettingsOfApp,
    visitor: VisitorOfRequest,
    gate: GateOfVisitor,
) -> dict[str, object]:
    """Make a user and its organization. The address is verified by a mailed link;
    where no mail is configured, at once."""
    async with attempt(gate, Act.REGISTER, wanted.email):
        made = await registration.register(
            database, settings, visitor, **wanted.model_dump()
        )
    refresh_cookie.put(response, settings, made.signed_in)
    access = made.signed_in.access
    return {
        "user": made.user,
        "organization": made.organization,
        "access_token": access.access_token,
        "expires_in": access.expires_in,
    }


@router.post("/verify-email", status_code=status.HTTP_204_NO_CONTENT)
async def verify_email(
    mailed: EmailVerification, database: DatabaseOfApp, gate: GateOfVisitor
) -> None:
    """Use the token of a mailed link."""
    async with attempt(gate, Act.VERIFY_EMAIL):
        await email_verification.verify(database, mailed.token)


@router.post(
    "/forgot-password",
    status_code=status.HTTP_202_ACCEPTED,
    response_class=Response,
)
async def forgot_password(
    wanted: ForgottenPassword,
    database: DatabaseOfApp,
    settings: SettingsOfApp,
    gate: GateOfVisitor,
) -> Response:
    """Have a link mailed with which a new password can be set, if the address is a
    user's. The answer does not tell. One link works at a time, for half an hour."""
    async with attempt(gate, Act.FORGOT_PASSWORD, wanted.email):
        await password_changes.forget(database, settings, email=wanted.email)
    return Response(status_code=status.HTTP_202_ACCEPTED)


@router.post("/reset-password", status_code=status.HTTP_204_NO_CONTENT)
async def reset_password(
    wanted: PasswordReset,
    database: DatabaseOfApp,
    settings: SettingsOfApp,
    gate: GateOfVisitor,
) -> None:
    """Set a new password with the token of a mailed link. All sessions end."""
    async with attempt(gate, Act.RESET_PASSWORD):
        await password_changes.reset(
            database, settings, token=wanted.token, password=wanted.password
        )


@router.post(
    "/change-password",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=[Depends(needs_fresh_proof)],
)
async def change_password(
    wanted: PasswordChange,
    claims: Claims,
    database: DatabaseOfApp,
    settings: SettingsOfApp,
    gate: GateOfVisitor,
) -> None:
    """Set a new password, knowing the present one. All other sessions end."""
    async with attempt(gate, Act.CHANGE_PASSWORD, str(claims.user_id)):
        await password_changes.change(
            database,
            settings,
            claims,
            current=wanted.current_password,
            new=wanted.new_password,
        )


@router.get("/sessions", response_model=PageOf[SessionRead])
async def list_sessions(
    session: DbSession, settings: SettingsOfApp, actor: CurrentActor, page: Page
) -> Slice[Any]:
    """Where one is signed in, in any organization, newest first."""
    return await sessions.list_own(session, settings, actor, page)


@router.delete("/sessions/{id}", status_code=status.HTTP_204_NO_CONTENT)
async def end_session(
    id: UUID, session: DbSession, settings: SettingsOfApp, actor: CurrentActor
) -> None:
    """Sign out one of one's sessions; its access tokens are refused from now on."""
    await sessions.end_own(session, settings, actor, id)


@router.post(
    "/logout-everywhere",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=[Depends(limited)],
)
async def logout_everywhere(
    claims: Claims,
    response: Response,
    database: DatabaseOfApp,
    settings: SettingsOfApp,
) -> None:
    """End all of one's sessions, this one too."""
    await sessions.end_everywhere(database, claims)
    refresh_cookie.remove(response, settings)


@router.post("/login", response_model=AccessToken)
async def login(  # noqa: PLR0917 — a route's parameters are injected
    wanted: SignIn,
    response: Response,
    database: DatabaseOfApp,
    settings: SettingsOfApp,
    keys: KeysOfApp,
    visitor: VisitorOfRequest,
    gate: GateOfVisitor,
) -> Access:
    """Sign in; the refresh token is set as a cookie. Who has a second factor sends a
    code of it as well, and is answered `mfa-required` without one."""
    async with attempt(gate, Act.LOGIN, wanted.email):
        signed_in = await signing_in.sign_in(
            database, settings, keys, visitor, **wanted.model_dump()
        )
    refresh_cookie.put(response, settings, signed_in)
    return signed_in.access


@router.post(
    "/refresh",
    response_model=RefreshedToken,
    dependencies=[Depends(limited), Depends(require_our_pages)],
)
async def refresh(
    token: RefreshCookie,
    response: Response,
    database: DatabaseOfApp,
    settings: SettingsOfApp,
    choice: OrganizationChoice | None = None,
) -> Access:
    """A new access token for the refresh cookie, which is replaced. A tab that names
    its organization gets a token for that one, whatever another tab switched to."""
    signed_in = await sessions.refresh(
        database,
        settings,
        token,
        organization_id=choice.organization_id if choice else None,
    )
    refresh_cookie.put(response, settings, signed_in)
    return signed_in.access


@router.post(
    "/logout",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=[Depends(limited), Depends(require_our_pages)],
)
async def logout(
    token: RefreshCookie,
    response: Response,
    database: DatabaseOfApp,
    settings: SettingsOfApp,
) -> None:
    """End the session: its access tokens are refused from now on."""
    await sessions.end(database, settings, token)
    refresh_cookie.remove(response, settings)


@router.post("/switch", response_model=AccessToken, dependencies=[Depends(limited)])
async def switch(
    choice: OrganizationChoice,
    claims: Claims,
    database: DatabaseOfApp,
    settings: SettingsOfApp,
) -> Access:
    """An access token for another of one's organizations."""
    return await sessions.switch(database, settings, claims, choice.organization_id)


@router.post(
    "/organizations",
    response_model=OrganizationRead,
    status_code=status.HTTP_201_CREATED,
    dependencies=[Depends(limited)],
)
async def make_organization(
    wanted: OrganizationCreate,
    claims: Claims,
    database: DatabaseOfApp,
    settings: SettingsOfApp,
) -> Organization:
    """Make a further organization, which one owns. Switch to it to work there."""
    return await registration.found(database, settings, claims, name=wanted.name)


@router.post("/leave", status_code=status.HTTP_204_NO_CONTENT)
async def leave_organization(session: DbSession, actor: CurrentActor) -> None:
    """Leave the organization that one is in. Its last owner cannot."""
    await members.leave(session, actor.organization_id, actor.person)


@router.post(
    "/delete-account",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=[Depends(needs_fresh_proof), Depends(limited)],
)
async def delete_account(
    wanted: AccountDeletion,
    claims: Claims,
    response: Response,
    database: DatabaseOfApp,
    settings: SettingsOfApp,
) -> None:
    """Leave every organization, end every session, and have one's name, address and
    all else about oneself erased within a day. It cannot be undone."""
    await deletions.of_oneself(database, claims, email=wanted.email)
    refresh_cookie.remove(response, settings)


@router.post("/read-invitation", response_model=Offer)
async def read_invitation(
    mailed: MailedInvitation, database: DatabaseOfApp, gate: GateOfVisitor
) -> joining.Offer:
    """What the mailed link offers, and what accepting it needs."""
    async with attempt(gate, Act.ACCEPT_INVITATION):
        return await joining.look(database, mailed.token)


@router.post("/accept-invitation", status_code=status.HTTP_204_NO_CONTENT)
async def accept_invitation(
    answer: InvitationAnswer, database: DatabaseOfApp, gate: GateOfVisitor
) -> None:
    """Become a member, with a new account where the address has none. Sign in then."""
    async with attempt(gate, Act.ACCEPT_INVITATION):
        await joining.accept(database, answer)


@router.get(
    "/me",
    response_model=Me,
    dependencies=[Depends(needs(Permission.READ_ORGANIZATION))],
    responses=TAGGED,
)
async def me(session: DbSession, actor: CurrentActor, etag: ETag) -> Oneself:
    """Who is signed in, where, and what it may do there."""
    oneself = await users.describe_oneself(session, actor)
    etag(users.tag(oneself.user))
    return oneself


@router.patch("/me", response_model=UserRead, responses=TAGGED)
async def change_oneself(
    wanted: UserUpdate,
    session: DbSession,
    actor: CurrentActor,
    etag: ETag,
    if_match: IfMatch,
) -> User:
    """Change what one says of oneself, in whatever organization one is."""
    user = await users.change_oneself(session, actor, wanted, expected=if_match)
    etag(users.tag(user))
    return user


@router.get(
    "/me/export",
    dependencies=[Depends(needs_fresh_proof), Depends(capped(Cap.EXPORTS))],
    response_class=BegunStream,
    responses=WHOLE,
)
async def export_oneself(
    session: DbSession, actor: CurrentActor, database: DatabaseOfApp
) -> BegunStream:
    """All that is kept about oneself, as JSON; what is left out and why, it says."""
    await person_export.begin(session, actor)
    return whole(person_export.stream(database, actor), "person")
