"""What Stripe sends us: webhooks, believed only with a fresh signature."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import stripe

from app.core.errors import Invalid
from app.core.secret import Secret

TOLERANCE_SECONDS = 300


class NotFromStripe(Invalid):
    """The signature is missing, wrong or old, or the body is no event."""

    code = "not-from-stripe"
    title = "This is no event signed by Stripe"


@dataclass(frozen=True, slots=True)
class Notice:
    """What an event is about. Only a hint: the object itself is fetched when it is
    looked at, so that late, repeated and reordered events do no harm. `account_id` is
    told of another account than that of the endpoint; `reference_id` is what a checkout
    was given for one."""

    id: str
    type: str
    livemode: bool
    object_id: str | None
    customer_id: str | None
    reference_id: str | None
    account_id: str | None
    happened_at: datetime


def read_event(body: bytes, signature: str | None, secrets: Sequence[Secret]) -> Notice:
    """The event in a webhook's raw body, if it was signed with one of `secrets` within
    the last 300 seconds; raises NotFromStripe."""
    failure: Exception | None = None
    for secret in secrets:
        try:
            event = stripe.Webhook.construct_event(
                body, signature, secret.reveal(), TOLERANCE_SECONDS
            )
        except (stripe.SignatureVerificationError, ValueError) as error:
            failure = error
        else:
            return _notice(event)
    raise NotFromStripe("Check the endpoint's signing secret.") from failure


def _notice(event: stripe.Event) -> Notice:
    about = event.data.object.to_dict()
    return Notice(
        id=event.id,
        type=event.type,
        livemode=event.livemode,
        object_id=about.get("id"),
        customer_id=_customer(about),
        reference_id=about.get("client_reference_id"),
        account_id=event.to_dict().get("account"),
        happened_at=datetime.fromtimestamp(event.created, UTC),
    )


def _customer(about: dict[str, object]) -> str | None:
    customer = about.get("id") if about.get("object") == "customer" else None
    found = customer or about.get("customer")
    return found if isinstance(found, str) else None
