"""What stays open to an organization whose subscription is read-only: one table. All
else that changes something is refused, and everything can be read."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request

from app.api.openapi import route_of
from app.core.errors import SubscriptionReadOnly

_SAFE = {"GET", "HEAD", "OPTIONS"}
_OWN = "one's own account and sessions, in whatever organization one is"
_SHOWN = "answers and changes nothing"
_LESS = "makes less of what must be paid for, or lets fewer in"
_LEAVING = "leaving and deleting"

# Routes that change something and stay open, and why.
STAYS_OPEN: Mapping[str, str] = {
    "POST /api/v1/auth/register": _OWN,
    "POST /api/v1/auth/login": _OWN,
    "POST /api/v1/auth/refresh": _OWN,
    "POST /api/v1/auth/switch": _OWN,
    "POST /api/v1/auth/logout": _OWN,
    "POST /api/v1/auth/logout-everywhere": _OWN,
    "DELETE /api/v1/auth/sessions/{id}": _OWN,
    "POST /api/v1/auth/verify-email": _OWN,
    "POST /api/v1/auth/forgot-password": _OWN,
    "POST /api/v1/auth/reset-password": _OWN,
    "POST /api/v1/auth/change-password": _OWN,
    "PATCH /api/v1/auth/me": _OWN,
    "POST /api/v1/auth/step-up": _OWN,
    "POST /api/v1/auth/mfa/totp": _OWN,
    "POST /api/v1/auth/mfa/totp/confirm": _OWN,
    "DELETE /api/v1/auth/mfa/totp": _OWN,
    "POST /api/v1/auth/mfa/recovery-codes": _OWN,
    "POST /api/v1/auth/organizations": "makes another one, with its own subscription",
    "POST /api/v1/auth/read-invitation": _SHOWN,
    "POST /api/v1/notification-rules/preview": _SHOWN,
    "POST /api/v1/policies/preview": _SHOWN,
    "POST /api/v1/schedules/preview": _SHOWN,
    "POST /api/v1/tasks/preview": _SHOWN,
    "POST /api/v1/executions/{id}/artifacts": "takes along what was found",
    "POST /api/v1/executions/{id}/cancel": _LESS,
    "DELETE /api/v1/api-keys/{id}": _LESS,
    "DELETE /api/v1/aws-credentials/{id}": _LESS,
    "DELETE /api/v1/invitations/{id}": _LESS,
    "DELETE /api/v1/members/{id}": _LESS,
    "DELETE /api/v1/notification-rules/{id}": _LESS,
    "DELETE /api/v1/notification-channels/{id}": _LESS,
    "DELETE /api/v1/tasks/{id}": _LESS,
    "DELETE /api/v1/webhook-endpoints/{id}": _LESS,
    "POST /api/v1/notification-channels/confirm": "whoever reads the address agrees",
    "POST /api/v1/auth/leave": _LEAVING,
    "POST /api/v1/auth/delete-account": _LEAVING,
    "POST /api/v1/organization/deletion": _LEAVING,
    "DELETE /api/v1/organization/deletion": _LEAVING,
    "POST /api/v1/organization/transfer": "an only owner cannot leave without, and"
    " another may pay",
    "POST /api/v1/subscription/checkout": "paying",
    "POST /api/v1/subscription/portal": "paying",
    "POST /api/v1/webhooks/stripe": "Stripe's, which says that it was paid for",
}
# Routes that stay open with exactly this body.
STAYS_OPEN_WITH: Mapping[str, Mapping[str, Any]] = {
    "PATCH /api/v1/tasks/{id}": {"enabled": False},
}


async def must_stay_open(request: Request) -> None:
    """Raises SubscriptionReadOnly unless the route only reads or is in the tables."""
    if request.method in _SAFE:
        return
    route = route_of(request)
    if route in STAYS_OPEN:
        return
    # A body that is there is JSON: app/api/strict_json.py was asked before.
    is_given = route in STAYS_OPEN_WITH and await request.body()
    if is_given and await request.json() == STAYS_OPEN_WITH[route]:
        return
    raise SubscriptionReadOnly(
        "Its payment is overdue. An owner or admin can settle it under /subscription;"
        " reading, exporting, disabling and deleting go on."
    )
