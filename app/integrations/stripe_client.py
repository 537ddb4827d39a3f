"""Stripe's API, at one version of it. Each question is asked once, in a thread, and its
answer is a small value or one of our errors; who may ask again decides when."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self, TypeVar

import stripe
from requests import Session

from app.core.errors import Invalid, NotConfigured, Unavailable
from app.core.secret import Secret
from app.core.settings import Settings
from app.core.stripe_key import is_live
from app.core.threads import Threads

# What its answers look like is fixed with it, whatever the account's default is.
VERSION = "2026-10-28.endive"
_TIMEOUTS = (5.0, 20.0)  # seconds: to connect, and between two bytes
_LONGEST = 300  # of what Stripe says
_threads = Threads(16)

Answer = TypeVar("Answer")


class StripeNotConfigured(NotConfigured):
    """No key of Stripe's in the settings: this deployment sells nothing."""

    code = "stripe-not-configured"
    title = "This deployment sells no subscriptions"


class StripeAway(Unavailable):
    """Stripe did not answer, was busy, or answered what cannot be read. What was asked
    for may have happened: ask again with the same idempotency key."""

    code = "stripe-away"
    title = "Stripe cannot be reached"


class StripeKeyRefused(Unavailable):
    """The key is wrong, was rolled, or may not do this."""

    code = "stripe-key-refused"
    title = "Stripe does not accept this deployment's key"


class StripeRefused(Invalid):
    """Stripe understood and said no. `reason` is its code, as `resource_missing`."""

    code = "stripe-refused"
    title = "Stripe refused this"

    def __init__(self, detail: str = "", *, reason: str | None = None) -> None:
        super().__init__(detail)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class StripeInvoice:
    """Amounts are in the currency's smallest unit, as Stripe gives them."""

    id: str
    status: str | None
    currency: str
    total: int
    tax: int
    amount_due: int


@dataclass(frozen=True, slots=True)
class StripeSubscription:
    """One subscription as Stripe tells it; `status` is its word, known to us or not.
    The period ends when that of its first item does."""

    id: str
    customer_id: str
    livemode: bool
    status: str
    price_ids: tuple[str, ...]
    created_at: datetime
    current_period_end: datetime | None
    cancel_at_period_end: bool
    cancel_at: datetime | None
    trial_start: datetime | None
    trial_end: datetime | None
    latest_invoice: StripeInvoice | None


class StripeClient:
    """Asks in the name of this deployment."""

    def __init__(self, key: Secret, *, livemode: bool, url: str | None = None) -> None:
        self._key = key
        self._url = url
        self.livemode = livemode

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Raises StripeNotConfigured."""
        key = settings.stripe_api_key
        if key is None:
            raise StripeNotConfigured("Its operator has set no STRIPE_API_KEY.")
        return cls(
            Secret(key.get_secret_value()),
            livemode=is_live(key),
            url=settings.stripe_api_url,
        )

    async def ask(self, question: Callable[[stripe.StripeClient], Answer]) -> Answer:
        """What `question` makes of Stripe's answer; it runs in a thread and returns
        plain values. No transaction may be open. Raises StripeAway, StripeKeyRefused,
        StripeRefused."""
        return await _threads.run(self._ask, question)

    def _ask(self, question: Callable[[stripe.StripeClient], Answer]) -> Answer:
        with Session() as session:
            session.trust_env = False  # no proxy, no password of the environment
            session.max_redirects = 0
            client = stripe.StripeClient(
                self._key.reveal(),
                stripe_version=VERSION,
                base_addresses={"api": self._url} if self._url else None,
                max_network_retries=0,
                http_client=stripe.RequestsClient(timeout=_TIMEOUTS, session=session),
            )
            try:
                return question(client)
            except stripe.StripeError as error:
                raise _fact(error) from error
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                raise StripeAway(f"Its answer cannot be read ({error!r}).") from error

    async def subscriptions_of(self, customer_id: str) -> list[StripeSubscription]:
        """All that the customer ever had, those that ended included."""
        return await self.ask(
            lambda client: [
                _subscription(one)
                for one in client.v1.subscriptions.list(
                    {
                        "customer": customer_id,
                        "status": "all",
                        "limit": 100,
                        "expand": ["data.latest_invoice"],
                    }
                ).auto_paging_iter()
            ]
        )


def _fact(error: stripe.StripeError) -> StripeAway | StripeKeyRefused | StripeRefused:
    message = " ".join((error.user_message or type(error).__name__).split())
    said = f"{message[:_LONGEST]} ({error.request_id})"
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        return StripeKeyRefused(said)
    if isinstance(error, stripe.InvalidRequestError | stripe.CardError):
        return StripeRefused(said, reason=error.code)
    if isinstance(error, stripe.IdempotencyError):
        return StripeRefused(said, reason="idempotency_key_in_use")
    return StripeAway(said)


def _subscription(one: stripe.Subscription) -> StripeSubscription:
    items = one["items"].data
    ends = [item.current_period_end for item in items]
    return StripeSubscription(
        id=one.id,
        customer_id=id_of(one.customer),
        livemode=one.livemode,
        status=one.status,
        price_ids=tuple(item.price.id for item in items),
        created_at=_instant(one.created),
        current_period_end=_maybe(min(ends, default=None)),
        cancel_at_period_end=one.cancel_at_period_end,
        cancel_at=_maybe(one.cancel_at),
        trial_start=_maybe(one.trial_start),
        trial_end=_maybe(one.trial_end),
        latest_invoice=_invoice(one.latest_invoice),
    )


def _invoice(one: Any) -> StripeInvoice | None:
    if one is None:
        return None
    return StripeInvoice(
        id=one.id,
        status=one.status,
        currency=one.currency,
        total=one.total,
        tax=sum(tax.amount for tax in one.total_taxes or ()),
        amount_due=one.amount_due,
    )


def id_of(said: Any) -> str:
    """Of an object, or the id that stands for it where it was not asked for."""
    found = said if isinstance(said, str) else said.id
    if not isinstance(found, str):
        raise TypeError("an id is a text")
    return found


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _maybe(seconds: int | None) -> datetime | None:
    return None if seconds is None else _instant(seconds)
