"""A person with an authenticator app, over HTTP."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from httpx import AsyncClient, Response
from pyotp import TOTP
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.models.audit import AuditEvent
from tests.api.signing import login, register

MoveClock = Callable[[str], Awaitable[None]]
STEP = 30
RITA = "rita@example.com"


@dataclass
class App:
    """Shows codes. Each `next()` is of the step after the last, for which the clock of
    the database is moved: a code works once."""

    secret: str
    move_clock: MoveClock
    steps: int = 0

    async def next(self) -> str:
        self.steps += 1
        await self.move_clock(f"{self.steps * STEP} seconds")
        return self.code()

    def code(self, *, late: int = 0) -> str:
        """Of the present step of the moved clock, or of one before it."""
        at = int(now().timestamp()) + (self.steps - late) * STEP
        return TOTP(self.secret).at(at)

    def wrong_code(self) -> str:
        """Of none of the steps around."""
        at = int(now().timestamp()) + self.steps * STEP
        right = {TOTP(self.secret).at(at + STEP * away) for away in range(-3, 4)}
        return next(f"{n:06}" for n in range(10) if f"{n:06}" not in right)


@dataclass
class Enrolled:
    """Rita, signed in with a second factor; `token` is of before it was on."""

    app: App
    browser: AsyncClient
    token: str
    recovery_codes: list[str]

    async def ask(self, method: str, path: str, body: Any = None) -> Response:
        return await ask(self.browser, self.token, method, path, body)


async def ask(
    browser: AsyncClient, token: str, method: str, path: str, body: Any = None
) -> Response:
    headers = {"Authorization": f"Bearer {token}"}
    return await browser.request(method, f"/api/v1{path}", json=body, headers=headers)


async def begin(browser: AsyncClient, token: str, move_clock: MoveClock) -> App:
    answer = await ask(browser, token, "POST", "/auth/mfa/totp")
    assert answer.status_code == 201, answer.text
    return App(answer.json()["secret"], move_clock)


async def confirm(browser: AsyncClient, token: str, code: str) -> Response:
    return await ask(browser, token, "POST", "/auth/mfa/totp/confirm", {"code": code})


async def enrol(browser: AsyncClient, move_clock: MoveClock) -> Enrolled:
    """Rita registers and turns it on."""
    await register(browser)
    token = (await login(browser)).json()["access_token"]
    app = await begin(browser, token, move_clock)
    answer = await confirm(browser, token, app.code())
    assert answer.status_code == 200, answer.text
    return Enrolled(app, browser, token, answer.json()["recovery_codes"])


def said(answer: Response) -> tuple[int, str]:
    """Status and code of a problem."""
    return answer.status_code, answer.json()["code"]


async def actions(owner: AsyncSession) -> list[str]:
    """What the audit log says about second factors, in order."""
    about = AuditEvent.action.startswith("mfa.")
    written = select(AuditEvent.action).where(about).order_by(AuditEvent.id)
    return list(await owner.scalars(written))
