"""What the organization has subscribed to."""

from fastapi import Depends, status

from app.api.deps import (
    CurrentActor,
    DatabaseOfApp,
    DbSession,
    IdempotencyKey,
    SettingsOfApp,
    needs,
)
from app.api.router import Router
from app.core.permissions import Permission
from app.schemas.subscription import (
    CheckoutOrder,
    CheckoutRead,
    PortalRead,
    SubscriptionRead,
)
from app.services import checkout, subscriptions
from app.services.subscriptions import Overview

router = Router(prefix="/subscription", tags=["subscription"])

_PAY = [Depends(needs(Permission.EDIT_BILLING, fresh=True))]


@router.get(
    "",
    response_model=SubscriptionRead,
    dependencies=[Depends(needs(Permission.READ_ORGANIZATION))],
)
async def read_subscription(
    session: DbSession, actor: CurrentActor, settings: SettingsOfApp
) -> Overview:
    """The plan, what a banner should say, and whether a plan can be tried."""
    return await subscriptions.get(session, settings, actor)


@router.post("/checkout", status_code=status.HTTP_201_CREATED, dependencies=_PAY)
async def open_checkout(  # noqa: PLR0917 — a route's parameters are injected
    wanted: CheckoutOrder,
    session: DbSession,
    actor: CurrentActor,
    database: DatabaseOfApp,
    settings: SettingsOfApp,
    idempotency_key: IdempotencyKey = None,
) -> CheckoutRead:
    """A page of Stripe's on which the plan can be paid for. Pages that were opened
    before are closed. The plan is yours once Stripe has told us, seconds later."""
    return await checkout.open_checkout(
        session,
        actor,
        wanted,
        database=database,
        settings=settings,
        key=idempotency_key,
    )


@router.post("/portal", status_code=status.HTTP_201_CREATED, dependencies=_PAY)
async def open_portal(
    session: DbSession,
    actor: CurrentActor,
    settings: SettingsOfApp,
    idempotency_key: IdempotencyKey = None,
) -> PortalRead:
    """Stripe's page with the invoices, the cards and the plan, where the plan is also
    changed and cancelled."""
    return await checkout.open_portal(
        session, actor, settings=settings, key=idempotency_key
    )
