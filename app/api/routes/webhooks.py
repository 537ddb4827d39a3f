"""What outsiders call. Stripe's events are kept and answered at once; what they hint at
is fetched by a worker."""

from typing import Annotated

from fastapi import Depends, Header, Request, status

from app.api.deps import DatabaseOfApp, SettingsOfApp, limited
from app.api.router import Router
from app.core.errors import NotFound
from app.core.secret import Secret
from app.integrations.stripe import read_event
from app.services import stripe_events

router = Router(prefix="/webhooks", tags=["webhooks"])


@router.post(
    "/stripe", status_code=status.HTTP_204_NO_CONTENT, dependencies=[Depends(limited)]
)
async def receive_stripe_event(
    request: Request,
    database: DatabaseOfApp,
    settings: SettingsOfApp,
    stripe_signature: Annotated[str | None, Header(max_length=2048)] = None,
) -> None:
    """Keep a signed event of Stripe's. Without a signing secret in the settings there
    is no such route."""
    if not settings.stripe_webhook_secrets:
        raise NotFound
    secrets = [
        Secret(one.get_secret_value()) for one in settings.stripe_webhook_secrets
    ]
    notice = read_event(await request.body(), stripe_signature, secrets)
    await stripe_events.keep(database, settings, notice)
