"""Registering and signing in over HTTP, as the tests of accounts need it."""

from typing import Any

from httpx import AsyncClient, Response

from tests.mailbox import Mail, Mailbox

ORIGIN = "http://127.0.0.1:8000"
CSRF = {"X-Cloudrota-CSRF": "1"}
PASSWORD = "a walk along the river"
COOKIE = "cloudrota_refresh"


def registration(email: str = "rita@example.com", **changes: Any) -> dict[str, Any]:
    return {
        "email": email,
        "password": PASSWORD,
        "name": "Rita",
        "organization_name": "Rita & Co",
        **changes,
    }


async def register(browser: AsyncClient, email: str = "rita@example.com") -> Any:
    answer = await browser.post("/api/v1/auth/register", json=registration(email))
    assert answer.status_code == 201, answer.text
    return answer.json()


async def login(
    browser: AsyncClient,
    email: str = "rita@example.com",
    password: str = PASSWORD,
    code: str | None = None,
) -> Response:
    wanted = {"email": email, "password": password}
    return await browser.post(
        "/api/v1/auth/login", json=wanted if code is None else wanted | {"code": code}
    )


async def refresh(browser: AsyncClient, token: str | None = None) -> Response:
    """With the browser's own cookie, or with `token` instead."""
    if token is not None:
        browser.cookies.clear()
        browser.cookies.set(COOKIE, token)
    return await browser.post("/api/v1/auth/refresh", headers=CSRF)


def set_cookie(answer: Response) -> str:
    """The refresh token that an answer sets."""
    return str(answer.cookies[COOKIE])


async def me(browser: AsyncClient, access_token: str) -> Response:
    headers = {"Authorization": f"Bearer {access_token}"}
    return await browser.get("/api/v1/auth/me", headers=headers)


def field_of(answer: Response) -> tuple[int, str, str]:
    """Status, pointer and code of the one field that an answer complains about."""
    (field,) = answer.json()["errors"]
    return answer.status_code, field["pointer"], field["code"]


async def mail_to(mailbox: Mailbox, address: str) -> Mail:
    return await mailbox.arrival(address, subject="Confirm your e-mail address")
