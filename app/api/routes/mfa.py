"""One's second factor: set up, confirmed, given up; and a fresh proof of identity."""

from fastapi import Depends, status

from app.api.deps import (
    Claims,
    CurrentActor,
    DatabaseOfApp,
    DbSession,
    GateOfVisitor,
    KeysOfApp,
    SettingsOfApp,
    limited,
    needs_fresh_proof,
)
from app.api.router import Router
from app.schemas.auth import (
    AuthenticatorEnrolment,
    FirstCode,
    MfaState,
    RecoveryCodes,
    StepUp,
)
from app.services import mfa, step_up
from app.services.mfa import Enrolment, State
from app.services.throttling import Act, attempt

router = Router(prefix="/auth", tags=["auth"])

_FRESH = [Depends(needs_fresh_proof), Depends(limited)]


@router.get("/mfa", response_model=MfaState)
async def show_mfa(session: DbSession, actor: CurrentActor) -> State:
    """Whether one has a second factor, and how many recovery codes are left."""
    return await mfa.describe(session, actor)


@router.post(
    "/mfa/totp",
    response_model=AuthenticatorEnrolment,
    status_code=status.HTTP_201_CREATED,
    dependencies=_FRESH,
)
async def enrol_authenticator(
    claims: Claims, database: DatabaseOfApp, keys: KeysOfApp
) -> Enrolment:
    """Make a secret for an authenticator app. Nothing changes before its first code is
    sent to `/auth/mfa/totp/confirm`."""
    return await mfa.enrol(database, keys, claims)


@router.post("/mfa/totp/confirm", response_model=RecoveryCodes, dependencies=_FRESH)
async def confirm_authenticator(
    first: FirstCode,
    claims: Claims,
    database: DatabaseOfApp,
    settings: SettingsOfApp,
    keys: KeysOfApp,
) -> dict[str, list[str]]:
    """Turn multi-factor sign-in on with the app's first code. The answer holds the
    recovery codes, this once."""
    codes = await mfa.confirm(database, settings, keys, claims, first.code)
    return {"recovery_codes": codes}


@router.delete("/mfa/totp", status_code=status.HTTP_204_NO_CONTENT, dependencies=_FRESH)
async def turn_off_mfa(
    session: DbSession, actor: CurrentActor, settings: SettingsOfApp
) -> None:
    """Turn multi-factor sign-in off; secret and recovery codes are deleted. A password
    of fewer than 12 characters must be replaced first."""
    await mfa.turn_off(session, settings, actor)


@router.post("/mfa/recovery-codes", response_model=RecoveryCodes, dependencies=_FRESH)
async def renew_recovery_codes(
    session: DbSession, actor: CurrentActor
) -> dict[str, list[str]]:
    """Ten new recovery codes, told this once. Those before no longer work."""
    return {"recovery_codes": await mfa.renew_recovery_codes(session, actor)}


@router.post("/step-up", status_code=status.HTTP_204_NO_CONTENT)
async def step_up_session(  # noqa: PLR0917 — a route's parameters are injected
    proof: StepUp,
    claims: Claims,
    database: DatabaseOfApp,
    settings: SettingsOfApp,
    keys: KeysOfApp,
    gate: GateOfVisitor,
) -> None:
    """Prove again who one is. Routes marked `x-step-up` ask for a proof that is not
    older than some minutes; signing in is one, refreshing is none."""
    async with attempt(gate, Act.STEP_UP, str(claims.user_id)):
        await step_up.prove(
            database, settings, keys, claims, password=proof.password, code=proof.code
        )
