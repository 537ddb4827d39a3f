"""The cookie that carries the refresh token, and the proof that a request which comes
with it comes from our own pages."""

from typing import Annotated

from fastapi import Depends, Header, Request, Response

from app.api.deps import SettingsOfApp
from app.core.errors import ForeignOrigin, Unauthenticated
from app.core.settings import Settings
from app.services.sessions import SignedIn

CSRF_HEADER = "X-Cloudrota-CSRF"


def _is_secure(settings: Settings) -> bool:
    """Always, but for http on one's own machine."""
    return not (settings.is_local and settings.public_url.startswith("http://"))


def name(settings: Settings) -> str:
    """A browser takes `__Host-` only if it is Secure, for this host alone."""
    bare = "cloudrota_refresh"
    return f"__Host-{bare}" if _is_secure(settings) else bare


def put(response: Response, settings: Settings, signed_in: SignedIn) -> None:
    response.set_cookie(
        name(settings),
        signed_in.refresh_token,
        max_age=signed_in.refresh_seconds,
        path="/",
        secure=_is_secure(settings),
        httponly=True,
        samesite="strict",
    )


def remove(response: Response, settings: Settings) -> None:
    response.delete_cookie(
        name(settings),
        path="/",
        secure=_is_secure(settings),
        httponly=True,
        samesite="strict",
    )


async def _read(request: Request, settings: SettingsOfApp) -> str:
    token = request.cookies.get(name(settings))
    if token is None:
        raise Unauthenticated("There is no refresh cookie: sign in.")
    return token


RefreshCookie = Annotated[str, Depends(_read)]


async def require_our_pages(
    settings: SettingsOfApp,
    csrf: Annotated[str | None, Header(alias=CSRF_HEADER, examples=["1"])] = None,
    origin: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> None:
    """A page of another site can make a browser send the cookie, but neither set
    this header without being asked first, nor hide its origin."""
    if csrf != "1":
        raise ForeignOrigin(f"Send the header {CSRF_HEADER}: 1.")
    if origin is not None and origin not in settings.origins:
        raise ForeignOrigin("Only our own pages may ask for this.")
